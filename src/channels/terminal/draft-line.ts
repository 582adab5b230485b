import { type Paint, printable } from './paint.ts';

/** A terminal that does not say how wide it is. */
const COLUMNS = 80;
const GRAPHEMES = /* @__PURE__ */ new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const FROM_THE_START = '\r\u001b[K';

/** The last line of a screen, on which a draft is written over the one before it. */
export class DraftLine {
  readonly #output: NodeJS.WritableStream & { readonly columns?: number };
  readonly #paint: Paint;
  #isShown = false;

  constructor(output: NodeJS.WritableStream, paint: Paint) {
    this.#output = output;
    this.#paint = paint;
  }

  /** Shows as much of the end of a text as fits into the line; of an empty one, nothing. */
  show(text: string): void {
    this.clear();
    if (text.trim() === '') return;
    const { columns = COLUMNS } = this.#output;
    // A line that is written to its last column is followed by another one.
    const end = endOf(printable(text.replace(/\s+/gu, ' ').trim()), columns - 3);
    this.#output.write(this.#paint('quiet', `< ${end}`));
    this.#isShown = true;
  }

  /** Takes it off, before something else is printed. */
  clear(): void {
    if (this.#isShown) this.#output.write(FROM_THE_START);
    this.#isShown = false;
  }
}

/** The end of a text in a number of columns, with a sign where its beginning is left out. */
function endOf(text: string, columns: number): string {
  const characters = Array.from(GRAPHEMES.segment(text), ({ segment }) => segment);
  let width = 0;
  let from = characters.length;
  while (from > 0) {
    width += widthOf(characters[from - 1] ?? '');
    if (width > columns - 1) break;
    from -= 1;
  }
  return from === 0 ? text : `…${characters.slice(from).join('')}`;
}

/** Chinese characters and emoji take two columns. What is wider than it is taken for would break the line. */
function widthOf(character: string): number {
  return (character.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1;
}
