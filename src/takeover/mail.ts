import { type Duration, toMilliseconds } from '../clock.ts';
import { isKeyed } from '../internal/closed.ts';

/**
 * What waits in a context is sent by a service, in order: the part of a takeover and of a desk that tells the other. Each item has
 * an id that stays the same in all attempts, so that the receiver counts it once.
 */

/** The maximum that one run of the service sends. */
const BATCH = 10;
const TIMEOUT: Duration = { seconds: 30 };
const RETRIES = 3;
/** After all attempts failed, it is tried again at this pace, as long as the state lasts. */
const REST: Duration = { seconds: 30 };

/** What waits to be sent. */
export interface Mail<Item> {
  /** Names this mail; no other one has the same. Undefined until the service has run for the first time. */
  readonly key?: string | undefined;
  /** How many items it has sent. */
  readonly sent: number;
  /** What waits, the first one first. */
  readonly items: readonly Item[];
}

/** What the service gets. The first time it gets no items, and only gives the mail its key. */
export interface MailRun<Item> {
  /** What to send, in order. */
  readonly items: readonly {
    /** The same in every attempt to send it. */
    readonly id: string;
    /** What is sent. */
    readonly item: Item;
  }[];
}

/** What the service gives. */
export interface MailSent {
  /** Names this run of the service, as its `self.id` does. */
  readonly key: string;
  /** How many items the receiver has, from the first on. */
  readonly count: number;
}

interface MailContext {
  readonly mail: Mail<unknown>;
}

interface MailWords {
  service(config: object): object;
}

type Args = { readonly context: MailContext };

/** An empty mail with a first item, or none. */
export function newMail<Item>(...items: readonly Item[]): Mail<Item> {
  return { sent: 0, items };
}

/**
 * The state, for a region that is parallel to others.
 * @param src the name of the service
 * @param others what else changes in the context when items were sent
 */
export function mailState(
  words: MailWords,
  src: string,
  others: (context: never, output: never) => object = () => NOTHING,
): object {
  return {
    initial: 'idle',
    states: {
      idle: {
        always: [
          {
            guard: ({ context }: Args) => context.mail.key === undefined,
            target: 'naming',
            description: 'has no name',
          },
          {
            guard: ({ context }: Args) => context.mail.items.length > 0,
            target: 'sending',
            description: 'something to send',
          },
        ],
      },
      naming: words.service({
        src,
        input: { items: [] },
        assign: ({ context, output }: Args & { readonly output: unknown }) => ({
          mail: { ...context.mail, key: sentOf(output).key },
        }),
        retries: RETRIES,
        done: 'idle',
        failed: 'naming',
      }),
      sending: words.service({
        src,
        input: ({ context }: Args) => nextRun(context.mail),
        assign: ({ context, output }: Args & { readonly output: unknown }) => ({
          mail: withoutSent(context.mail, sentOf(output)),
          ...others(context as never, sentOf(output) as never),
        }),
        timeout: TIMEOUT,
        retries: RETRIES,
        done: 'idle',
        failed: 'resting',
      }),
      resting: { after: { [toMilliseconds(REST)]: 'idle' } },
    },
  };
}

const NOTHING = {};

/** What a run gave. A stub that gives anything else has sent all that it got. */
function sentOf(output: unknown): MailSent {
  const { key, count, ...more }: Partial<MailSent> = isKeyed(output) ? output : NOTHING;
  const isCounted = Number.isInteger(count) && (count as number) >= 0;
  return {
    ...more,
    key: typeof key === 'string' ? key : '',
    count: isCounted ? (count as number) : BATCH,
  };
}

function nextRun({ key = '', sent, items }: Mail<unknown>): MailRun<unknown> {
  return { items: items.slice(0, BATCH).map((item, at) => ({ id: `${key}:${sent + at}`, item })) };
}

function withoutSent(mail: Mail<unknown>, { count }: MailSent): Mail<unknown> {
  return { ...mail, sent: mail.sent + count, items: mail.items.slice(count) };
}
