/** A line of a page, and whether it stands in a fenced block. */
export interface MarkdownLine {
  readonly text: string;
  readonly isCode: boolean;
}

/** The lines of a page; the fences belong to their block. */
export function linesOf(text: string): readonly MarkdownLine[] {
  let fence: string | undefined;
  return text.split('\n').map((line) => {
    const [mark] = /^`{3,}/u.exec(line) ?? [];
    if (fence === undefined) {
      fence = mark;
      return { text: line, isCode: mark !== undefined };
    }
    if (mark !== undefined && mark.length >= fence.length) fence = undefined;
    return { text: line, isCode: true };
  });
}

/** Gives each link and image of the prose another address. Code is left alone, between backticks too. */
export function withLinks(text: string, rewrite: (link: string) => string): string {
  return linesOf(text)
    .map(({ text: line, isCode }) =>
      isCode
        ? line
        : line.replaceAll(/(`[^`]*`)|\]\(([^)\s]+)\)/gu, (whole, _code: unknown, link: unknown) =>
            typeof link === 'string' ? `](${rewrite(link)})` : whole,
          ),
    )
    .join('\n');
}

/** A block that holds any text: its fence is longer than all fences in it. */
export function blockOf(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/gu)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

/** The heading of a page, without its formatting. */
export function titleOf(text: string): string {
  const line = linesOf(text).find((each) => !each.isCode && each.text.startsWith('# '));
  return plain(line?.text.slice(2) ?? '');
}

/** A text without the marks of Markdown. */
export function plain(text: string): string {
  return text
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, '$1')
    .replaceAll(/[`*]/gu, '')
    .replaceAll(/(?<!\w)_|_(?!\w)/gu, '')
    .trim();
}
