import { StepError } from '../../errors.ts';
import type { CollectedAction, SendParams } from './collected-action.ts';
import { isAfter } from './delays.ts';
import { settledParts } from './settled-action.ts';

type Delay = number | ((...args: never[]) => unknown);

/** An action of XState's that may send an event after a delay, or hold others that do. */
interface Sending {
  (...args: never[]): unknown;
  readonly type?: string;
  readonly delay?: unknown;
  readonly resolve?: (...args: never[]) => unknown;
}

const SENDING: ReadonlySet<unknown> = new Set(['xstate.raise', 'xstate.sendTo']);

/**
 * A delay as it was given. XState takes what is no number for no delay, so the event would come at once.
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
 * Refuses what XState takes for no delay in an action that it has resolved: one given as text, and none in an `after`.
 * @throws StepError `bad_delay`
 */
export function checkCollected({ type, params }: CollectedAction): void {
  if (!SENDING.has(type)) return;
  const { event, delay } = params as SendParams;
  if (delay !== undefined || isAfter(event.type)) checkDelay(delay, event.type);
}

/** The delays of a dialogue by name, each of which is checked when it is asked for. */
export function checkedDelays(delays: object): Record<string, Delay> {
  return Object.fromEntries(
    Object.entries(delays).map(([name, delay]: [string, unknown]) => [name, checked(delay, name)]),
  );
}

/** The same action, whose delay is a number, and which waits for nothing. One without functions in it stays as it is. */
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

/** The same action with other properties: that of the author may be in use elsewhere. */
function copyOf(action: Sending, changes: object): Sending {
  const copy = (...args: never[]): unknown => action(...args);
  return Object.assign(copy, action, changes);
}

function checked(delay: unknown, of: string): Delay {
  if (typeof delay === 'number' && Number.isFinite(delay)) return delay;
  return (...args: never[]) =>
    checkDelay(typeof delay === 'function' ? (delay as Sending)(...args) : delay, of);
}
