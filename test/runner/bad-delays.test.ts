import { setupDialogue, text } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, enqueueActions, fromPromise, raise, sendTo } from 'xstate';
import { createWorld, texts } from './world.ts';

/** What JavaScript, or an `as never`, may give for a delay. */
const BAD: readonly (readonly [what: string, delay: unknown])[] = [
  ['text', '3600000'],
  ['null', null],
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['infinite', Infinity],
  ['a date', new Date(0)],
  ['a duration', { hours: 1 }],
  ['a promise', Promise.resolve(1000)],
];

const nudge = { type: 'event.nudge' } as never;

/** A dialogue that says “Now.” when its delay is over: one for each place in which a delay may stand. */
const PLACES: Readonly<Record<string, (delay: unknown) => AnyStateMachine>> = {
  'a delay that a function gives': (delay) => waiting({ wait: () => delay as number }, 'wait'),
  'a delay that is a value': (delay) => waiting({ wait: delay as number }, 'wait'),
  'raise with a function': (delay) => raising(raise(nudge, { delay: () => delay as number })),
  'raise with a name': (delay) =>
    raising(raise(nudge, { delay: 'wait' as never }), { wait: () => delay as number }),
  'raise in a named action': (delay) =>
    raising({ type: 'later' }, {}, { later: raise(nudge, { delay: () => delay as number }) }),
  'raise among enqueued actions': (delay) =>
    raising(
      enqueueActions(({ enqueue }) => enqueue.raise(nudge, { delay: () => delay as number })),
    ),
  'sendTo itself': (delay) =>
    raising(sendTo(({ self }) => self, nudge, { delay: () => delay as number })),
};

function waiting(
  delays: Readonly<Record<string, number | (() => number)>>,
  name: string,
): AnyStateMachine {
  const words = setupDialogue({ types: {} as { context: object }, delays });
  return words.createDialogue({
    id: 'waiting',
    context: {},
    initial: 'ready',
    states: {
      ready: { on: { 'message.text': 'waiting' } },
      waiting: {
        entry: words.reply('Later.'),
        after: { [name]: { target: 'ready', actions: words.reply('Now.') } },
      },
    },
  } as never) as unknown as AnyStateMachine;
}

function raising(action: unknown, delays: object = {}, actions: object = {}): AnyStateMachine {
  const words = setupDialogue({
    types: {} as { context: object },
    events: { nudge: {} },
    delays,
    actions,
  } as never);
  return words.createDialogue({
    id: 'raising',
    context: {},
    initial: 'ready',
    states: {
      ready: {
        on: {
          'message.text': { actions: [words.reply('Later.'), action as never] },
          'event.nudge': { actions: words.reply('Now.') },
        },
      },
    },
  } as never) as unknown as AnyStateMachine;
}

describe.each(Object.entries(PLACES))('%s', (_place, dialogue) => {
  it.each(BAD)(
    'is refused where it is %s, and nothing changes or is said',
    async (_what, delay) => {
      const { runner, clock, said } = createWorld(dialogue(delay));
      const turn = await runner.handle('ann', 'hi');
      expect(turn).toMatchObject({ outcome: 'failed', replies: [], error: { code: 'bad_delay' } });
      await clock.advance({ hours: 2 });
      expect(said).toEqual([]);
      expect(await runner.inspect('ann')).toBeUndefined();
    },
  );

  it.each([
    ['a number', 60_000, 60_000],
    ['nothing', 0, 0],
    ['of a moment in the past', -5, 0],
  ])('is waited for where it is %s', async (_what, delay, ms) => {
    const { runner, clock, said } = createWorld(dialogue(delay));
    expect(texts((await runner.handle('ann', 'hi')).replies)).toEqual(['Later.']);
    if (ms > 0) {
      await clock.advance(ms - 1);
      expect(said).toEqual([]);
    }
    await clock.advance(1);
    expect(said).toEqual(['ann: Now.']);
  });
});

describe('a delay that is refused', () => {
  it('is not taken for a circle where the state comes back to itself', async () => {
    const words = setupDialogue({
      types: {} as { context: object },
      delays: { wait: () => undefined as never },
    });
    const { runner } = createWorld(
      words.createDialogue({
        id: 'd',
        context: {},
        initial: 'a',
        states: { a: { after: { wait: { target: 'a', reenter: true } } } },
      }),
    );
    expect(await runner.handle('ann', 'hi')).toMatchObject({ error: { code: 'bad_delay' } });
  });

  it('does not change an action that the author uses elsewhere, too', () => {
    const delay = (): number => 5;
    const later = raise(nudge, { delay });
    createWorld(raising(later));
    expect((later as unknown as { delay: unknown }).delay).toBe(delay);
  });

  it('does not quote what was given', async () => {
    const { runner } = createWorld(waiting({ wait: () => 'the PIN is 1234' as never }, 'wait'));
    const { error } = await runner.handle('ann', 'hi');
    expect(String(error)).toMatch(/'wait' was string/u);
    expect(String(error)).not.toContain('PIN');
  });
});

/** The code of the error that is thrown. */
function codeOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe('a duration in a dialogue', () => {
  const words = setupDialogue({
    types: {} as { context: { a?: string } },
    actors: { work: fromPromise(async () => 1) },
  });
  const bad = BAD.filter(([what]) => what !== 'a duration');
  const asked = (timeout: unknown): unknown =>
    words.ask({ question: '?', parse: text(), assign: 'a', target: 'b', timeout } as never);
  const served = (options: object): unknown =>
    words.service({ src: 'work', done: 'b', failed: 'b', retries: 1, ...options } as never);

  it.each<[place: string, make: (delay: unknown) => unknown, optional: boolean]>([
    ['the `after` of a timeout', (after) => asked({ after, target: 'b' }), false],
    ['the `timeout` of a service', (timeout) => served({ timeout }), true],
    ['the `backoff` of a service', (backoff) => served({ backoff }), true],
    ['what `backoff` gives', (delay) => served({ backoff: () => delay }), false],
  ])('is refused where it is defined: %s', (_place, make, optional) => {
    const given = bad.filter(([, delay]) => !optional || delay !== undefined);
    const codes = given.map(([what, delay]) => [what, codeOf(() => make(delay))]);
    expect(codes).toEqual(given.map(([what]) => [what, 'bad_duration']));
    expect(() => make({ minutes: -1 })).toThrow(/nothing|no time/u);
  });

  it('is refused as a whole where it is null', () => {
    expect(() => asked(null)).toThrow(expect.objectContaining({ name: 'UsageError' }));
  });
});
