import { StepError } from '../../errors.ts';
import type { CollectedAction, SendParams } from './collected-action.ts';
import { isAfter } from './delays.ts';
import { settledParts } from './settled-action.ts';

type Delay = number | ((...args: never[]) => unknown);

/** An XState action that may send an event after a delay, or hold other actions that do. */
interface Sending {
  (...args: never[]): unknown;
  readonly type?: string;
  readonly delay?: unknown;
  readonly resolve?: (...args: never[]) => unknown;
}

const SENDING: ReadonlySet<unknown> = new Set(['xstate.raise', 'xstate.sendTo']);

/**
 * The delay, if it is a finite number. XState treats anything else as no delay, so the event would come at once.
 * @throws StepError `bad_delay`
 */
export function checkDelay(delay: unknown, of: string): number {
  if (typeof delay === 'number' && Number.isFinite(delay)) return delay;
  const came = typeof delay === 'number' ? `${delay}` : delay === null ? 'null' : typeof delay;
  throw new StepError(
    'bad_delay',
    `A delay is a finite number of milliseconds; that of '${of}' was ${came}.`,
  );
}

/**
 * Checks the delay in an action that XState has resolved: XState treats a text as no delay, and an `after` without a delay
 * would fire at once.
 * @throws StepError `bad_delay`
 */
export function checkCollected({ type, params }: CollectedAction): void {
  if (!SENDING.has(type)) return;
  const { event, delay } = params as SendParams;
  if (delay !== undefined || isAfter(event.type)) checkDelay(delay, event.type);
}

/** The delays of a dialogue by name. Each is checked when it is used. */
export function checkedDelays(delays: object): Record<string, Delay> {
  return Object.fromEntries(
    Object.entries(delays).map(([name, delay]: [string, unknown]) => [name, checked(delay, name)]),
  );
}

/**
 * The same action, with functions that are checked when they are called: a delay has to be a finite number, and a promise is
 * an error. An action without functions stays as it is.
 */
export function checkedAction<Action>(action: Action): Action {
  if (typeof action !== 'function') return action;
  const sending = action as unknown as Sending;
  const { type, delay, resolve } = sending;
  if (type === 'xstate.enqueueActions' && resolve !== undefined) {
    const collect = (...args: never[]): unknown[] => {
      const [snapshot, params, actions] = resolve(...args) as [unknown, unknown, unknown[]];
      return [snapshot, params, actions.map(checkedAction)];
    };
    return copyOf(sending, { resolve: collect }) as Action;
  }
  const parts = settledParts(sending);
  if (parts !== undefined) return copyOf(sending, parts) as Action;
  if (!SENDING.has(type) || typeof delay !== 'function') return action;
  return copyOf(sending, { delay: checked(delay, 'an action') }) as Action;
}

/** A copy of the action with other properties: the author may use the original elsewhere. */
function copyOf(action: Sending, changes: object): Sending {
  const copy = (...args: never[]): unknown => action(...args);
  return Object.assign(copy, action, changes);
}

function checked(delay: unknown, of: string): Delay {
  if (typeof delay === 'number' && Number.isFinite(delay)) return delay;
  return (...args: never[]) =>
    checkDelay(typeof delay === 'function' ? (delay as Sending)(...args) : delay, of);
}
