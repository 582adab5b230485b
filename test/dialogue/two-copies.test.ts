import type * as colloquy from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it, vi } from 'vitest';

const NOON = Date.parse('2040-03-02T12:00:00Z');

/** Another copy of the package, as a process has it that loads it as ESM and as CJS, or in two versions. */
async function otherCopy(): Promise<typeof colloquy> {
  vi.resetModules();
  return import('colloquy');
}

describe('a dialogue that was made with another copy of the package', async () => {
  const { choice, commandIntents, now, setupDialogue, UsageError } = await otherCopy();

  it('comes from another copy', async () => {
    const { now: ours } = await otherCopy();
    expect(ours).not.toBe(now);
  });

  it('reads the time of the runner by now()', async () => {
    const words = setupDialogue({ types: {} as { context: { at?: number } } });
    const clerk = words.createDialogue({
      id: 'clerk',
      context: {},
      on: { 'message.text': { actions: words.assign({ at: () => now() }) } },
    });
    const chat = converse(clerk, { now: NOON });
    await chat.say('hi');
    expect(chat.context).toEqual({ at: NOON });
  });

  it('has its questions answered by the button that they offered, and by no other', async () => {
    const words = setupDialogue({ types: {} as { context: { first?: string; second?: string } } });
    const clerk = words.createDialogue({
      id: 'clerk',
      context: {},
      initial: 'first',
      states: {
        first: words.choose({
          question: 'First?',
          options: ['a', 'b'],
          assign: 'first',
          target: 'second',
        }),
        second: words.choose({
          question: 'Second?',
          options: ['a', 'b'],
          assign: 'second',
          target: 'over',
        }),
        over: words.done('Bye.'),
      },
    });
    const chat = converse(clerk);
    await chat.say('hi');
    await chat.send({ type: 'message.action', value: 'a' });
    expect(chat.context).toEqual({ first: 'a' });
    await chat.send({ type: 'message.action', value: 'gone' });
    expect(chat.context).toEqual({ first: 'a' });
    await chat.send({ type: 'message.action', value: 'b' });
    expect(chat.context).toEqual({ first: 'a', second: 'b' });
  });

  it('speaks, in a sub-dialogue, the language of the dialogue around it', async () => {
    const inner = setupDialogue({ types: {} as { context: { n?: number } } });
    const child = inner.createDialogue({
      id: 'child',
      context: {},
      initial: 'ask',
      states: {
        ask: inner.ask({ question: '?', parse: choice(['x', 'y']), target: 'over' }),
        over: { type: 'final' },
      },
    });
    const outer = setupDialogue({ actors: { child }, words: { locale: 'zh-CN' } });
    const dialogue = outer.createDialogue({
      id: 'outer',
      context: {},
      initial: 'in',
      states: { in: { invoke: { src: 'child' } } },
    });
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('nonsense');
    expect(chat.replies).toEqual(['请从中选一个：x还是y。']);
  });

  it('fails with the code of the error that its guard threw', async () => {
    const words = setupDialogue({ types: {} as { context: object } });
    const clerk = words.createDialogue({
      id: 'clerk',
      context: {},
      initial: 'ask',
      states: {
        ask: words.ask({
          question: '?',
          parse: () => {
            throw new UsageError('mine', 'My own error.');
          },
          target: 'over',
        }),
        over: { type: 'final' },
      },
    });
    const chat = converse(clerk, { onError: () => 'Sorry.' });
    await chat.say('hi');
    await chat.say('anything');
    expect(chat.errors[0]).toMatchObject({ cause: { code: 'mine' } });
  });

  it('hears of a “back” that no state took', async () => {
    const words = setupDialogue({
      types: {} as { context: { name?: string } },
      intents: { back: commandIntents.back },
    });
    const clerk = words.createDialogue({
      id: 'clerk',
      context: {},
      initial: 'form',
      states: {
        form: words.form({
          slots: { name: { question: 'Name?', parse: ({ type }) => ({ value: type }) } },
          target: 'over',
        }),
        over: { type: 'final' },
      },
    });
    const chat = converse(clerk);
    await chat.say('hi');
    await chat.say('back');
    expect(chat.replies).toContain('There is nothing before this question.');
  });
});
