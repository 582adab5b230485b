/**
 * Text without what XML 1.0 cannot hold, neither raw nor as a reference: control characters, U+FFFE, U+FFFF and halves
 * of surrogate pairs.
 */
export function removeIllegalCharacters(text: string): string {
  return text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '');
}
