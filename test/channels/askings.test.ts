import { createHmac } from 'node:crypto';
import {
  type Message,
  type Reply,
  createContextStore,
  createRunner,
  setupDialogue,
  text,
} from 'colloquy';
import { jsonWebhook } from 'colloquy/channels/json';
import { slack } from 'colloquy/channels/slack';
import { telegram } from 'colloquy/channels/telegram';
import { createWebhook } from 'colloquy/channels/webhook';
import { wechat } from 'colloquy/channels/wechat';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Channel } from '../../src/channels/channel.ts';
import { toCalls } from '../../src/channels/telegram/calls.ts';
import { toUpdate } from '../../src/channels/telegram/update.ts';
import { toPosts } from '../../src/channels/slack/posts.ts';
import { interactionsOf } from '../../src/channels/slack/interaction.ts';
import { LastPlaces } from '../../src/channels/slack/last-places.ts';
import { renderReplies } from '../../src/channels/wechat/render.ts';
import type { RunnerOptions } from '../../src/runner/options.ts';
import { sign as signSlack } from './subjects/slack.ts';

const { ask, assign, confirm, createDialogue, done } = setupDialogue({
  types: {} as { context: { name?: string; taken?: string[] } },
});
const note = (word: string) => assign({ taken: ({ context }) => [...(context.taken ?? []), word] });

const account = createDialogue({
  id: 'account',
  context: {},
  initial: 'pay',
  states: {
    pay: confirm({
      question: 'Pay?',
      yes: { target: 'delete', actions: note('paid') },
      no: 'delete',
    }),
    delete: confirm({
      question: 'Delete?',
      yes: { target: 'name', actions: note('deleted') },
      no: 'name',
    }),
    name: ask({ question: 'Your name?', parse: text(), assign: 'name', target: 'end' }),
    end: done('Bye.'),
  },
});

/** A bot behind a channel, and everything that it says by its own calls. */
function open(
  made: (fetch: (url: string, init: { body: string }) => Promise<Response>) => Channel,
  options: Pick<RunnerOptions, 'onStale'> = {},
) {
  const calls: Record<string, unknown>[] = [];
  const channel = made(async (_url, { body }) => {
    calls.push(JSON.parse(body) as Record<string, unknown>);
    return Response.json({ ok: true });
  });
  const clock = createManualClock({ now: 1_700_000_000_000 });
  const store = createContextStore<{ taken?: string[]; name?: string }>({ clock });
  const runner = createRunner(account, { store, ...options });
  onTestFinished(() => runner.stop());
  const handler = createWebhook(runner, channel, { clock });
  const send = async (request: Request, openid: string) => {
    const response = await handler(request);
    await runner.idle(openid);
    return response;
  };
  const data = async (openid: string) => (await store.open(openid)).toJSON();
  return { calls, send, data, clock };
}

