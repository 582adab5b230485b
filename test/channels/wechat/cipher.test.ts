import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cipher, createCipher } from '../../../src/channels/wechat/cipher.ts';
import { isPayloadSigned, signValues } from '../../../src/channels/wechat/signature.ts';
import { ColloquyError } from '../../../src/errors.ts';
import { vector } from '../vectors.ts';

const KEY = 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C';
const OTHER_KEY = 'A'.repeat(43);
const cipherOf = (...keys: string[]): Cipher => createCipher({ keys, receiveId: 'wx1' });
const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes).toString();

describe('the published vectors', () => {
  test.each(['A3', 'A5', 'C1', 'C2'])('%s opens', (id) => {
    const {
      token,
      timestamp,
      nonce,
      msg_signature,
      encrypt,
      plaintext,
      encodingAESKey,
      receiveId,
    } = vector(id);
    const query = new URLSearchParams({ timestamp, nonce, msg_signature });
    expect(isPayloadSigned(query, ['other', token], encrypt)).toBe(true);
    expect(isPayloadSigned(query, ['other'], encrypt)).toBe(false);
    const cipher = createCipher({ keys: [encodingAESKey], receiveId });
    expect(text(cipher.open(encrypt))).toBe(plaintext);
  });

  test.each(['A3', 'A4', 'A5', 'A6', 'C1', 'C2'])('%s is sealed byte for byte', (id) => {
    const { random, encodingAESKey, receiveId, plaintext, encrypt } = vector(id);
    const cipher = createCipher({
      keys: [encodingAESKey],
      receiveId,
      random: (bytes) => {
        expect(bytes).toBe(16);
        return Buffer.from(random);
      },
    });
    expect(cipher.seal(plaintext)).toBe(encrypt);
  });

  test.each(['A4', 'A6', 'E1'])('%s is signed', (id) => {
    const { token, timestamp, nonce, encrypt, msg_signature } = vector(id);
    expect(signValues([token, timestamp, nonce, encrypt])).toBe(msg_signature);
  });
});

/** Encrypts anything as if it were padded already. */
function encryptRaw(content: Buffer): string {
  const key = Buffer.from(`${KEY}=`, 'base64');
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(content), cipher.final()]).toString('base64');
}

interface Spoilt {
  readonly length?: number;
  readonly receiver?: string;
  readonly padding?: (bytes: number) => Buffer;
}

function content({
  length,
  receiver = 'wx1',
  padding = (n) => Buffer.alloc(n, n),
}: Spoilt): Buffer {
  const payload = Buffer.from('hi');
  const head = Buffer.alloc(20, 7);
  head.writeUInt32BE(length ?? payload.length, 16);
  const bytes = Buffer.concat([head, payload, Buffer.from(receiver)]);
  return Buffer.concat([bytes, padding(32 - (bytes.length % 32))]);
}

describe('what is not made for us as it has to be does not open', () => {
  const cipher = cipherOf(KEY);
  const good = encryptRaw(content({}));

  test('what is, does', () => {
    expect(text(cipher.open(good))).toBe('hi');
    // A whole block of padding, which a clamp at 16 would lose.
    expect(text(cipher.open(encryptRaw(content({ receiver: 'wx1' }))))).toBe('hi');
    const full = createCipher({ keys: [KEY], receiveId: 'x'.repeat(10) });
    expect(text(full.open(encryptRaw(content({ receiver: 'x'.repeat(10) }))))).toBe('hi');
  });

  test.each<[string, Spoilt]>([
    ['padding of 0', { padding: (n) => Buffer.alloc(n) }],
    ['padding of 33', { padding: (n) => Buffer.alloc(n, 33) }],
    ['padding of 255', { padding: (n) => Buffer.alloc(n, 255) }],
    ['padding that differs', { padding: (n) => Buffer.alloc(n, n).fill(9, 0, 1) }],
    ['padding to 16', { padding: (n) => Buffer.alloc(n > 16 ? n - 16 : n + 16, n) }],
    ['a length beyond its end', { length: 1000 }],
    ['a length of four billion', { length: 0xffffffff }],
    ['a length that reaches into the receiver', { length: 3 }],
    ['a length that leaves something before the receiver', { length: 1 }],
    ['another receiver', { receiver: 'wx2' }],
    ['a longer receiver', { receiver: 'wx12' }],
    ['no receiver', { receiver: '' }],
  ])('with %s', (_, spoilt) => {
    expect(cipher.open(encryptRaw(content(spoilt)))).toBeUndefined();
  });

  test.each([
    ['nothing', ''],
    ['what is no base64', `${good.slice(0, -4)}!!!!`],
    ['base64 of the web', good.replaceAll('+', '-').replaceAll('/', '_').replace(/^./, '-')],
    ['half a block', encryptRaw(Buffer.alloc(48, 16))],
    ['bytes that are no blocks', Buffer.alloc(33).toString('base64')],
    ['one block of padding', encryptRaw(Buffer.alloc(32, 32))],
    ['white space before it', ` ${good}`],
  ])('as %s', (_, encrypted) => {
    expect(cipher.open(encrypted)).toBeUndefined();
  });

  test('with another key', () => {
    expect(cipherOf(OTHER_KEY).open(good)).toBeUndefined();
  });

  test('a change of any byte of it, except the random bytes before it', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const bytes = Buffer.from(good, 'base64');
        const at = position % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        // It never throws; what it opens is signed, or is not asked for.
        cipher.open(bytes.toString('base64'));
      }),
      { numRuns: 500 },
    );
  });
});

test('what one seals, the other opens, of any length', () => {
  const cipher = cipherOf(KEY);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (value) => {
      expect(text(cipher.open(cipher.seal(value)))).toBe(value);
      expect(Buffer.from(cipher.seal(value), 'base64').length % 32).toBe(0);
    }),
  );
});

test('while keys change, the first encrypts and all decrypt', () => {
  const both = cipherOf(OTHER_KEY, KEY);
  expect(text(both.open(cipherOf(KEY).seal('old')))).toBe('old');
  expect(text(cipherOf(OTHER_KEY).open(both.seal('new')))).toBe('new');
});

test.each([[], [''], ['A'.repeat(42)], [`${'A'.repeat(42)}-`], [`${'A'.repeat(43)}=`]])(
  'a key that is none is refused: %j',
  (...keys) => {
    expect(() => createCipher({ keys, receiveId: 'x' })).toThrow(
      expect.toSatisfy((error) => ColloquyError.is(error, 'bad_key')) as Error,
    );
  },
);
