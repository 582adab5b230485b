import type { ChatError, ChatRequest } from '../protocol.ts';

/** What became of a POST. */
export type Posted<Body> =
  | { readonly is: 'taken'; readonly body: Body }
  /** There is no session: say hello first. */
  | { readonly is: 'no_session' }
  /** Sending the same again will not help. */
  | { readonly is: 'refused'; readonly error: ChatError['error'] }
  /** It may go better after this many milliseconds. */
  | { readonly is: 'again'; readonly afterMs: number };

/** How long an answer may take. A turn has its own, shorter, deadline on the server. */
const PATIENCE_MS = 60_000;

/** Posts what a page says. It never throws. */
export async function post<Body>(endpoint: string, request: ChatRequest): Promise<Posted<Body>> {
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      credentials: 'include',
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { status } = response;
    if (status === 204) return { is: 'taken', body: undefined as Body };
    if (status === 200 || status === 202) {
      return { is: 'taken', body: (await response.json()) as Body };
    }
    if (status === 401) return { is: 'no_session' };
    const error = REFUSALS[status];
    if (error !== undefined) return { is: 'refused', error };
    return { is: 'again', afterMs: Number(response.headers.get('retry-after') ?? 0) * 1000 || 0 };
  } catch {
    return { is: 'again', afterMs: 0 };
  }
}

const REFUSALS: Readonly<Record<number, ChatError['error']>> = {
  400: 'bad_request',
  403: 'bad_origin',
  413: 'too_large',
  415: 'not_json',
};

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Growing pauses between attempts, each of a length left to chance, so that pages do not all come back at once. */
export class Pauses {
  #attempts = 0;

  /** @param leastMs what the server asks for */
  next(leastMs = 0): number {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    return Math.max(leastMs, longest * (0.5 + Math.random() / 2));
  }

  reset(): void {
    this.#attempts = 0;
  }
}
