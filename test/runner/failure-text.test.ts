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
