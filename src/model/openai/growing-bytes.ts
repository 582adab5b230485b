const FIRST_CAPACITY = 4096;

/**
 * Bytes that come in parts, in one buffer. A list of the parts would take a hundred times their size where each is one byte
 * long.
 */
export class GrowingBytes {
  #buffer: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  #length = 0;

  add(part: Uint8Array): void {
    const length = this.#length + part.byteLength;
    if (length > this.#buffer.byteLength) {
      const grown = new Uint8Array(Math.max(length, this.#buffer.byteLength * 2));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(part, this.#length);
    this.#length = length;
  }

  /** What has come so far, as text, which leaves the buffer empty. */
  take(): string {
    const text = new TextDecoder().decode(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return text;
  }
}
