import { type EventObject, assign, raise } from 'xstate';
import { type Duration, toMilliseconds } from '../../clock.ts';
import { ColloquyError, UsageError } from '../../errors.ts';
import { SERVICE_MARK } from '../engine/service-mark.ts';
import { type Saying, say } from './actions.ts';
import type { AskArgs } from './answer-reading.ts';

/**
 * A state that runs a service: `attempt1`, `backoff1`, `attempt2`, … The states tell how often it was tried, so the user's
 * dictionary does not show that. Two events that no message can have lead out of it: `service.done` and `service.failed`.
 */

const DONE = 'service.done';
const FAILED = 'service.failed';

const MAX_RETRIES = 20;
const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 30_000;

/** The untyped form of a service. */
export interface Serving {
  readonly src: string;
  readonly input?: unknown;
  readonly assign?: string | ((args: { context: object; output: unknown }) => object);
  readonly done: Ways;
  readonly failed: Ways;
  readonly retries?: number;
  readonly backoff?: Duration | ((args: { attempt: number }) => Duration | number);
  readonly timeout?: Duration;
  readonly busy?: Saying<object>;
  readonly on?: Readonly<Record<string, unknown>>;
}

type Ways = string | Way | readonly Way[];

interface Way {
  readonly guard?: (args: AskArgs) => boolean;
  readonly target: string;
  readonly actions?: unknown;
  readonly description?: string;
}

/** @throws UsageError `bad_option`, `bad_duration` */
export function serviceState(config: Serving): object {
  const { src, input, retries = 0, on = {}, busy } = config;
  check(config);
  const timeoutMs = config.timeout && toMilliseconds(config.timeout);
  const failed = {
    actions: raise(({ event }: AskArgs) => ({
      type: FAILED,
      error: 'error' in event ? event['error'] : tookTooLong(src, timeoutMs),
    })),
  };
  const attempts = Array.from({ length: retries + 1 }, (_, index) => index + 1);
  const states = attempts.flatMap((attempt): [string, object][] => {
    const unsuccessful = attempt > retries ? failed : { target: `backoff${attempt}` };
    const state = {
      invoke: {
        src,
        ...(input !== undefined && { input }),
        onDone: {
          // The output is not looked at here: who explores the dialogue wants to know where it is.
          actions: raise(({ event }: AskArgs) => ({
            type: DONE,
            get output() {
              return (event as EventObject & { readonly output: unknown }).output;
            },
          })),
        },
        onError: unsuccessful,
      },
      ...(timeoutMs !== undefined && { after: { [timeoutMs]: unsuccessful } }),
    };
    if (attempt > retries) return [[`attempt${attempt}`, state]];
    const pause = { after: { [backoffOf(config, attempt)]: `attempt${attempt + 1}` } };
    return [
      [`attempt${attempt}`, state],
      [`backoff${attempt}`, pause],
    ];
  });
  const answers = busy === undefined ? [] : [{ actions: say(busy), description: 'busy' }];
  return {
    [SERVICE_MARK]: src,
    initial: 'attempt1',
    on: {
      ...on,
      ...(answers.length > 0 && {
        'message.*': [...[on['message.*'] ?? []].flat(), ...answers],
      }),
      [DONE]: exits(config.done, 'done', assignOutput(config.assign)),
      [FAILED]: exits(config.failed, 'failed', []),
    },
    states: Object.fromEntries(states),
  };
}

function exits(ways: Ways, description: string, first: readonly unknown[]): object[] {
  return waysOf(ways).map((way) => ({
    reenter: true,
    description,
    ...way,
    actions: [...first, ...(way.actions === undefined ? [] : [way.actions].flat())],
  }));
}

function waysOf(ways: Ways): readonly Way[] {
  return typeof ways === 'string' ? [{ target: ways }] : ([ways].flat() as readonly Way[]);
}

function assignOutput(to: Serving['assign']): unknown[] {
  if (to === undefined) return [];
  const change = ({ context, event }: AskArgs): object => {
    const { output } = event as EventObject & { readonly output: unknown };
    return typeof to === 'string' ? { [to]: output } : to({ context, output });
  };
  return [assign(change)];
}

function backoffOf({ backoff }: Serving, attempt: number): number {
  if (backoff === undefined) {
    return Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), LONGEST_BACKOFF_MS);
  }
  const given = typeof backoff === 'function' ? backoff({ attempt }) : backoff;
  const milliseconds = toMilliseconds(given);
  if (milliseconds < 0) throw refusal('waits for no less than nothing before a retry (`backoff`)');
  return milliseconds;
}

function tookTooLong(service: string, timeoutMs: number | undefined): ColloquyError {
  return new ColloquyError(
    'service_timeout',
    `The service '${service}' did not end within ${timeoutMs} ms, the \`timeout\` of its state.`,
    { retryable: true, details: { service, timeoutMs } },
  );
}

function check({ src, done, failed, retries = 0, timeout }: Serving): void {
  if (typeof src !== 'string') throw refusal('needs the name of a service as its `src`');
  for (const [key, ways] of Object.entries({ done, failed })) {
    const list = ways === undefined ? [] : waysOf(ways);
    const last = list.at(-1);
    if (last === undefined) throw refusal(`needs a state to go to as its \`${key}\``);
    if (list.some(({ target }) => typeof target !== 'string')) {
      throw refusal(`needs a \`target\` in each way of its \`${key}\``);
    }
    if (last.guard !== undefined) {
      throw refusal(
        `needs a last way without a \`guard\` in its \`${key}\`, or it could get stuck`,
      );
    }
  }
  if (!Number.isInteger(retries) || retries < 0 || retries > MAX_RETRIES) {
    throw refusal(`has from 0 to ${MAX_RETRIES} \`retries\``);
  }
  if (timeout !== undefined && toMilliseconds(timeout) <= 0) {
    throw refusal('has more than no time for an attempt (`timeout`)');
  }
}

function refusal(problem: string): UsageError {
  return new UsageError('bad_option', `A state of service() ${problem}.`);
}
