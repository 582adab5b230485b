import { hmacHex, isSignedByOneOf, toMoment } from '../secrets.ts';

/** The header that proves a request, in both directions: `t=<unix seconds>,v1=<hex HMAC-SHA-256 of "<t>.<raw body>">`. */
export const SIGNATURE_HEADER = 'x-colloquy-signature';

const MAX_SIGNATURES = 8;

/** @param signedAt epoch milliseconds */
export function sign(secret: string, body: string | Uint8Array, signedAt: number): string {
  const seconds = String(Math.floor(signedAt / 1000)).padStart(10, '0');
  return `t=${seconds},v1=${hmacHex(secret, `${seconds}.`, body)}`;
}

interface Signature {
  readonly seconds: string;
  /** Epoch milliseconds. */
  readonly signedAt: number;
  /** Several while the sender's secrets change. */
  readonly v1: readonly string[];
}

/** What a header says; undefined where it cannot be a signature. */
export function parseSignature(header: string | null): Signature | undefined {
  const parts = (header ?? '').split(',').map((part) => part.trim());
  const valuesOf = (name: string): string[] =>
    parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
  const [seconds, ...others] = valuesOf('t');
  const v1 = valuesOf('v1');
  const signedAt = toMoment(seconds);
  if (seconds === undefined || signedAt === undefined || others.length > 0) return undefined;
  return v1.length === 0 || v1.length > MAX_SIGNATURES ? undefined : { seconds, signedAt, v1 };
}

export function isSigned(
  { seconds, v1 }: Signature,
  secrets: readonly string[],
  body: Uint8Array,
): boolean {
  let isProven = false;
  for (const each of v1) isProven = isSignedByOneOf(secrets, each, `${seconds}.`, body) || isProven;
  return isProven;
}
