import { setupDialogue } from 'colloquy';
import { type Chat, converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

const { choose, createDialogue, done } = setupDialogue({});
const menu = createDialogue({
  id: 'menu',
  context: {},
  initial: 'drink',
  states: {
    drink: choose({ question: 'Tea or beer?', options: ['tea', 'beer'], target: 'over' }),
    over: done('Bye.'),
  },
});

/** What each method of a chat names if its argument is missing or of another type. */
const METHODS: readonly [method: keyof Chat, names: RegExp, given?: readonly unknown[]][] = [
  ['say', /^chat\.say\(\) takes `message`/u],
  ['event', /^chat\.event\(\) takes `event`/u, ['paid']],
  ['choose', /^chat\.choose\(\) takes `option`/u, [{}]],
  ['press', /^chat\.press\(\) takes `reply`, one of `chat\.said`, before `option`/u, ['tea']],
  ['duplicate', /^chat\.duplicate\(\) takes `message`/u],
  ['user', /^chat\.user\(\) takes `openid`/u, ['']],
  ['advance', /^A duration is /u, ['1h']],
  ['until', /^chat\.until\(\) takes `state`/u, ['']],
  ['expectReply', /^chat\.expectReply\(\) takes `expected`/u, [{}, 7]],
  ['expectState', /^chat\.expectState\(\) takes `state`/u, [{}]],
  ['expectContext', /^chat\.expectContext\(\) takes `context`/u, ['tea']],
  ['expectTimer', /^A duration is /u, ['1h']],
  ['expectExpiryIn', /^A duration is /u, ['1h']],
  ['deploy', /^A dialogue is /u, [{}]],
  ['fail', /^chat\.fail\(\) takes `what`/u, [{}]],
  ['seed', /^chat\.seed\(\) takes `state`/u, [{}]],
];

describe('a method of a chat names the argument that is missing or wrong', () => {
  it.each(METHODS)('%s', async (method, names, more = [7]) => {
    for (const given of [undefined, null, Symbol('x'), ...more]) {
      const chat = converse(menu);
      await chat.say('hi');
      const call = async (): Promise<unknown> =>
        (chat[method] as (...args: readonly unknown[]) => unknown).call(
          chat,
          ...(given === undefined ? [] : [given]),
        );
      await expect(call()).rejects.toThrow(
        expect.objectContaining({
          name: 'UsageError',
          message: expect.stringMatching(names) as string,
        }),
      );
    }
  });

  it('press, with a reply and no option', async () => {
    const chat = converse(menu);
    await chat.say('hi');
    const press = chat.press as (...args: readonly unknown[]) => Promise<unknown>;
    await expect(press.call(chat, chat.said[0])).rejects.toThrow(
      'chat.press() takes `option`: a value, a label, or a number from 1, not undefined.',
    );
  });

  it('reorder and expectReplies, for each of several', async () => {
    const chat = converse(menu);
    await expect(chat.reorder('a', null as never)).rejects.toThrow(
      'chat.reorder() takes `message`, a text or an object with a `type`, not null.',
    );
    expect(() => chat.expectReplies('a', undefined as never)).toThrow(
      'chat.expectReplies() takes `expected`',
    );
  });

  it('but `send`, which never throws, gives it as an outcome', async () => {
    for (const message of [undefined, null, 7, {}]) {
      const chat = converse(menu);
      const { outcome, error } = await chat.send(message as never);
      expect(outcome).toBeUndefined();
      expect(error).toMatchObject({ code: 'bad_message' });
      expect(chat.transcript).not.toContain('undefined');
    }
  });
});
