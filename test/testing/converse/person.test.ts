import { converse, playTranscript } from 'colloquy/testing';
import { keywords, setupDialogue } from 'colloquy';
import { describe, expect, it } from 'vitest';

const { assign, choose, createDialogue, reply } = setupDialogue({
  types: {} as { context: { votes: string[] } },
  intents: { hello: keywords('hello') },
});

/** A poll of a group: one conversation, in which several people speak. */
const poll = createDialogue({
  id: 'poll',
  context: { votes: [] },
  initial: 'open',
  on: {
    'intent.hello': { actions: reply(({ event }) => `Hello, ${event.from?.name}.`) },
    'event.join': {
      actions: assign({
        votes: ({ context, event }) => [...context.votes, `${event.from?.id}: -`],
      }),
    },
  },
  states: {
    open: choose({
      question: 'Tea or coffee?',
      options: ['tea', 'coffee'],
      assign: ({ context, event, value }) => ({
        votes: [...context.votes, `${event.from?.id}: ${value}`],
      }),
    }),
  },
});

describe('in a conversation of several people', () => {
  it('each speaks by their own chat, and all of it is one conversation', async () => {
    const group = converse(poll);
    const ann = group.person('ann');
    const bob = group.person({ id: '7', name: 'Bob Lee' });
    expect(await ann.say('hi')).toEqual(['Tea or coffee?\n1. tea\n2. coffee']);
    const [question] = group.said;
    await ann.choose('coffee');
    await bob.press(question, 'tea');
    await bob.send('2');
    await ann.send({ type: 'event.join' });
    await group.say('1');
    expect(await bob.say('hello')).toEqual(['Hello, Bob Lee.']);
    for (const chat of [group, ann, bob]) {
      chat.expectState('open').expectContext({
        votes: ['ann: coffee', '7: tea', '7: coffee', 'ann: -', 'undefined: tea'],
      });
    }
  });

  it('a message that says itself who sent it keeps that, also when it is delivered again', async () => {
    const group = converse(poll);
    await group.say('hi');
    const ann = group.person('ann');
    await ann.send({ type: 'message.text', text: 'tea', from: { id: 'eve' } });
    await ann.say('coffee');
    expect((await group.redeliver()).outcome).toBe('duplicate');
    group.expectContext({ votes: ['eve: tea', 'ann: coffee'] });
  });

  it('a transcript says who speaks, and plays the same again', async () => {
    const group = converse(poll);
    const bob = group.person({ id: '7', name: 'Bob Lee' });
    await group.person('ann').say('hi');
    await bob.choose('tea');
    await bob.say('hello');
    expect(group.transcript).toBe(
      [
        '> [from ann] hi',
        '< Tea or coffee?',
        '  1. tea',
        '  2. coffee',
        '> [from 7 Bob Lee] [button tea]',
        '> [from 7 Bob Lee] hello',
        '< Hello, Bob Lee.',
        '',
      ].join('\n'),
    );
    expect((await playTranscript(group.transcript, poll)).diff).toBe('');
  });

  it.each([undefined, '', 7, {}, { id: '' }, { name: 'Bob' }, { id: 'b', name: 7 }])(
    'a person is an id, or an object with one, and not %j',
    (given) => {
      expect(() => converse(poll).person(given as never)).toThrow(
        'chat.person() takes `person`, an id or an object with an `id` and perhaps a `name`, not ',
      );
    },
  );
});
