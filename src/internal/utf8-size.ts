/** What a text takes in UTF-8; a lone surrogate counts as the replacement character, three bytes. */
export function utf8Size(text: string): number {
  // Node's own count makes no copy, and is three times as fast. A free `Buffer` would make some bundlers add theirs.
  const { Buffer } = globalThis as { readonly Buffer?: { byteLength(text: string): number } };
  return Buffer === undefined ? new TextEncoder().encode(text).length : Buffer.byteLength(text);
}
