/** What an openid does not say of the place where its person last wrote. */
interface Whereabout {
  /** The thread of direct messages, or of a channel whose conversation belongs to all. */
  readonly thread: string | undefined;
  readonly responseUrl: string | undefined;
  /** How many more answers that address takes. */
  uses: number;
}

const MAX_PLACES = 10_000;
/** Slack takes five answers, all within half an hour (https://docs.slack.dev/interactivity/handling-user-interaction). */
const URL_USES = 5;

/**
 * Remembers, in this process only, in which thread somebody last wrote to a conversation that spans threads, and where
 * Slack takes answers in a channel that the app is no member of. Where that is not known, as after a restart, an answer
 * goes to the place that the openid names.
 */
export class Whereabouts {
  readonly #known = new Map<string, Whereabout>();

  note(openid: string, thread: string | undefined, responseUrl: string | undefined): void {
    const before = this.#known.get(openid);
    this.#known.delete(openid);
    const url = responseUrl ?? before?.responseUrl;
    if (thread === undefined && url === undefined) return;
    const uses = responseUrl === undefined ? (before?.uses ?? 0) : URL_USES;
    this.#known.set(openid, { thread, responseUrl: url, uses });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_PLACES && oldest !== undefined) this.#known.delete(oldest);
  }

  threadOf(openid: string): string | undefined {
    return this.#known.get(openid)?.thread;
  }

  /** An address that takes one more answer, which counts as given. */
  useUrlOf(openid: string): string | undefined {
    const known = this.#known.get(openid);
    if (known === undefined || known.uses === 0) return undefined;
    known.uses -= 1;
    return known.responseUrl;
  }
}
