import { replaceShortNames } from './emoji.ts';

/**
 * How Slack writes text (https://docs.slack.dev/messaging/formatting-message-text): three characters as references, and
 * in angle brackets what it recognised, `<https://a.example|a.example>`, `<mailto:ann@a.example|ann@a.example>`, `<@U1>`.
 */

/** Slack cuts longer texts (https://api.slack.com/changelog/2018-04-truncating-really-long-messages). */
export const MAX_TEXT = 40_000;

/**
 * The text as its writer meant it: an address is an address again, an emoji is its character, and an answer that is bold
 * or code as a whole is the answer. Who is mentioned stays an id, `<@U1>`; what was struck out stays struck out, as it
 * was taken back.
 * @param emoji the characters of short names, as far as the message tells them
 */
export function fromMrkdwn(text: string, emoji: ReadonlyMap<string, string> = new Map()): string {
  const plain = withoutMarks(text).replace(/<([^<>\s][^<>]*)>/g, (whole, inner: string) => {
    const [target, label] = split(inner);
    if (target.startsWith('@')) return whole;
    if (target.startsWith('#')) return `#${label || target.slice(1)}`;
    if (target.startsWith('!'))
      return BROADCASTS.has(target) || !label ? `@${target.slice(1)}` : label;
    return label || target.replace(/^(?:mailto|tel):/, '');
  });
  // `&amp;` comes last, so that the ampersand that it stands for begins no other reference.
  return replaceShortNames(plain, emoji)
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** `<!here|here>` is how old clients write it. */
const BROADCASTS: ReadonlySet<string> = new Set(['!here', '!channel', '!everyone']);

/** As many marks as can be around one text: code, bold and italic. */
const MAX_MARKS = 3;

/** Without the marks of bold, italic and code, where they are around the whole text and nowhere in it. */
function withoutMarks(text: string): string {
  let said = text.trim();
  for (let count = 0; count < MAX_MARKS; count += 1) {
    const mark = ['```', '`', '*', '_'].find(
      (each) => said.startsWith(each) && said.endsWith(each) && said.length > 2 * each.length,
    );
    const inner = mark === undefined ? '' : said.slice(mark.length, -mark.length);
    if (mark === undefined || !isMarked(inner, mark)) break;
    said = inner.trim();
  }
  // What has no marks is left as it is, with the space around it.
  return said === text.trim() ? text : said;
}

/** Slack formats no text that begins or ends with white space, save in blocks of code. A `_` within a word is no mark. */
function isMarked(inner: string, mark: string): boolean {
  if (inner.trim() === '' || (mark !== '```' && inner.trim() !== inner)) return false;
  return mark === '_' ? !/(?<!\w)_|_(?!\w)/.test(inner) : !inner.includes(mark);
}

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
