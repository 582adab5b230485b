/** A line of a report, and what it is to its reader: a terminal may show that by a colour. */
export interface StyledLine {
  readonly text: string;
  /** `good` and `bad` news, what is `said` to be done or looked at, and what is `quiet`, beside the matter. */
  readonly style?: 'good' | 'bad' | 'said' | 'quiet';
}

export function plainText(lines: readonly StyledLine[]): string {
  return lines.map(({ text }) => text).join('\n');
}
