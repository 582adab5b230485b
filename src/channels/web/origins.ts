import { UsageError } from '../../errors.ts';

interface OriginRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
}

const ALLOWED_METHODS = 'GET, POST';
/** What only our page sends, and no browser adds; a client of the AI SDK says who it is. */
const ALLOWED_HEADERS = 'content-type, user-agent, last-event-id';
const PREFLIGHT_SECONDS = '600';

/**
 * Decides which pages may use the chat. A browser says where a request comes from, and no page can forge that: by
 * `sec-fetch-site`, and by `origin`, which every POST and every request of another origin has. A request without both is of a
 * program, which has no cookies of a person.
 */
export class Origins {
  readonly #allowed: ReadonlySet<string>;

  /** @throws UsageError `bad_option` */
  constructor(origins: readonly string[]) {
    if (!Array.isArray(origins)) throw badOrigins();
    this.#allowed = new Set(origins.map(toOrigin));
  }

  admits({ url, headers }: OriginRequest): boolean {
    const origin = headers.get('origin');
    const site = headers.get('sec-fetch-site');
    if (origin !== null && this.#allowed.has(origin)) return true;
    if (site !== null) return site === 'same-origin' || (site === 'none' && origin === null);
    if (origin === null) return true;
    // Behind a proxy that ends TLS, the scheme is another one here than in the page.
    return URL.canParse(origin) && new URL(origin).host === url.host;
  }

  /** Whether the person's browser reached the host over https. */
  isSecure({ url, headers }: OriginRequest): boolean {
    return url.protocol === 'https:' || headers.get('origin')?.startsWith('https://') === true;
  }

  /** The headers by which a browser lets a page of another origin read the answer. */
  headersFor({ headers }: Pick<OriginRequest, 'headers'>): Record<string, string> {
    const origin = headers.get('origin');
    // A cache must not give one origin the answer to another.
    if (origin === null || !this.#allowed.has(origin)) {
      return this.#allowed.size > 0 ? { vary: 'origin' } : {};
    }
    return {
      vary: 'origin',
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'retry-after',
    };
  }

  /** The answer to the question of a browser whether a page of another origin may send a request. */
  preflight(request: OriginRequest): Response {
    const origin = request.headers.get('origin');
    if (origin === null || !this.#allowed.has(origin)) {
      return new Response(null, { status: 403, headers: this.headersFor(request) });
    }
    return new Response(null, {
      status: 204,
      headers: {
        ...this.headersFor(request),
        'access-control-allow-methods': ALLOWED_METHODS,
        'access-control-allow-headers': ALLOWED_HEADERS,
        'access-control-max-age': PREFLIGHT_SECONDS,
      },
    });
  }
}

/** @throws UsageError `bad_option` */
function toOrigin(given: unknown): string {
  if (typeof given !== 'string' || !URL.canParse(given)) throw badOrigins();
  const { origin, protocol, href } = new URL(given);
  const isWhole = href === `${origin}/`;
  if (!isWhole || (protocol !== 'https:' && protocol !== 'http:')) throw badOrigins();
  return origin;
}

function badOrigins(): UsageError {
  return new UsageError(
    'bad_option',
    '`origins` of createWebChat() is a list of origins without a path, such as `https://shop.example`. There is none for all origins: each page there could speak for your users.',
  );
}
