import { createHash, timingSafeEqual } from 'node:crypto';

/** WeChat's signature of some values: the SHA-1, in hex, of all of them in the order of their code units. */
export function sign(values: readonly string[]): string {
  return createHash('sha1').update(values.toSorted().join('')).digest('hex');
}

/**
 * Whether a query proves that its sender knows the token. In plaintext mode that covers neither the path nor the body.
 * A parameter that is missing, empty or there twice proves nothing: hosts disagree on which of two they mean.
 */
export function isSigned(query: URLSearchParams, token: string): boolean {
  const signature = single(query, 'signature');
  const timestamp = single(query, 'timestamp');
  const nonce = single(query, 'nonce');
  if (!signature || !timestamp || !nonce) return false;
  const expected = Buffer.from(sign([token, timestamp, nonce]));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The value of a parameter that is there exactly once. */
export function single(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  return values.length === 1 ? values[0] : undefined;
}
