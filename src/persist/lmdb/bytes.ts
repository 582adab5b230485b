export const NUMBER_BYTES = 8;

/** A number as bytes, whose order is that of the numbers. */
export function toOrderedBytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(NUMBER_BYTES);
  writeOrdered(bytes, value, 0);
  return bytes;
}

/** Writes the bytes of `toOrderedBytes` at `at`. */
export function writeOrdered(bytes: Buffer, value: number, at: number): void {
  // Adding 0 turns -0 into 0.
  bytes.writeDoubleBE(value + 0, at);
  turn(bytes, at, (bytes[at] ?? 0) < 0x80);
}

const scratch = Buffer.alloc(NUMBER_BYTES);

/** The number whose ordered bytes begin at `at`. */
export function fromOrderedBytes(bytes: Uint8Array, at = 0): number {
  for (let index = 0; index < NUMBER_BYTES; index += 1) scratch[index] = bytes[at + index] ?? 0;
  turn(scratch, 0, (scratch[0] ?? 0) >= 0x80);
  return scratch.readDoubleBE();
}

/** The bits of IEEE 754 are in the order of the numbers if the sign of positive ones, and all bits of negative ones, are turned. */
function turn(bytes: Buffer, at: number, isPositive: boolean): void {
  const end = isPositive ? at + 1 : at + NUMBER_BYTES;
  const mask = isPositive ? 0x80 : 0xff;
  for (let index = at; index < end; index += 1) bytes[index] = (bytes[index] ?? 0) ^ mask;
}
