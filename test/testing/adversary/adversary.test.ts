import {
  type WalkOptions,
  type WalkView,
  WalkFailure,
  adversary,
  explore,
  playTranscript,
  walkDialogue,
} from 'colloquy/testing';
import { keywords, setupDialogue } from 'colloquy';
import { createAgent } from 'colloquy/model';
import type { AnyStateMachine } from 'xstate';
import { fromPromise } from 'xstate';
import { z } from 'zod';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const model = { name: 'none', generate: () => Promise.reject(new Error('No model is asked.')) };
const order = z.object({
  order: z.string().regex(/^A\d$/u),
  amount: z.number().positive().max(100),
});

/** A shop that gives money back, with a hole or without one. */
function shop(refund: object = {}, more: object = {}): AnyStateMachine {
  const support = createAgent({
    id: 'support',
    model,
    instructions: 'Help.',
    limits: { steps: 4 },
    tools: {
      find: {
        description: 'Finds.',
        input: z.object({ order: z.string() }),
        readOnly: true,
        run: () => '',
      },
      refund: {
        description: 'Gives money back.',
        input: order,
        approve: (input: { order: string; amount: number }) =>
          `Give ${input.amount} for ${input.order}?`,
        run: () => '',
        ...refund,
      } as never,
    },
    ...more,
  });
  const words = setupDialogue({
    types: {} as { context: object },
    actors: { support },
    intents: { cancel: keywords('cancel') },
  });
  return words.createDialogue({
    id: 'shop',
    context: {},
    initial: 'open',
    on: words.commands({ cancel: '.over' }),
    states: {
      open: { on: { 'message.*': 'helping' } },
      helping: {
        invoke: { src: 'support', input: { text: 'Hi' }, onDone: 'over' },
      },
      over: words.done('Bye.'),
    },
  });
}

const inputs = { find: [{ order: 'A1' }], refund: [{ order: 'A1', amount: 5 }] };

/** What no model may break. */
const invariants = {
  'no refund without a yes to its question': ({ started, before, heard }: WalkView) => {
    for (const { service, input } of started) {
      if (service !== 'refund') continue;
      const asked = before?.state.includes('refund.asking') === true;
      const said = typeof heard === 'string' ? heard : JSON.stringify(heard);
      if (!asked || !/yes|ok|sure|y|👍|1/iu.test(said)) return false;
      const { amount } = (input as { input: { amount: number } }).input;
      if (amount !== 5) return /\d/u.test(JSON.stringify(input));
    }
    return true;
  },
  'no refund over 100': ({ started }: WalkView) =>
    started.every(
      ({ service, input }) =>
        service !== 'refund' || !((input as { input: { amount: number } }).input.amount > 100),
    ),
};

async function failureOf(
  dialogue: AnyStateMachine,
  more: Partial<WalkOptions> = {},
): Promise<WalkFailure> {
  const services = more.services ?? adversary(dialogue, { inputs });
  const options = { fc, runs: 150, invariants, ...more, services };
  const failure: unknown = await walkDialogue(dialogue, options).catch((error: unknown) => error);
  if (!(failure instanceof WalkFailure)) throw new Error('Nothing failed.', { cause: failure });
  return failure;
}

describe('an adversary in the place of the model', () => {
  it('breaks nothing in an agent with an approval', async () => {
    const dialogue = shop();
    let refunds = 0;
    let denied = 0;
    await walkDialogue(dialogue, {
      fc,
      runs: 100,
      services: adversary(dialogue, { inputs }),
      invariants: {
        ...invariants,
        counted: ({ started, before, state }) => {
          refunds += started.filter(({ service }) => service === 'refund').length;
          if (before?.state.includes('asking') && !state.includes('asking')) denied += 1;
        },
      },
    });
    expect(refunds).toBeGreaterThan(5);
    expect(denied).toBeGreaterThan(refunds);
  });

  it('is explored to the end, and every state of the agent is reached', async () => {
    const dialogue = shop({ approve: { timeout: { minutes: 1 } } });
    const { failures, unreached, needs } = await explore(dialogue, {
      services: adversary(dialogue, { inputs }),
    });
    expect(needs).toEqual([]);
    expect(failures).toEqual([]);
    expect(unreached.map(({ path, item }) => `${path} ${item.label ?? ''}`)).toEqual([]);
  });

  it('finds a tool without an approval, and shows the shortest conversation', async () => {
    const failure = await failureOf(shop({ approve: undefined }));
    expect(failure.invariant).toBe('no refund without a yes to its question');
    expect(failure.transcript.split('\n').length).toBeLessThan(8);
    expect(failure.transcript).toContain('"name":"refund"');
  });

  it('finds a tool that takes every input', async () => {
    const failure = await failureOf(shop({ input: z.any(), parameters: {} }));
    expect(failure.invariant).toBe('no refund over 100');
    expect(failure.transcript).toMatch(/> (yes|.*)\n/u);
  });

  it('finds an intent that skips the confirmation', async () => {
    const words = setupDialogue({
      types: {} as { context: object },
      actors: { refund: fromPromise<string, { input: { amount: number } }>(async () => 'x') },
      intents: { refund: {}, cancel: keywords('cancel') },
      // In the place of a model: which intents there are is up to it.
      recognize: () => Promise.resolve([]),
    } as never) as never as {
      createDialogue(config: object): AnyStateMachine;
      confirm(config: object): object;
      done(text: string): object;
      reply(text: string): unknown;
    };
    const asking = words.confirm({ question: 'Shall I give 5 back?', yes: 'paying', no: 'open' });
    const make = (target: string): AnyStateMachine =>
      words.createDialogue({
        id: 'desk',
        context: {},
        initial: 'open',
        states: {
          open: { on: { 'intent.refund': target, 'message.*': { actions: words.reply('What?') } } },
          refund: {
            initial: 'asking',
            states: { asking, paying: { always: '#desk.paying' }, open: { always: '#desk.open' } },
          },
          paying: {
            invoke: {
              src: 'refund',
              input: { input: { amount: 5 } },
              onDone: 'open',
              onError: 'open',
            },
            on: { 'message.*': { actions: words.reply('One moment.') } },
          },
        },
      });
    const services = { refund: ['x'] };
    await walkDialogue(make('refund'), { fc, runs: 200, invariants, services });
    const failure = await failureOf(make('paying'), { services });
    expect(failure.invariant).toBe('no refund without a yes to its question');
    expect(failure.transcript).toContain('intent.refund');
  });

  it('has a transcript that plays on the real runner', async () => {
    const dialogue = shop({ approve: undefined });
    const { transcript } = await failureOf(dialogue);
    expect(await playTranscript(transcript, dialogue)).toMatchObject({ same: true });
  });

  it('refuses samples of a tool that there is not', () => {
    expect(() => adversary(shop(), { inputs: { refnud: [] } })).toThrow("No agent of 'shop'");
  });
});