describe('a Telegram group', () => {
  const chat = { id: -100, type: 'supergroup' };
  type Markup = { inline_keyboard: { text: string; callback_data: string }[][] };

  function openGroup(options: Pick<RunnerOptions, 'onStale'> = {}) {
    const bot = open(
      (fetch) => telegram({ token: '7:AA', secret: 's', fetch: fetch as never }),
      options,
    );
    const shown: { text: string; markup: Markup | undefined }[] = [];
    let updates = 0;
    const take = (call: Record<string, unknown>): void => {
      if ('text' in call && !('callback_query_id' in call))
        shown.push({ text: String(call['text']), markup: call['reply_markup'] as Markup });
    };
    const deliver = async (user: number, content: object) => {
      updates += 1;
      const before = bot.calls.length;
      const request = new Request('https://bot.example/', {
        method: 'POST',
        headers: { 'x-telegram-bot-api-secret-token': 's' },
        body: JSON.stringify({ update_id: updates, ...content }),
      });
      const response = await bot.send(request, `telegram:7:-100:${user}`);
      const body = await response.text();
      const answer = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
      take(answer);
      for (const call of bot.calls.slice(before)) take(call);
      return { status: response.status, answer };
    };
    return {
      ...bot,
      shown,
      write: (user: number, words: string) =>
        deliver(user, { message: { from: { id: user }, chat, text: words } }),
      press: (user: number, place: number, row: number) => {
        const markup = shown[place]?.markup;
        return deliver(user, {
          callback_query: {
            id: `q${updates}`,
            from: { id: user },
            data: markup?.inline_keyboard[row]?.[0]?.callback_data,
            message: { chat, reply_markup: markup },
          },
        });
      },
      dataOf: (user: number) => bot.data(`telegram:7:-100:${user}`),
    };
  }

  it('counts a second tap on the same button as nothing', async () => {
    const { write, press, shown, dataOf } = openGroup();
    await write(1, 'hi');
    await press(1, 0, 0);
    const { status, answer } = await press(1, 0, 0);
    expect([status, answer]).toEqual([
      200,
      { method: 'answerCallbackQuery', callback_query_id: 'q2' },
    ]);
    expect(shown.map((each) => each.text)).toEqual(['Pay?', 'Delete?']);
    expect(await dataOf(1)).toEqual({ taken: ['paid'] });
  });

  it('leaves to each their own button', async () => {
    const { write, press, shown, dataOf } = openGroup();
    await write(1, 'hi');
    await write(2, 'hi');
    await press(2, 0, 0);
    expect(await dataOf(2)).toEqual({});
    await press(2, 1, 0);
    expect(await dataOf(2)).toEqual({ taken: ['paid'] });
    expect(await dataOf(1)).toEqual({});
    expect(shown).toHaveLength(3);
  });

  it('shows beside the button what is said of one that is over, and keeps nothing of it', async () => {
    const { write, press, shown, dataOf } = openGroup({ onStale: () => 'That question is over.' });
    await write(1, 'hi');
    await press(1, 0, 1);
    const { answer } = await press(1, 0, 0);
    expect(answer).toEqual({
      method: 'answerCallbackQuery',
      callback_query_id: 'q2',
      text: 'That question is over.',
    });
    expect(shown).toHaveLength(2);
    // A user who never spoke to the bot gets the notice, too.
    expect((await press(3, 0, 0)).answer).toMatchObject({ text: 'That question is over.' });
    expect(await dataOf(3)).toEqual({});
  });

  it('says in the chat what is too long to be shown beside a button', async () => {
    const { write, press, shown } = openGroup({ onStale: () => 'Over. '.repeat(50) });
    await write(1, 'hi');
    await press(1, 0, 1);
    await press(1, 0, 1);
    expect(shown.at(-1)?.text).toContain('Over. Over.');
  });
});

describe('the button of Telegram', () => {
  const pressOf = (data: string | undefined, markup?: unknown): Message | undefined =>
    toUpdate({
      update_id: 1,
      callback_query: {
        id: '1',
        from: { id: 1, is_bot: false },
        data,
        message: { chat: { id: 1 }, ...(markup !== undefined && { reply_markup: markup }) },
      },
    })?.said?.message;
  const markupOf = (reply: Reply) => {
    const calls = toCalls(reply);
    if (typeof calls === 'string') throw new Error(calls);
    return calls.at(-1)?.parameters['reply_markup'] as {
      inline_keyboard: { text: string; callback_data: string }[][];
    };
  };

  it.each<[string, string]>([
    ['tea', 'tea'],
    ['微'.repeat(17), '微'.repeat(17)],
    ['微'.repeat(22), 'Label'],
    ['~x', 'Label'],
    ['~~a~x', 'Label'],
    ['a~b~c', 'a~b~c'],
    ['x'.repeat(53), 'x'.repeat(53)],
    ['x'.repeat(54), 'Label'],
    ['two\nlines', 'two\nlines'],
  ])('brings %j back as %j, with its asking', (value, given) => {
    const options = [{ value, label: 'Label' }];
    for (const asking of ['m0000000', 'a', undefined]) {
      const markup = markupOf({
        type: 'choices',
        text: 'Which?',
        options,
        ...(asking !== undefined && { asking }),
      });
      const data = markup.inline_keyboard[0]?.[0]?.callback_data as string;
      expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
      const message = pressOf(data, markup);
      // A shorter asking leaves room for one more.
      const fits = value === 'x'.repeat(54) && asking?.length !== 8;
      const expected = { type: 'message.action', value: fits ? value : given, label: 'Label' };
      expect(message).toMatchObject(expected);
      expect((message as { asking?: string }).asking).toBe(asking);
    }
  });

  it.each(['tea', 'yes', 'a~b', '微'])(
    'of a message from before belongs to no known asking: %j',
    (data) => {
      expect(pressOf(data)).toMatchObject({ type: 'message.action', value: data, asking: '' });
    },
  );

  it('of a message from before whose value did not fit is known by its label', () => {
    const data = `~${'a'.repeat(43)}`;
    const markup = { inline_keyboard: [[{ text: 'Long', callback_data: data }]] };
    expect(pressOf(data, markup)).toMatchObject({ value: 'Long', asking: '' });
    expect(pressOf(data)).toMatchObject({ type: 'message.unknown' });
  });

  it('that a raw reply brings belongs to no question, and comes back unchanged', () => {
    const reply_markup = {
      inline_keyboard: [
        [
          { text: 'A', callback_data: 'mine' },
          { text: 'B', url: 'https://a.example' },
        ],
      ],
    };
    const payload = { method: 'sendMessage', text: 'Which?', reply_markup };
    const markup = markupOf({ type: 'raw', channel: 'telegram', payload });
    expect(markup.inline_keyboard[0]?.[1]).toEqual({ text: 'B', url: 'https://a.example' });
    const message = pressOf(markup.inline_keyboard[0]?.[0]?.callback_data, markup);
    expect(message).toMatchObject({ type: 'message.action', value: 'mine', label: 'A' });
    expect(message).not.toHaveProperty('asking');
  });
});

