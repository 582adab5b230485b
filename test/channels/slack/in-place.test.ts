import { describe, expect, it } from 'vitest';
import { dialogue } from '../menu.ts';
import { openWorkspace } from './workspace.ts';

const HI = { channel: 'D1', user: 'UANN', text: 'hi', ts: '100.1' } as const;

const calls = ({ posts }: ReturnType<typeof openWorkspace>): readonly string[] =>
  posts.map(({ method, ts, text, blocks }) => `${method} ${ts} ${text} ${blocks.length}`);

describe('a reply in place of an earlier message on Slack', () => {
  it('turns the pages of a menu in one message, and takes the buttons off with the last', async () => {
    const bot = openWorkspace(dialogue);
    await bot.message(HI);
    await bot.press('UANN', 'More');
    await bot.press('UANN', 'Back');
    await bot.press('UANN', 'Buy');
    await bot.runner.send('slack:T1:UANN:UANN', { type: 'event.payment' }, { id: 'p1' });
    await bot.runner.idle('slack:T1:UANN:UANN');
    expect(calls(bot)).toEqual([
      'chat.postMessage 1800000000.0 Tea 2',
      'chat.update 1800000000.0 Cake 2',
      'chat.update 1800000000.0 Tea 2',
      'chat.update 1800000000.0 Waiting for your payment … 0',
      'chat.update 1800000000.0 Paid. Thank you! 0',
    ]);
    expect(bot.errors).toEqual([]);
  });

  it.each(['message_not_found', 'cant_update_message', 'edit_window_closed'])(
    'is said below where Slack does not change the message (%s)',
    async (error) => {
      const bot = openWorkspace(dialogue, {
        refuse: (url) => (url.endsWith('chat.update') ? error : undefined),
      });
      await bot.message(HI);
      await bot.press('UANN', 'More');
      expect(calls(bot)).toEqual([
        'chat.postMessage 1800000000.0 Tea 2',
        'chat.postMessage 1800000000.1 Cake 2',
      ]);
      expect(bot.errors).toEqual([]);
    },
  );

  it('is said below what only one person sees, which Slack does not change', async () => {
    const bot = openWorkspace(dialogue);
    await bot.command({ channel: 'C1', user: 'UANN', command: '/menu' });
    await bot.press('UANN', 'More');
    expect(bot.posts.map(({ method }) => method)).toEqual([
      'chat.postEphemeral',
      'chat.postEphemeral',
    ]);
  });

  it.each(['', 'C1', ':1.2', 'C1:', 'C1:x', 'C 1:1.2'])(
    'is said as any other with what is no message of Slack (%j)',
    async (replaces) => {
      const bot = openWorkspace(dialogue);
      await bot.runner.say('slack:T1:UANN:UANN', [
        { type: 'text', text: 'Hi', ...(replaces && { replaces }) },
      ]);
      await bot.runner.idle('slack:T1:UANN:UANN');
      expect(bot.posts.map(({ method }) => method)).toEqual(['chat.postMessage']);
    },
  );
});
