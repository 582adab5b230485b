import type * as crypto from 'node:crypto';

/** `node:crypto`, which only a program that seals records needs. */
export type Crypto = typeof crypto;

type Key = crypto.KeyObject;

export type Mode = 'sign' | 'encrypt';

/** The mark with which a sealed record begins. */
export const MARKS: Readonly<Record<Mode, string>> = {
  sign: 'colloquy:s1',
  encrypt: 'colloquy:e1',
};

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What seals and opens records with one secret. */
export class SealingKey {
  readonly id: string;
  readonly #crypto: Crypto;
  readonly #signing: Key;
  readonly #encrypting: Key;

  constructor(crypto: Crypto, id: string, secret: string | Uint8Array) {
    /** A key for one mode only, so that no use of it reveals anything about the other key. */
    const derive = (mode: Mode): Key => {
      const derived = crypto.hkdfSync('sha256', secret, 'colloquy sealed', MARKS[mode], 32);
      return crypto.createSecretKey(new Uint8Array(derived));
    };
    this.id = id;
    this.#crypto = crypto;
    this.#signing = derive('sign');
    this.#encrypting = derive('encrypt');
  }

  /** The seal, and the text as it is. */
  sign(bound: Uint8Array, text: string): string {
    return `${this.#sealOf(bound, text).toString('base64url')}:${text}`;
  }

  /** The text, if the seal before it is right. */
  verify(bound: Uint8Array, sealedText: string): string | undefined {
    const end = sealedText.indexOf(':');
    if (end < 0) return undefined;
    const text = sealedText.slice(end + 1);
    const expected = this.#sealOf(bound, text);
    const found = bytesOf(sealedText.slice(0, end));
    const isRight =
      found?.length === expected.length && this.#crypto.timingSafeEqual(found, expected);
    return isRight ? text : undefined;
  }

  /** Nonce, ciphertext and tag. */
  encrypt(bound: Uint8Array, text: string): string {
    const { createCipheriv, randomBytes } = this.#crypto;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#encrypting, nonce, {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(bound);
    const content = [cipher.update(text, 'utf8'), cipher.final()];
    return Buffer.concat([nonce, ...content, cipher.getAuthTag()]).toString('base64url');
  }

  /** The text, if nothing was changed since it was sealed. */
  decrypt(bound: Uint8Array, sealedText: string): string | undefined {
    const bytes = bytesOf(sealedText);
    if (bytes === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const cipher = this.#crypto.createDecipheriv('aes-256-gcm', this.#encrypting, nonce, {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(bound);
    cipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const content = cipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([content, cipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  #sealOf(bound: Uint8Array, text: string): Buffer {
    const hmac = this.#crypto.createHmac('sha256', this.#signing);
    return hmac.update(bound).update('\n').update(text, 'utf8').digest();
  }
}

/** The bytes of a text, if it is the only way to write them: Node.js ignores characters that do not belong there. */
function bytesOf(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
