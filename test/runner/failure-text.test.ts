import { setupDialogue } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { fromPromise } from 'xstate';
import { withCauses } from '../../src/internal/causes.ts';

const fault = new Error('no connection');
const words = setupDialogue({
  types: {} as { context: object },
  actors: {
    price: fromPromise<string>(async () => {
      throw fault;
    }),
  },
});
const till = words.createDialogue({
  id: 'till',
  context: {},
  initial: 'paying',
  states: { paying: { invoke: { src: 'price', onDone: 'over' } }, over: { type: 'final' } },
});
const outer = setupDialogue({ types: {} as { context: object }, actors: { till } });
const shop = outer.createDialogue({
  id: 'shop',
  context: {},
  initial: 'open',
  states: {
    open: {
      initial: 'desk',
      states: {
        desk: {
          on: {
            'message.text': {
              guard: () => {
                throw fault;
              },
              target: '#shop.paying',
            },
            'message.image': {
              actions: outer.assign(() => {
                throw fault;
              }),
            },
            'message.voice': '#shop.paying',
          },
        },
      },
    },
    paying: { invoke: { src: 'till' }, on: { 'message.text': 'open' } },
  },
});

describe('the error of a turn', () => {
  it.each([
    [
      'a guard',
      'message.text',
      "Dialogue 'shop' threw in state 'open.desk' while it took 'message.text', so the turn changed nothing; see the cause.",
    ],
    [
      'an assign',
      'message.image',
      "Dialogue 'shop' threw in state 'open.desk' while it took 'message.image', so the turn changed nothing; see the cause.",
    ],
    [
      'a service of a sub-dialogue',
      'message.voice',
      "Service 'price' of dialogue 'till' failed in state 'paying', which has no `onError` for it; see the cause.",
    ],
  ] as const)(
    'names the state in which %s failed, and keeps the cause',
    async (_what, type, message) => {
      const chat = converse(shop);
      await chat.send({ type, text: 'a secret' });
      expect((chat.errors[0] as Error).message).toBe(message);
      expect(chat.errors).toMatchObject([{ code: 'step_failed' }]);
      const [line] = chat.transcript.split('\n').filter((each) => each.startsWith('! '));
      expect(line).toContain('no connection');
      expect(message).not.toContain('secret');
      expect(withCauses(chat.errors[0])).toMatch(/\n {2}cause: .*no connection$/);
    },
  );
});

describe('the error of what a user made of a dialogue', () => {
  const loose = setupDialogue({ types: {} as { context: Record<string, unknown> } });
  const odd = loose.createDialogue({
    id: 'odd',
    context: {},
    initial: 'on',
    states: {
      on: {
        on: {
          'message.text': {
            actions: loose.assign(({ event }) => ({ [event.text]: () => event.text })),
          },
          'message.image': {
            actions: loose.assign(({ event }) => ({
              list: [{ [`${event.mediaId}`]: /x/u }],
            })),
          },
          'message.voice': {
            actions: loose.reply(({ event }) => ({ type: `${event.mediaId}`, text: 'x' }) as never),
          },
          'message.video': {
            actions: loose.reply(
              ({ event }) => ({ type: 'text', [`${event.mediaId}`]: 1 }) as never,
            ),
          },
          'message.link': {
            actions: loose.reply(
              ({ event }) => ({ type: 'text', text: { a: event.url } }) as never,
            ),
          },
        },
      },
    },
  });
  const SAID = 'my secret is 4711';

  it.each([
    ['a key of the context', { type: 'message.text', text: SAID }, 'context_not_plain'],
    ['a key inside', { type: 'message.image', mediaId: SAID }, 'context_not_plain'],
    ['the type of a reply', { type: 'message.voice', mediaId: SAID }, 'bad_reply'],
    ['a field of a reply', { type: 'message.video', mediaId: SAID }, 'bad_reply'],
    ['what stands for a text', { type: 'message.link', url: SAID, title: SAID }, 'bad_reply'],
  ] as const)('has no word of theirs: %s', async (_what, message, code) => {
    const chat = converse(odd);
    await chat.send(message as never);
    expect(chat.errors).toMatchObject([{ code }]);
    const error = chat.errors[0] as Error & { readonly details: object };
    const told = [error.message, JSON.stringify(error), JSON.stringify(error.details)].join(' ');
    expect(told).not.toContain('secret');
    expect(told).not.toContain('4711');
  });
});
