const PLAIN = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD]*$/;

/**
 * Text without what XML 1.0 cannot hold, neither raw nor as a reference: control characters, U+FFFE, U+FFFF and halves
 * of surrogate pairs.
 */
export function removeIllegalCharacters(text: string): string {
  // Nearly every text is without any of them, and without the surrogate pairs that take a closer look.
  if (PLAIN.test(text)) return text;
  return text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '');
}
