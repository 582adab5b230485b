/** The few styles of a terminal that everybody has (ECMA-48, SGR). */
const STYLES = { said: '36', quiet: '2', bad: '31', good: '32' } as const;

export type Paint = (style: keyof typeof STYLES, text: string) => string;

export const unpainted: Paint = (_style, text) => text;

export const colored: Paint = (style, text) => `\u001b[${STYLES[style]}m${text}\u001b[0m`;

/**
 * What a reply may put on a screen: everything but control characters, with which a text could move the cursor, change
 * the window's title or write to the clipboard.
 */
export function printable(text: string): string {
  // oxlint-disable-next-line eslint/no-control-regex -- these are the ones
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}