describe('a Slack channel', () => {
  function openChannel() {
    const bot = open((fetch) =>
      slack({ signingSecret: 's', token: 'xoxb-1', fetch: fetch as never }),
    );
    let sent = 0;
    const deliver = (user: string, body: string, type: string) => {
      const bytes = new TextEncoder().encode(body);
      return bot.send(
        new Request('https://bot.example/', {
          method: 'POST',
          headers: { ...signSlack('s', bytes, bot.clock.now()), 'content-type': type },
          body: bytes,
        }),
        `slack:T1:C1.1.0:${user}`,
      );
    };
    type Block = {
      block_id?: string;
      type: string;
      elements: { value: string; action_id: string }[];
    };
    const blocks = () =>
      bot.calls.map(({ blocks: all }) =>
        ((all ?? []) as Block[]).find(({ type }) => type === 'actions'),
      );
    return {
      ...bot,
      write(user: string, words: string) {
        sent += 1;
        return deliver(
          user,
          JSON.stringify({
            type: 'event_callback',
            team_id: 'T1',
            event_id: `Ev${sent}`,
            event: {
              type: 'app_mention',
              channel: 'C1',
              user,
              text: words,
              ts: `2.${sent}`,
              thread_ts: '1.0',
            },
          }),
          'application/json',
        );
      },
      press(user: string, place: number, row: number) {
        sent += 1;
        const block = blocks()[place];
        const payload = {
          type: 'block_actions',
          team: { id: 'T1' },
          user: { id: user, team_id: 'T1' },
          channel: { id: 'C1' },
          container: { type: 'message', channel_id: 'C1', message_ts: '3.0', thread_ts: '1.0' },
          message: { ts: '3.0', thread_ts: '1.0' },
          actions: [
            {
              type: 'button',
              block_id: block?.block_id,
              ...block?.elements[row],
              action_ts: `4.${sent}`,
            },
          ],
        };
        return deliver(
          user,
          new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
          'application/x-www-form-urlencoded',
        );
      },
      dataOf: (user: string) => bot.data(`slack:T1:C1.1.0:${user}`),
    };
  }

  it('counts a second tap as nothing, and leaves to each their own button', async () => {
    const { write, press, dataOf, calls } = openChannel();
    await write('U1', 'hi');
    await write('U2', 'hi');
    await press('U1', 0, 0);
    await press('U1', 0, 0);
    await press('U2', 0, 0);
    expect(calls.map(({ text: words }) => words)).toEqual(['Pay?', 'Pay?', 'Delete?']);
    expect(await dataOf('U1')).toEqual({ taken: ['paid'] });
    expect(await dataOf('U2')).toEqual({});
    await press('U2', 1, 0);
    expect(await dataOf('U2')).toEqual({ taken: ['paid'] });
  });

  const hearing = { prefix: 'slack:', scope: 'user', whereabouts: new LastPlaces() } as const;
  const press = (action: object): Message | undefined =>
    interactionsOf(hearing, {
      type: 'block_actions',
      team: { id: 'T1' },
      user: { id: 'U1' },
      channel: { id: 'D1' },
      container: { message_ts: '1.0' },
      actions: [{ type: 'button', value: 'a', action_ts: '1', ...action }],
    })[0]?.message;

  it.each<[string, object, string | undefined]>([
    ['of today', { block_id: 'asking:m0', action_id: 'choice:0' }, 'm0'],
    ['that no question offers', { block_id: 'asking:', action_id: 'choice:0' }, undefined],
    ['from before', { block_id: 'aB3', action_id: 'choice:12' }, ''],
    ['from before, without a block', { action_id: 'choice:0' }, ''],
    ['of a raw reply', { block_id: 'aB3', action_id: 'mine' }, undefined],
    ['of a raw reply without ids', {}, undefined],
    ['of a raw reply that looks like ours', { block_id: 'x', action_id: 'choice:x' }, undefined],
    ['whose ids are no texts', { block_id: 7, action_id: 7 }, undefined],
  ])('knows the asking of a button %s', (_what, action, asking) => {
    const message = press(action) as { asking?: string; value?: string };
    expect([message.value, message.asking]).toEqual(['a', asking]);
  });

  it('sends the asking with the buttons', () => {
    const posts = toPosts({
      type: 'choices',
      text: 'Which?',
      options: [{ value: 'a' }],
      asking: 'm0',
    });
    expect(JSON.stringify(posts)).toContain('"block_id":"asking:m0"');
  });
});

