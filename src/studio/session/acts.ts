import { coreOf } from '../../context/store.ts';
import { ColloquyError, UsageError } from '../../errors.ts';
import { findOddity, isDictionary, oddityText, PLAIN_DATA } from '../../internal/plain-data.ts';
import type { Incoming, OutsideEvent } from '../../runner/calls.ts';
import { wireJson } from '../server/wire-json.ts';
import type { TurnEntry } from '../wire.ts';
import type { World } from './world.ts';

/** What a page can do to a conversation, each in a world that is at rest and is at rest again afterwards. */

/** The longest that time goes forward at once: ten years. */
const LONGEST_MS = 10 * 366 * 86_400_000;
const PLAIN_RULES = { maxDepth: 64 };

/** What was asked for does not exist, or cannot be done where the conversation stands. */
export function badRequest(text: string): UsageError {
  return new UsageError('bad_request', text);
}

export interface Arrival {
  readonly openid: string;
  readonly id: string;
}

/** A message of a user. @returns its outcome; `waiting` while a service or a recognizer waits for time to pass */
export async function sendMessage(
  world: World,
  { openid, id }: Arrival,
  said: Incoming,
): Promise<string> {
  const message = world.recorder.offersOf(openid).pressed(said);
  return arriving(world, () => world.runner.handle(openid, message, { id }));
}

/** An event that another program reports. */
export async function sendEvent(
  world: World,
  { openid, id }: Arrival,
  event: OutsideEvent,
): Promise<string> {
  return arriving(world, () => world.runner.send(openid, event, { id }));
}

/** The message of a turn arrives once more, under its id. */
export async function deliverAgain(
  world: World,
  { openid, id, message, cause, turn }: TurnEntry,
): Promise<string> {
  if (id === undefined || message === undefined || (cause !== 'message' && cause !== 'event')) {
    throw badRequest(`Turn ${turn} has no message with an id that could arrive once more.`);
  }
  const isEvent = cause === 'event';
  const again = (runner: World['runner']): Promise<{ readonly outcome: string }> =>
    isEvent
      ? runner.send(openid, message as OutsideEvent & typeof message, { id })
      : runner.handle(openid, message, { id });
  if (!isEvent && world.recorder.isLast(openid, id)) {
    return arriving(world, () => again(world.runner));
  }
  // A transcript can tell only of the last message that it arrived once more.
  const outcome = await world.unwritten(() => arriving(world, () => again(world.plainRunner)));
  const text = `the ${isEvent ? 'event' : 'message'} of turn ${turn} arrives once more: ${outcome}`;
  world.recorder.note({ kind: 'comment', text });
  return outcome;
}

/** Messages arrive in the other order. @returns their outcomes, in the order in which they are given */
export async function deliverReordered(
  world: World,
  messages: readonly { readonly openid: string; readonly id: string; readonly said: Incoming }[],
): Promise<readonly string[]> {
  if (messages.length < 2) throw badRequest('Two messages at least can arrive in another order.');
  const outcomes: string[] = [];
  for (const { said, ...arrival } of messages.toReversed()) {
    outcomes.unshift(await sendMessage(world, arrival, said));
  }
  return outcomes;
}

/** Waits until the work that a message starts has ended or waits for time. */
async function arriving(
  world: World,
  send: () => Promise<{ readonly outcome: string }>,
): Promise<string> {
  let ended: { readonly outcome: string } | { readonly refusal: unknown } | undefined;
  send().then(
    (turn) => (ended = turn),
    (error: unknown) => (ended = { refusal: error }),
  );
  await world.time.rest();
  const now = ended as typeof ended | undefined;
  if (now === undefined) return 'waiting';
  if ('refusal' in now) throw now.refusal as Error;
  return now.outcome;
}

/** Time goes forward, by milliseconds or to what is due next. */
export async function passTime(world: World, by: number | 'next'): Promise<void> {
  const { time } = world;
  const span = by === 'next' ? (world.nextDueAt ?? time.now()) - time.now() : by;
  if (typeof span !== 'number' || !(span <= LONGEST_MS)) {
    throw new UsageError(
      'bad_duration',
      "Time goes forward by a number of milliseconds, ten years at most, or to what is due 'next'.",
    );
  }
  await time.advance(by === 'next' ? Math.max(span, 0) : span);
}

interface TimerAddress {
  readonly openid: string;
  readonly actor: string;
  readonly id: string;
}

/**
 * Fires one timer now, before its time: its record is committed with now as the moment at which it is due, and the runner
 * takes the turn. Time stands still, and other timers wait for their own.
 */
export async function fireTimer(world: World, { openid, actor, id }: TimerAddress): Promise<void> {
  const { lanes, records, clock } = coreOf(world.store);
  await lanes.run(openid, async () => {
    const record = await records.load(openid);
    const timer = record?.timers.find((each) => each.actor === actor && each.id === id);
    if (record === undefined || timer === undefined) {
      throw badRequest('This timer is not set any more.');
    }
    const now = clock.now();
    const timers = record.timers.map((each) => (each === timer ? { ...each, dueAt: now } : each));
    await records.commit({ ...record, revision: 0, timers }, record);
  });
  world.recorder.note({ kind: 'comment', text: 'a timer fires now, before its time' });
  await world.time.rest();
}

/** Writes another context over that of a user. What is as the page was shown it stays as it is. */
export async function editContext(
  world: World,
  openid: string,
  context: Readonly<Record<string, unknown>>,
): Promise<void> {
  const oddity = findOddity(context, PLAIN_RULES);
  if (oddity !== undefined || !isDictionary(context)) {
    const where = oddity === undefined ? '' : ` at ${oddity.path}`;
    throw new ColloquyError(
      'context_not_plain',
      `A context is ${PLAIN_DATA}; it has ${oddityText(oddity, PLAIN_RULES)}${where}.`,
    );
  }
  if (!(await world.store.exists(openid))) throw badRequest('Nothing is kept of this user.');
  await world.store.update(openid, (draft) => {
    const before = draft.toJSON();
    draft.clear();
    draft.update(merged(before, context) as Record<string, unknown>);
  });
  world.recorder.note({ kind: 'comment', text: 'the context is edited here' });
  await world.time.rest();
}

/** A page gets JSON, in which a date is a text: what looks the same there is not touched. */
function merged(before: unknown, posted: unknown): unknown {
  if (wireJson(before) === wireJson(posted)) return before;
  if (!isObject(before) || !isObject(posted)) return posted;
  const entries = Object.entries(posted);
  return Object.fromEntries(entries.map(([key, value]) => [key, merged(before[key], value)]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && isDictionary(value);
}

/** Deletes everything of a user. */
export async function forgetUser(world: World, openid: string): Promise<void> {
  await world.store.erase(openid);
  world.recorder.forget(openid);
  await world.time.rest();
}
