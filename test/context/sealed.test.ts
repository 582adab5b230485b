import { type Codec, type SealKey, jsonCodec, sealed } from 'colloquy';
import fc from 'fast-check';
import { createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createDisk, memory } from '../../src/persist/memory.ts';
import { plainData } from './arbitrary.ts';
import { isSame } from './same.ts';
import { createBench, hearCodes, put, read } from './support.ts';

const ann = { openid: 'ann' };
const key = (id: string, fill = id): SealKey => ({ id, secret: fill.padEnd(32, '.') });
const one = [key('k1')];
const modes = [{ mode: 'sign' }, { mode: 'encrypt' }] as const;

/** The reason why a body does not open; undefined if it opens. */
function reasonOf(codec: Codec, body: string, openid = 'ann'): unknown {
  try {
    codec.decode(body, { openid });
    return undefined;
  } catch (error) {
    const { code, details } = error as { code: unknown; details: { reason: unknown } };
    expect(code).toBe('corrupt');
    expect(String((error as Error).stack)).not.toMatch(/secret|k1\.\./u);
    return details.reason;
  }
}

describe.each(modes)('a record that is sealed to $mode', ({ mode }) => {
  const codec = sealed(jsonCodec, { keys: one, mode });

  it('opens for its user with all its data', () => {
    fc.assert(
      fc.property(plainData, fc.string({ minLength: 1 }), (data, openid) => {
        const opened = codec.decode(codec.encode(data, { openid }), { openid });
        expect(isSame(opened, data)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('does not open for another user, not even one whose name is the same in UTF-8', () => {
    expect(reasonOf(codec, codec.encode(1, ann), 'bob')).toBe('bad_seal');
    const lone = codec.encode(1, { openid: '\ud800' });
    expect(reasonOf(codec, lone, '\ufffd')).toBe('bad_seal');
    expect(codec.decode(lone, { openid: '\ud800' })).toBe(1);
  });

  it('does not open if any character of it was changed, removed or inserted', () => {
    const body = codec.encode({ secret: 'a' }, ann);
    for (let place = 0; place < body.length; place += 1) {
      const other = body[place] === 'A' ? 'B' : 'A';
      for (const middle of ['', other, `${other}${body[place]}`]) {
        const changed = body.slice(0, place) + middle + body.slice(place + 1);
        if (changed === body) continue;
        expect(reasonOf(codec, changed)).toMatch(/^(?:bad_seal|unknown_key|unsealed)$/u);
      }
    }
    expect(reasonOf(codec, `${body}A`)).toBe('bad_seal');
    expect(reasonOf(codec, `${body}\n`)).toBe('bad_seal');
  });

  it('opens with any of the keys, and the first key seals it', () => {
    const rotated = sealed(jsonCodec, { keys: [key('k2'), ...one], mode });
    expect(rotated.decode(codec.encode(1, ann), ann)).toBe(1);
    expect(reasonOf(codec, rotated.encode(1, ann))).toBe('unknown_key');
  });

  it('does not open with another secret under the same name', () => {
    const other = sealed(jsonCodec, { keys: [key('k1', 'other')], mode });
    expect(reasonOf(other, codec.encode(1, ann))).toBe('bad_seal');
  });

  it('also opens in the other mode, so that the mode can change', () => {
    for (const each of modes) {
      expect(sealed(jsonCodec, { keys: one, ...each }).decode(codec.encode(1, ann), ann)).toBe(1);
    }
  });

  it('is required: a record without a seal opens only with the option', () => {
    const plain = jsonCodec.encode({ a: 1 });
    expect(reasonOf(codec, plain)).toBe('unsealed');
    const lenient = sealed(jsonCodec, { keys: one, mode, acceptUnsealed: true });
    expect(lenient.decode(plain, ann)).toEqual({ a: 1 });
    expect(reasonOf(lenient, lenient.encode(1, ann), 'bob')).toBe('bad_seal');
  });

  it.each([
    'colloquy:s1:k1:',
    'colloquy:s1:k1::',
    'colloquy:s1:k1:AAAA:x',
    'colloquy:e1:k1:',
    'colloquy:e1:k1:AAAA',
    `colloquy:e1:k1:${'A'.repeat(38)}`,
  ])('does not open when it is %s', (body) => {
    expect(reasonOf(codec, body)).toBe('bad_seal');
  });

  it('accepts secrets as bytes', () => {
    const secret = randomBytes(32);
    const bytes = sealed(jsonCodec, { keys: [{ id: 'b', secret }], mode });
    expect(bytes.decode(bytes.encode({ a: -0 }, ann), ann)).toStrictEqual({ a: -0 });
  });
});

describe('a seal, checked by hand', () => {
  const derived = (info: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', 'k1'.padEnd(32, '.'), 'colloquy sealed', info, 32));

  it('that signs is an HMAC over its user and the text, which stays readable', () => {
    const body = sealed(jsonCodec, { keys: one, mode: 'sign' }).encode({ a: 1 }, ann);
    const mac = createHmac('sha256', derived('colloquy:s1'))
      .update('["colloquy:s1:k1:","ann"]\n{"a":1}')
      .digest('base64url');
    expect(body).toBe(`colloquy:s1:k1:${mac}:{"a":1}`);
  });

  it('that encrypts is AES-256-GCM with a new nonce each time', () => {
    const codec = sealed(jsonCodec, { keys: one, mode: 'encrypt' });
    const body = codec.encode({ a: 1 }, ann);
    const head = 'colloquy:e1:k1:';
    expect(body.startsWith(head)).toBe(true);
    const bytes = Buffer.from(body.slice(head.length), 'base64url');
    const cipher = createDecipheriv('aes-256-gcm', derived('colloquy:e1'), bytes.subarray(0, 12));
    cipher.setAAD(Buffer.from('["colloquy:e1:k1:","ann"]')).setAuthTag(bytes.subarray(-16));
    const text = cipher.update(bytes.subarray(12, -16), undefined, 'utf8') + cipher.final('utf8');
    expect(text).toBe('{"a":1}');
    const nonces = Array.from({ length: 100 }, () => codec.encode(1, ann).slice(head.length, 31));
    expect(new Set(nonces).size).toBe(100);
  });
});

describe('the options of a seal', () => {
  it.each<[what: string, options: object]>([
    ['no keys', { keys: [], mode: 'sign' }],
    ['keys that are no list', { keys: key('a'), mode: 'sign' }],
    ['a key twice', { keys: [key('a'), key('a', 'b')], mode: 'sign' }],
    ['a short secret', { keys: [{ id: 'a', secret: 'secret' }], mode: 'sign' }],
    ['too few bytes', { keys: [{ id: 'a', secret: new Uint8Array(31) }], mode: 'encrypt' }],
    ['no secret', { keys: [{ id: 'a' }], mode: 'encrypt' }],
    ['an id with a colon', { keys: [{ ...key('a'), id: 'a:b' }], mode: 'sign' }],
    ['no id', { keys: [{ secret: 'x'.repeat(32) }], mode: 'sign' }],
    ['another mode', { keys: one, mode: 'none' }],
  ])('are refused with %s, and the error does not quote the secret', (_what, options) => {
    let thrown: unknown;
    try {
      sealed(jsonCodec, options as never);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'UsageError', code: 'bad_option' });
    expect(String(thrown)).not.toMatch(/xxx|\.\.\.\.|secret'/u);
  });
});

describe('a store of sealed records', () => {
  const open = (
    disk: ReturnType<typeof createDisk>,
    codec: Codec,
  ): ReturnType<typeof createBench> & { codes: unknown[] } => {
    const bench = createBench({ persister: memory(disk), codec });
    return { ...bench, codes: hearCodes(bench.store) };
  };

  it.each(modes)('keeps them over a restart and a rotation ($mode)', async ({ mode }) => {
    const disk = createDisk();
    await put(open(disk, sealed(jsonCodec, { keys: one, mode })).store, 'ann', { n: 1 });
    const rotated = sealed(jsonCodec, { keys: [key('k2'), ...one], mode });
    const { store } = open(disk, rotated);
    expect(await read(store, 'ann')).toEqual({ n: 1 });
    await put(store, 'ann', { n: 2 });
    const last = open(disk, sealed(jsonCodec, { keys: [key('k2')], mode }));
    expect(await read(last.store, 'ann')).toEqual({ n: 2 });
    expect(disk.records.get('ann')?.body.includes('"n"')).toBe(mode === 'sign');
  });

  it('does not accept the record of one user for another', async () => {
    const disk = createDisk();
    const codec = sealed(jsonCodec, { keys: one, mode: 'sign' });
    await put(open(disk, codec).store, 'ann', { admin: true });
    const stolen = disk.records.get('ann');
    if (stolen !== undefined) disk.records.set('bob', { ...stolen, openid: 'bob' });
    const { store, codes } = open(disk, codec);
    expect([await read(store, 'bob'), codes]).toEqual([{}, ['corrupt']]);
  });

  it('replaces plain records step by step while it accepts them', async () => {
    const disk = createDisk();
    await put(open(disk, jsonCodec).store, 'ann', { n: 1 });
    const strict = sealed(jsonCodec, { keys: one, mode: 'encrypt' });
    expect(await read(open(disk, strict).store, 'ann')).toEqual({});
    const { store } = open(
      disk,
      sealed(jsonCodec, { keys: one, mode: 'encrypt', acceptUnsealed: true }),
    );
    await store.update('ann', (context) => void context.set('m', 2));
    expect(await read(open(disk, strict).store, 'ann')).toEqual({ n: 1, m: 2 });
  });
});
