import { type AnyStateMachine, emit, setup } from 'xstate';
import { describe, expect, it } from 'vitest';
import { createWorld, texts } from './world.ts';

const address = setup({
  types: {} as { context: { city: string }; input: { city: string } },
}).createMachine({
  context: ({ input }) => ({ city: input.city }),
  initial: 'street',
  states: {
    street: {
      entry: emit(({ context }) => ({
        type: 'reply',
        reply: `Street in ${context.city}?`,
      })) as never,
      on: { 'message.text': 'end' },
    },
    end: { type: 'final' },
  },
});

describe('the input of a dialogue', () => {
  it('is the openid when there is no option', async () => {
    const greeter = setup({
      types: {} as { context: { who: string }; input: { openid: string } },
    }).createMachine({
      context: ({ input }) => ({ who: input.openid }),
      on: { 'message.text': {} },
    });
    const { runner, data } = createWorld(greeter as AnyStateMachine);
    await runner.handle('ann', 'x');
    expect(await data('ann')).toEqual({ who: 'ann' });
  });

  it('comes from the option, which the runner calls for each user and each start', async () => {
    const asked: string[] = [];
    const { runner } = createWorld(address as AnyStateMachine, {
      input: ({ openid }) => {
        asked.push(openid);
        return { city: openid === 'ann' ? 'Oslo' : 'Bergen' };
      },
    });
    expect(texts((await runner.handle('ann', 'x')).replies)).toEqual(['Street in Oslo?']);
    expect(texts((await runner.handle('bob', 'x')).replies)).toEqual(['Street in Bergen?']);
    await runner.handle('ann', 'Main Street');
    await runner.handle('ann', 'again');
    expect(asked).toEqual(['ann', 'bob', 'ann']);
  });

  it('fails the turn when the option throws, and the next turn works', async () => {
    const fault = new Error('a fault of mine');
    let isBroken = true;
    const { runner, store, errors } = createWorld(address as AnyStateMachine, {
      onError: () => 'Sorry.',
      input: () => {
        if (isBroken) throw fault;
        return { city: 'Oslo' };
      },
    });
    const turn = await runner.handle('ann', 'x', { id: 'm' });
    expect([turn.outcome, texts(turn.replies)]).toEqual(['failed', ['Sorry.']]);
    expect(errors).toMatchObject([{ name: 'StepError', code: 'step_failed', cause: fault }]);
    expect(await store.exists('ann')).toBe(false);
    isBroken = false;
    expect(texts((await runner.handle('ann', 'x', { id: 'm' })).replies)).toEqual([
      'Street in Oslo?',
    ]);
  });
});
