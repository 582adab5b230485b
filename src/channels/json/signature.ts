import { hmacHex, isSignedByOneOf, toMoment } from '../secrets.ts';

/** The header that proves a request, in both directions: `t=<unix seconds>,v1=<hex HMAC-SHA-256 of "<t>.<raw body>">`. */
export const SIGNATURE_HEADER = 'x-colloquy-signature';

/** One `t`, and up to eight signatures while the sender's secrets change; nothing else, so that one proof has one form. */
const FORM = /^t=(\d{10})((?:,v1=[\da-f]{64}){1,8})$/;

/** @param signedAt epoch milliseconds */
export function signBody(secret: string, body: string | Uint8Array, signedAt: number): string {
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
  const [, seconds, signatures = ''] = FORM.exec(header ?? '') ?? [];
  const signedAt = toMoment(seconds);
  if (seconds === undefined || signedAt === undefined) return undefined;
  return { seconds, signedAt, v1: signatures.split(',v1=').slice(1) };
}

export function isBodySigned(
  { seconds, v1 }: Signature,
  secrets: readonly string[],
  body: Uint8Array,
): boolean {
  let isProven = false;
  for (const each of v1) isProven = isSignedByOneOf(secrets, each, `${seconds}.`, body) || isProven;
  return isProven;
}
