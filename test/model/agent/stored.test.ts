import { createContextStore, createRunner, formatReply, keywords, setupDialogue } from 'colloquy';
import { createAgent } from 'colloquy/model';
import { createDisk, memory } from 'colloquy/persist/memory';
import { converse, createManualClock, lintDialogue, takes } from 'colloquy/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { call, playing } from './answers.ts';
import { agentOf, deskOf, refunds } from './desk.ts';

const find = () => ({ text: 'I look.', calls: [call('find', { order: 'A1' })] });

beforeEach(() => {
  refunds.length = 0;
});

describe('an agent in the record', () => {
  it('goes on in the next process where it was, and repeats no call that had ended', async () => {
    const model = playing([find(), { text: 'Found.' }]);
    const runs: string[] = [];
    const slow = takes({ seconds: 9 }, () => 'there');
    const chat = converse(deskOf({ model }), {
      deadlineMs: 1000,
      services: {
        find: (input, about) => {
          runs.push(input.key);
          return slow(input as never, about);
        },
      },
    });
    await chat.say('Where?');
    await chat.advance({ seconds: 2 });
    expect(chat.state).toContain('tools.find.running');
    await chat.crash();
    expect(await chat.advance({ seconds: 10 })).toEqual(['Found.']);
    expect(model.requests).toHaveLength(2);
    expect(runs).toHaveLength(2);
    expect(new Set(runs).size).toBe(1);
  });

  it('keeps a question that was asked before the crash', async () => {
    const refund = call('refund', { order: 'A1', amount: 5 });
    const model = playing([{ calls: [refund] }, { text: 'Done.' }]);
    const chat = converse(deskOf({ model }));
    await chat.say('Money back');
    await chat.crash();
    expect(await chat.say('yes')).toEqual(['Done.']);
    expect(refunds).toHaveLength(1);
  });

  it('is erased, exported and forgotten with the user', async () => {
    const clock = createManualClock();
    const store = createContextStore({ clock, persister: memory(createDisk()) });
    const model = playing([{ calls: [call('refund', { order: 'A1', amount: 5 })] }]);
    const runner = createRunner(deskOf({ model }), { store });
    await runner.handle('ann', 'My order A1');
    expect(JSON.stringify(await store.export('ann'))).toContain('My order A1');
    await store.erase('ann');
    expect(await store.export('ann')).toBeUndefined();
  });

  it('goes on in another process than the one that it began in', async () => {
    const refund = call('refund', { order: 'A1', amount: 5 });
    const model = playing([find(), { calls: [refund] }, { text: 'Done.' }]);
    const disk = createDisk();
    const dialogue = deskOf({ model });
    const node = (owner: string) =>
      createRunner(dialogue, {
        store: createContextStore({ persister: memory(disk), lease: { owner } }),
      });
    const [one, two] = [node('one'), node('two')];
    const asked = await one.handle('ann', 'Money back', { id: '1' });
    expect(asked.replies.map(formatReply).join('|')).toBe(
      'I look.|Give 5 back for A1?\n1. Yes\n2. No',
    );
    const again = await two.handle('ann', 'Money back', { id: '1' });
    expect(again.outcome).toBe('duplicate');
    const done = await two.handle('ann', 'yes', { id: '2' });
    expect(done.replies.map(formatReply)).toEqual(['Done.']);
    const late = await one.handle('ann', 'yes', { id: '2' });
    expect(late.outcome).toBe('duplicate');
    expect(model.requests).toHaveLength(3);
    expect(refunds).toHaveLength(1);
  });

  it('is resumed by a history, with its conversation and its open question', async () => {
    const model = playing([
      { calls: [call('refund', { order: 'A1', amount: 5 })] },
      { text: 'Ok.' },
    ]);
    const support = agentOf({ model });
    const words = setupDialogue({
      types: {} as { context: object },
      actors: { support },
      intents: { price: keywords('price') },
    });
    const dialogue = words.createDialogue({
      id: 'shop',
      context: {},
      initial: 'help',
      on: { 'intent.price': '.price' },
      states: {
        help: {
          initial: 'agent',
          states: {
            agent: {
              invoke: {
                src: 'support',
                input: () => ({ text: 'Money', about: { openid: 'ann' } }),
                onDone: '#shop.over',
              },
            },
            last: { type: 'history', history: 'deep' },
          },
        },
        price: words.confirm({ question: 'It is 5. Go on?', yes: 'help.last', no: 'over' }),
        over: words.done('Bye.'),
      },
    });
    const chat = converse(dialogue);
    const question = 'Give 5 back for A1?\n1. Yes\n2. No';
    expect(await chat.say('hi')).toEqual([question]);
    expect(await chat.say('price')).toEqual(['It is 5. Go on?\n1. Yes\n2. No']);
    expect(await chat.say('yes')).toEqual([question]);
    expect(await chat.say('yes')).toEqual(['Ok.', 'Bye.']);
    expect(model.requests).toHaveLength(2);
    expect(refunds).toHaveLength(1);
  });

  it('has a chart, and nothing for lint to find but what the dialogue around it lacks', () => {
    const model = playing([]);
    expect(
      lintDialogue(deskOf({ model })).filter(({ dialogue }) => dialogue === 'support'),
    ).toEqual([]);
    const output = { description: '', schema: undefined };
    expect(() => createAgent({ id: 'a', model, instructions: '', output } as never)).toThrow(
      'schema',
    );
  });
});
