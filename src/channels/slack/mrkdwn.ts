/**
 * How Slack writes text (https://docs.slack.dev/messaging/formatting-message-text): three characters as references, and
 * in angle brackets what it recognised, `<https://a.example|a.example>`, `<mailto:ann@a.example|ann@a.example>`, `<@U1>`.
 */

/** The text as its writer typed it: an address is an address again. Who is mentioned stays an id, `<@U1>`. */
export function fromMrkdwn(text: string): string {
  return text
    .replace(/<([^<>\s][^<>]*)>/g, (whole, inner: string) => {
      const [target, label] = split(inner);
      if (target.startsWith('@')) return whole;
      if (target.startsWith('#')) return `#${label || target.slice(1)}`;
      if (target.startsWith('!')) return label || `@${target.slice(1)}`;
      return label || target.replace(/^(?:mailto|tel):/, '');
    })
    .replace(/&(lt|gt|amp);/g, (whole, name: string) => NAMED[name] ?? whole);
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&' };

function split(inner: string): readonly [string, string?] {
  const at = inner.indexOf('|');
  return at === -1 ? [inner] : [inner.slice(0, at), inner.slice(at + 1)];
}

/** Text that Slack shows as it is: nothing in it is a link or mentions anybody. */
export function toMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A link. An address cannot hold what would end it. */
export function toLink(url: string, label: string): string {
  const target = url.replace(/[<>|\s]/g, encodeURIComponent);
  return `<${toMrkdwn(target)}|${toMrkdwn(label).replaceAll('|', '¦').replaceAll('\n', ' ')}>`;
}
