import { randomBytes } from 'node:crypto';
import { cookiesOf } from '../../internal/cookies.ts';
import { hmacHex, isSignedByOneOf } from '../secrets.ts';

interface SessionsOptions {
  /** The first one signs. */
  readonly secrets: readonly [string, ...string[]];
  /** Of the openids: two chats on one host have two cookies. */
  readonly prefix: string;
  /** How long a cookie holds after it was given. */
  readonly sessionMs: number;
  /** Whether pages of other sites send it. */
  readonly embedded: boolean;
}

/** 128 bits in base64url, the second of the signing, and an HMAC-SHA-256 in hex: one session has one form. */
const FORM = /^([\w-]{22})\.(\d{10})\.([\da-f]{64})$/;
/** A browser takes a cookie of this name only over https, for the whole host and from the host itself. */
const HOST_ONLY = '__Host-';

/** The sessions of persons who have no account: nothing is kept of them here, the cookie proves itself. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #name: string;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#name = `colloquy-${options.prefix.slice(0, -1)}`;
  }

  /** The id of the session that a request proves; undefined without one. */
  find(request: Pick<Request, 'headers'>, now: number): string | undefined {
    // One that only the host itself can have set goes first.
    const values = [HOST_ONLY + this.#name, this.#name].flatMap((name) => cookiesOf(request, name));
    for (const value of values) {
      const id = this.#provenBy(value, now);
      if (id !== undefined) return id;
    }
    return undefined;
  }

  create(): string {
    return randomBytes(16).toString('base64url');
  }

  /** The cookie of a session, as a `set-cookie`. */
  cookieOf(id: string, now: number, isSecure: boolean): string {
    const { secrets, sessionMs, embedded } = this.#options;
    const seconds = String(Math.floor(now / 1000)).padStart(10, '0');
    const value = `${id}.${seconds}.${hmacHex(secrets[0], this.#signed(id, seconds))}`;
    const isHostOnly = isSecure || embedded;
    return [
      `${isHostOnly ? HOST_ONLY : ''}${this.#name}=${value}`,
      'Path=/',
      `Max-Age=${Math.floor(sessionMs / 1000)}`,
      'HttpOnly',
      ...(isHostOnly ? ['Secure'] : []),
      // A page of another site has it for itself, one for each site that embeds it.
      ...(embedded ? ['SameSite=None', 'Partitioned'] : ['SameSite=Strict']),
    ].join('; ');
  }

  #provenBy(value: string, now: number): string | undefined {
    const [, id, seconds, signature] = FORM.exec(value) ?? [];
    if (id === undefined || seconds === undefined || signature === undefined) return undefined;
    const ageMs = now - Number(seconds) * 1000;
    // Clocks of two processes may differ a little.
    if (ageMs > this.#options.sessionMs || ageMs < -60_000) return undefined;
    const { secrets } = this.#options;
    return isSignedByOneOf(secrets, signature, this.#signed(id, seconds)) ? id : undefined;
  }

  #signed(id: string, seconds: string): string {
    return `colloquy web session ${this.#options.prefix}${id}.${seconds}`;
  }
}