describe('JSON', () => {
  it('gives the asking with the choices, and takes it with a press', async () => {
    const bot = open(() => jsonWebhook({ secret: 's' }));
    let sent = 0;
    const post = async (message: object) => {
      sent += 1;
      const body = JSON.stringify({ user: 'ann', id: `${sent}`, message });
      const t = Math.floor(bot.clock.now() / 1000);
      const v1 = createHmac('sha256', 's').update(`${t}.${body}`).digest('hex');
      const request = new Request('https://bot.example/', {
        method: 'POST',
        headers: { 'x-colloquy-signature': `t=${t},v1=${v1}` },
        body,
      });
      const response = await bot.send(request, 'json:ann');
      const { replies = [] } = (await response.json().catch(() => ({}))) as {
        replies?: { type: string; text: string; asking?: string }[];
      };
      return { status: response.status, replies };
    };
    const first = (await post({ type: 'message.text', text: 'hi' })).replies[0];
    expect(first?.asking).toMatch(/^[0-9a-z]{1,8}$/);
    const yes = { type: 'message.action', value: 'yes', asking: first?.asking };
    expect((await post(yes)).replies[0]?.text).toBe('Delete?');
    expect(await post(yes)).toEqual({ status: 200, replies: [] });
    expect(await bot.data('json:ann')).toEqual({ taken: ['paid'] });
    // A client that sends no asking names the option.
    expect((await post({ type: 'message.action', value: 'No' })).replies[0]?.text).toBe(
      'Your name?',
    );
    expect((await post({ type: 'message.action', value: 'yes' })).replies[0]?.text).toBe(
      'Your name?',
    );
    expect((await post({ type: 'message.action', value: 'yes', asking: 7 })).status).toBe(400);
  });
});

describe('WeChat', () => {
  it('shows choices as a list without their asking', () => {
    const { content } = renderReplies(
      [
        {
          type: 'choices',
          text: 'Which?',
          options: [{ value: 'a' }, { value: 'b' }],
          asking: 'm0',
        },
      ],
      { to: 'u', from: 'a', sentAt: 0, maxArticles: 1 },
    );
    expect(content).toMatchObject({ Content: 'Which?\n1. a\n2. b' });
    expect(wechat({ token: 'token' }).name).toBe('wechat');
  });
});
