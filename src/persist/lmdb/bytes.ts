/** No UTF-8 text begins with it: what follows is UTF-16, which keeps half of a surrogate pair as it is. */
const UTF16_FOLLOWS = 0xff;

/** Any text as bytes, different texts as different bytes. */
export function toBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.of(UTF16_FOLLOWS), Buffer.from(text, 'utf16le')]);
}

export function toText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer[0] === UTF16_FOLLOWS ? buffer.toString('utf16le', 1) : buffer.toString('utf8');
}

export const NUMBER_BYTES = 8;

/** A number as bytes that stand in the order of the numbers. */
export function toOrderedBytes(value: number): Buffer {
  const bytes = Buffer.alloc(NUMBER_BYTES);
  // Adding 0 makes one of the two zeros.
  bytes.writeDoubleBE(value + 0);
  turn(bytes, (bytes[0] ?? 0) < 0x80);
  return bytes;
}

/** The number that `bytes` begin with. */
export function fromOrderedBytes(bytes: Uint8Array): number {
  const copy = Buffer.from(bytes.subarray(0, NUMBER_BYTES));
  turn(copy, (copy[0] ?? 0) >= 0x80);
  return copy.readDoubleBE();
}

/** IEEE 754 orders positive numbers by their bits once the sign is turned, negative ones once all of them are. */
function turn(bytes: Buffer, isPositive: boolean): void {
  if (isPositive) bytes[0] = (bytes[0] ?? 0) ^ 0x80;
  else for (let at = 0; at < bytes.length; at += 1) bytes[at] = ~(bytes[at] ?? 0);
}
