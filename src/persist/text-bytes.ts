/** No UTF-8 text begins with this byte. UTF-16 follows it, which keeps half of a surrogate pair. */
const UTF16_FOLLOWS = 0xff;

/**
 * Any text as bytes, different texts as different bytes.
 * @param start the number of free bytes before them
 */
export function toBytes(text: string, start = 0): Buffer {
  if (text.isWellFormed()) {
    const bytes = Buffer.allocUnsafe(start + Buffer.byteLength(text, 'utf8'));
    bytes.write(text, start, 'utf8');
    return bytes;
  }
  const bytes = Buffer.allocUnsafe(start + 1 + text.length * 2);
  bytes[start] = UTF16_FOLLOWS;
  bytes.write(text, start + 1, 'utf16le');
  return bytes;
}

export function toText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer[0] === UTF16_FOLLOWS ? buffer.toString('utf16le', 1) : buffer.toString('utf8');
}
