import { describe, expect, test } from 'vitest';
import { isQuerySigned, signValues } from '../../../src/channels/wechat/signature.ts';
import { vector } from '../vectors.ts';

describe('the signature of a query', () => {
  test.each(['A1', 'A2', 'F1'])('is right for vector %s', (id) => {
    const { token, timestamp, nonce, signature } = vector(id);
    expect(isQuerySigned(new URLSearchParams({ timestamp, nonce, signature }), [token])).toBe(true);
  });

  test('is of the sorted values, in any order given', () => {
    const { parts, signature } = vector('E2');
    expect(parts).toHaveLength(3);
    expect(signValues(parts.toReversed())).toBe(signature);
  });

  test('goes by code units, not by the words of a language', () => {
    const { token, timestamp, nonce, wrongWithLocaleCompare } = vector('F1');
    const query = new URLSearchParams({ timestamp, nonce, signature: wrongWithLocaleCompare });
    expect(wrongWithLocaleCompare).toMatch(/^fee22a2b/);
    expect(isQuerySigned(query, [token])).toBe(false);
  });

  const good = { timestamp: '1', nonce: '2', signature: signValues(['token', '1', '2']) };

  test.each(['signature', 'timestamp', 'nonce'] as const)('is none without %s', (name) => {
    const missing = new URLSearchParams(good);
    missing.delete(name);
    expect(isQuerySigned(missing, ['token'])).toBe(false);
    expect(isQuerySigned(new URLSearchParams({ ...good, [name]: '' }), ['token'])).toBe(false);
  });

  test.each(['signature', 'timestamp', 'nonce'] as const)('is none with %s twice', (name) => {
    const twice = new URLSearchParams(good);
    twice.append(name, good[name]);
    expect(isQuerySigned(new URLSearchParams(good), ['token'])).toBe(true);
    expect(isQuerySigned(twice, ['token'])).toBe(false);
  });

  test('is not the constant of the token alone', () => {
    const query = new URLSearchParams({
      timestamp: '',
      nonce: '',
      signature: signValues(['token', '', '']),
    });
    expect(isQuerySigned(query, ['token'])).toBe(false);
  });

  test.each([
    ['another token', signValues(['other', '1', '2'])],
    ['upper case', good.signature.toUpperCase()],
    ['a prefix', good.signature.slice(0, 39)],
    ['more behind it', `${good.signature}0`],
    ['as many characters but more bytes', 'é'.repeat(40)],
  ])('is wrong with %s', (_, signature) => {
    expect(isQuerySigned(new URLSearchParams({ ...good, signature }), ['token'])).toBe(false);
  });
});
