import { type Clock, systemClock } from '../clock.ts';
import { ColloquyError, UsageError } from '../errors.ts';
import { backoff, eitherOf, sleep } from '../internal/async.ts';
import { kindOf } from '../internal/closed.ts';
import { checkPort } from '../internal/port.ts';
import { modelFailed } from './failure.ts';

/** What each adapter lets a call of its model take. */
export interface CallOptions {
  /** The maximum of time for a call with its retries, up to the last part of a stream. Default 30 000. */
  readonly timeoutMs?: number | undefined;
  /** How often a call is made again after a failure that may go away. Default 2, a maximum of 10. */
  readonly retries?: number | undefined;
  /** Time, for a test. Default: that of the system. */
  readonly clock?: Clock | undefined;
}

export interface CallLimits {
  /** The name of the model, for errors. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly clock: Clock;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 2;
const MAX_RETRIES = 10;

/** @throws UsageError `bad_option` */
export function toCallLimits(owner: string, name: string, options: CallOptions): CallLimits {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, retries = DEFAULT_RETRIES } = options;
  const { clock = systemClock } = options;
  checkPort(clock, {
    place: `\`clock\` of ${owner}`,
    methods: ['now', 'wake'],
    expected: 'is a clock, as createManualClock() makes one',
  });
  checkCount(owner, 'timeoutMs', timeoutMs, { min: 1 });
  checkCount(owner, 'retries', retries, { min: 0, max: MAX_RETRIES });
  return { name, timeoutMs, retries, clock };
}

/** @throws UsageError `bad_option` for what is no whole number within these bounds */
export function checkCount(
  owner: string,
  option: string,
  given: unknown,
  { min, max = 2 ** 31 - 1 }: { readonly min: number; readonly max?: number },
): void {
  if (Number.isInteger(given) && Number(given) >= min && Number(given) <= max) return;
  const found = typeof given === 'number' ? String(given) : kindOf(given);
  throw new UsageError(
    'bad_option',
    `\`${option}\` of ${owner} is a whole number from ${min} to ${max}; it got ${found}.`,
  );
}

/** How long a call may take. */
export interface CallDeadline {
  /** Aborted at the end of the time, with the error to throw, or when the caller gives up. */
  readonly signal: AbortSignal;
  /** Epoch ms. */
  readonly at: number;
  /** The call has ended. */
  end(): void;
}

export function startDeadline(limits: CallLimits, signal: AbortSignal | undefined): CallDeadline {
  const { clock, timeoutMs, name } = limits;
  const time = new AbortController();
  const at = clock.now() + timeoutMs;
  const onTime = (): void =>
    time.abort(modelFailed({ model: name, reason: 'timeout', details: { timeoutMs } }));
  const end = clock.wake(at, onTime, { holdsProcess: true });
  return { signal: eitherOf(time.signal, signal), at, end };
}

const pauseBefore = /* @__PURE__ */ backoff({ firstMs: 500, longestMs: 8000 });

/** Makes a call again after a failure that may go away, as long as there is time for it. */
export async function withRetries<T>(
  { clock, retries }: CallLimits,
  { signal, at }: CallDeadline,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let made = 0; ; made += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (made >= retries || !mayGoAway(error)) throw error;
      const pauseMs = askedPause(error) ?? pauseBefore(made);
      if (clock.now() + pauseMs >= at) throw error;
      await sleep(clock, pauseMs, signal);
    }
  }
}

/** An answer that was cut off is a failure of the network; another bad one would come again. */
function mayGoAway(error: unknown): boolean {
  if (!ColloquyError.is(error, 'model_failed')) return false;
  const { reason, problem } = error.details;
  return reason === 'rate_limited' || reason === 'unavailable' || problem === 'cut_off';
}

function askedPause(error: unknown): number | undefined {
  const asked = ColloquyError.is(error) ? error.details['retryAfterMs'] : undefined;
  return typeof asked === 'number' ? asked : undefined;
}
