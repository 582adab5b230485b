import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { UsageError } from '../../errors.ts';
import type { Secret } from './signature.ts';

/** Encrypts and decrypts the payloads of WeChat and WeCom. */
export interface Cipher {
  /** The payload, or undefined where it was not made for us with one of our keys, or was changed on its way. */
  open(encrypted: string): Uint8Array | undefined;
  seal(payload: string | Uint8Array): string;
}

export interface CipherOptions {
  /** 43 characters of base64 each. The first encrypts; the others still decrypt while keys rotate. */
  readonly keys: Secret | undefined;
  /** The receiver of payloads: the AppID, or for WeCom the CorpID. */
  readonly receiveId: string;
  /** Gives a number of random bytes. */
  readonly random?: ((bytes: number) => Uint8Array) | undefined;
}

const ALGORITHM = 'aes-256-cbc';
const IV_BYTES = 16;
const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;
/** Of the padding; AES itself would pad to 16, which is why `setAutoPadding` is of no use here. */
const BLOCK_BYTES = 32;
const KEY = /^[A-Za-z0-9+/]{43}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * AES-256-CBC over random(16) + length(4) + payload + receiver, padded by PKCS#7 to 32 bytes; the IV is the start of the
 * key (https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/message_push.html).
 * The signature of what is opened has to be verified before.
 * @throws UsageError `bad_key`
 */
export function createCipher({ keys, receiveId, random = randomBytes }: CipherOptions): Cipher {
  const [first, ...others] = [keys ?? []].flat().map(decodeKey);
  if (first === undefined) throw badKey();
  const receiver = Buffer.from(receiveId);
  return {
    open(encrypted) {
      if (!BASE64.test(encrypted)) return undefined;
      const bytes = Buffer.from(encrypted, 'base64');
      if (bytes.length % BLOCK_BYTES !== 0) return undefined;
      for (const key of [first, ...others]) {
        const payload = payloadOf(decrypt(key, bytes), receiver);
        if (payload !== undefined) return payload;
      }
      return undefined;
    },
    seal(payload) {
      const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(bytes.length);
      const content = Buffer.concat([random(RANDOM_BYTES), length, bytes, receiver]);
      const padding = BLOCK_BYTES - (content.length % BLOCK_BYTES);
      const cipher = createCipheriv(ALGORITHM, first, first.subarray(0, IV_BYTES));
      cipher.setAutoPadding(false);
      const parts = [cipher.update(content), cipher.update(Buffer.alloc(padding, padding))];
      return Buffer.concat([...parts, cipher.final()]).toString('base64');
    },
  };
}

function decodeKey(key: string): Buffer {
  if (typeof key !== 'string' || !KEY.test(key)) throw badKey();
  // Not strict: the last character of real keys carries bits beyond the 32 bytes.
  return Buffer.from(`${key}=`, 'base64');
}

function decrypt(key: Buffer, bytes: Buffer): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, key.subarray(0, IV_BYTES));
  decipher.setAutoPadding(false);
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}

function payloadOf(content: Buffer, receiver: Buffer): Uint8Array | undefined {
  const padding = content.at(-1) ?? 0;
  if (padding < 1 || padding > BLOCK_BYTES) return undefined;
  const end = content.length - padding;
  if (!content.subarray(end).every((byte) => byte === padding)) return undefined;
  const start = RANDOM_BYTES + LENGTH_BYTES;
  if (end < start) return undefined;
  const length = content.readUInt32BE(RANDOM_BYTES);
  if (start + length > end) return undefined;
  if (!content.subarray(start + length, end).equals(receiver)) return undefined;
  return content.subarray(start, start + length);
}

function badKey(): UsageError {
  return new UsageError(
    'bad_key',
    "An encodingAESKey is the EncodingAESKey of the message push settings: 43 characters out of A-Z, a-z, 0-9, '+' and '/'.",
  );
}
