/** What an openid does not say of the place where its person last wrote. */
export interface LastPlace {
  /** The channel of the direct messages between the person and the app. */
  readonly home?: string | undefined;
  /** The thread of direct messages, or of a channel whose conversation belongs to all. */
  readonly thread?: string | undefined;
  /** Where Slack takes answers, also in a channel that the app is no member of. */
  readonly responseUrl?: string | undefined;
}

const MAX_PLACES = 10_000;
/** Slack takes five answers, all within half an hour (https://docs.slack.dev/interactivity/handling-user-interaction). */
const URL_USES = 5;

/**
 * Remembers, in this process only, where people last wrote, as far as their openids do not say it. Where it is not known,
 * as after a restart, an answer goes to the place that the openid names.
 */
export class LastPlaces {
  readonly #known = new Map<string, LastPlace & { uses: number }>();

  note(openid: string, { home, thread, responseUrl }: LastPlace): void {
    const before = this.#known.get(openid);
    this.#known.delete(openid);
    const next = {
      home: home ?? before?.home,
      thread,
      responseUrl: responseUrl ?? before?.responseUrl,
      uses: responseUrl === undefined ? (before?.uses ?? 0) : URL_USES,
    };
    if ([next.home, next.thread, next.responseUrl].every((each) => each === undefined)) return;
    this.#known.set(openid, next);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_PLACES && oldest !== undefined) this.#known.delete(oldest);
  }

  of(openid: string): Pick<LastPlace, 'home' | 'thread'> {
    return this.#known.get(openid) ?? {};
  }

  /** An address that takes one more answer, which counts as given. */
  useUrlOf(openid: string): string | undefined {
    const known = this.#known.get(openid);
    if (known === undefined || known.uses === 0) return undefined;
    known.uses -= 1;
    return known.responseUrl;
  }
}
