import { setupDialogue } from 'colloquy';
import { memory } from 'colloquy/persist/memory';
import { describe, expect, it } from 'vitest';
import { and, not, or } from 'xstate';
import { createWorld } from './world.ts';

interface Context {
  count: number;
  list: number[];
  inner: { name: string };
  when?: Date;
  map?: Map<string, number>;
  set?: Set<number>;
}

const fresh = (): Context => ({ count: 0, list: [1], inner: { name: 'Ann' } });
/** Contexts of which a part cannot be frozen. */
const LIVE: Readonly<Record<string, () => Context>> = {
  'plain data': fresh,
  'a Date': () => ({ ...fresh(), when: new Date(0) }),
  'a Map': () => ({ ...fresh(), map: new Map([['a', 1]]) }),
  'a Set': () => ({ ...fresh(), set: new Set([1]) }),
};

const meddle = ({ context }: { context: Context }): false => {
  context.count += 1;
  context.list.push(2);
  context.inner.name = 'Bob';
  context.when?.setTime(1);
  context.map?.set('b', 2);
  context.set?.add(2);
  return false;
};

const FORMS: Readonly<Record<string, unknown>> = {
  'a guard': meddle,
  'a named guard': 'meddle',
  'a guard in and()': and([meddle as never, () => true]),
  'a guard in not() in or()': or([not(not(meddle as never)) as never, () => false]),
};

/** It says its context, after it has tried a guard that says no. */
function dialogue(context: () => Context, guard: unknown, where: 'always' | 'message') {
  const words = setupDialogue({
    types: {} as { context: Context },
    guards: { meddle },
  });
  const no = { guard, target: 'no' } as never;
  return words.createDialogue({
    id: 'looking',
    context,
    initial: 'open',
    states: {
      open: {
        ...(where === 'always' && { always: [no] }),
        on: {
          'message.text': [
            ...(where === 'message' ? [no] : []),
            { actions: words.reply('Yes.') },
          ] as never,
        },
      },
      no: {},
    },
  });
}

describe.each(Object.keys(LIVE))('of a context with %s', (name) => {
  const context = LIVE[name] as () => Context;
  describe.each(['in memory', 'over a persister'])('%s', (where) => {
    const storeOptions = (): object => (where === 'in memory' ? {} : { persister: memory() });
    it.each(
      Object.keys(FORMS).flatMap((form) => [[form, 'message'] as const, [form, 'always'] as const]),
    )('%s that says no changes nothing (%s), in the first turn and later', async (form, at) => {
      const { runner, data } = createWorld(dialogue(context, FORMS[form], at), {
        storeOptions: storeOptions(),
      });
      for (let turn = 0; turn < 3; turn += 1) {
        const { outcome } = await runner.handle('ann', 'hi');
        // A committed context is frozen, so that a guard which writes into it throws.
        expect(['replied', 'failed']).toContain(outcome);
        if (turn === 0) expect(outcome).toBe('replied');
        expect(await data('ann')).toEqual(context());
      }
    });
  });
});

it('a guard sees what the step has assigned before it', async () => {
  const words = setupDialogue({ types: {} as { context: Context } });
  const { runner } = createWorld(
    words.createDialogue({
      id: 'd',
      context: LIVE['a Date'] as () => Context,
      initial: 'a',
      states: {
        a: {
          on: {
            'message.text': {
              target: 'b',
              actions: words.assign({ count: ({ context }) => context.count + 1 }),
            },
          },
        },
        b: {
          always: [
            {
              guard: ({ context }) => context.count === 1 && context.when?.getTime() === 0,
              target: 'c',
            },
          ],
        },
        c: { entry: words.reply('c') },
      },
    }),
  );
  expect(await runner.handle('ann', 'hi')).toMatchObject({ replies: [{ text: 'c' }] });
});
