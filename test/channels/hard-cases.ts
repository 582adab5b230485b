import { createContextStore, createRunner, type Runner, type RunnerOptions } from 'colloquy';
import { telegram } from 'colloquy/channels/telegram';
import { createWebhook } from 'colloquy/channels/webhook';
import { wechat } from 'colloquy/channels/wechat';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import { onTestFinished } from 'vitest';
import type { Channel } from '../../src/channels/channel.ts';
import { parseXml } from '../../src/channels/wechat/parse.ts';
import * as pushes from './wechat/pushes.ts';

// Of all bots here: two with one disk must not take the messages of each other for delivered before.
let updates = 0;
let messages = 0;

type Dialogue = Parameters<typeof createRunner>[0];

interface Markup {
  readonly inline_keyboard: readonly (readonly {
    readonly text: string;
    readonly callback_data: string;
  }[])[];
}

interface World extends Pick<RunnerOptions, 'onUnhandled'> {
  readonly clock?: ManualClock;
  /** Several bots with one disk are one bot before and after a deploy. */
  readonly disk?: Disk;
  /** What the user of Telegram sees of buttons. */
  readonly keyboards?: Markup[];
  /** Of a conversation, in seconds. */
  readonly age?: number;
}

interface Bot {
  readonly clock: ManualClock;
  readonly runner: Runner;
  /** What went wrong behind an answer of 200. */
  readonly errors: unknown[];
  /** What was said since this was last asked. */
  heard(): readonly string[];
}

function serve(
  dialogue: Dialogue,
  { clock = createManualClock(), disk = createDisk(), age, onUnhandled }: World,
  channel: Channel,
) {
  const store = createContextStore({
    clock,
    persister: memory(disk),
    ...(age !== undefined && { age }),
  });
  const runner = createRunner(dialogue, { store, ...(onUnhandled && { onUnhandled }) });
  const errors: unknown[] = [];
  runner.on('error', ({ error }) => errors.push(error));
  const handler = createWebhook(runner, channel, {
    clock,
    onError: (error) => errors.push(error),
  });
  onTestFinished(async () => {
    await runner.stop();
    await store.close();
  });
  return {
    clock,
    runner,
    errors,
    /** The body of the answer, after everything that is said outside of it. */
    async deliver(request: Request): Promise<string> {
      const works: Promise<unknown>[] = [];
      const response = await handler(request, { waitUntil: (work) => void works.push(work) });
      const body = await response.text();
      await Promise.all(works);
      if (response.status !== 200) throw new Error(`The answer was ${response.status}.`);
      return body;
    },
  };
}

function listener() {
  let heard: string[] = [];
  return {
    take: (text: unknown): void => {
      if (typeof text === 'string') heard.push(text);
    },
    heard(): readonly string[] {
      const since = heard;
      heard = [];
      return since;
    },
  };
}

export interface TelegramBot extends Bot {
  /** Where each text was said. */
  readonly chats: readonly number[];
  update(content: object): Promise<void>;
  /** A message of this person in this chat. */
  write(content: string | object, from?: object, chat?: object): Promise<void>;
  /** Presses the button with this label under the last message that has it. */
  press(label: string, from?: object, chat?: object): Promise<void>;
}

export const ann = { id: 101, is_bot: false, first_name: 'Ann' };
export const group = { id: -100, type: 'supergroup', title: 'Us' };
export const direct = { id: 101, type: 'private', first_name: 'Ann' };

/** The bot @PizzaBot of Telegram. */
export function openTelegram(dialogue: Dialogue, world: World = {}): TelegramBot {
  const { take, heard } = listener();
  const { keyboards = [] } = world;
  const chats: number[] = [];
  const note = (call: Record<string, unknown>): void => {
    if (!('callback_query_id' in call)) {
      take(call['text']);
      if ('text' in call) chats.push(Number(call['chat_id']));
    }
    if ('reply_markup' in call) keyboards.push(call['reply_markup'] as Markup);
  };
  const channel = telegram({
    token: '7:AA',
    secret: 's',
    username: 'PizzaBot',
    async fetch(_url, { body }) {
      note(JSON.parse(body) as Record<string, unknown>);
      return Response.json({ ok: true, result: {} });
    },
  });
  const { deliver, ...bot } = serve(dialogue, world, channel);
  const update = async (content: object): Promise<void> => {
    updates += 1;
    const body = await deliver(
      new Request('https://bot.example/', {
        method: 'POST',
        headers: { 'x-telegram-bot-api-secret-token': 's' },
        body: JSON.stringify({ update_id: updates, ...content }),
      }),
    );
    if (body !== '') note(JSON.parse(body) as Record<string, unknown>);
  };
  return {
    ...bot,
    heard,
    chats,
    update,
    write: (content, from = ann, chat = direct) =>
      update({
        message: {
          message_id: updates,
          from,
          chat,
          ...(typeof content === 'string' ? { text: content } : content),
        },
      }),
    press(label, from = ann, chat = direct) {
      const dataIn = (markup: Markup): string | undefined =>
        markup.inline_keyboard.flat().find(({ text }) => text === label)?.callback_data;
      const markup = keyboards.findLast((each) => dataIn(each) !== undefined);
      if (markup === undefined) throw new Error(`No button ${label}.`);
      return update({
        callback_query: {
          id: `q${updates}`,
          from,
          data: dataIn(markup),
          message: { chat, reply_markup: markup },
        },
      });
    },
  };
}

export interface WechatBot extends Bot {
  write(text: string): Promise<void>;
  /** A message of another kind. */
  send(kind: string, fields: Readonly<Record<string, string>>): Promise<void>;
  event(name: string, fields?: Readonly<Record<string, string>>): Promise<void>;
}

/** An Official Account of WeChat without the right to push, whose user is `openid-1`. */
export function openWechat(dialogue: Dialogue, world: World = {}): WechatBot {
  const { take, heard } = listener();
  const { deliver, ...bot } = serve(dialogue, world, wechat({ token: pushes.TOKEN }));
  const deliverXml = async (body: string): Promise<void> => {
    const answer = await deliver(pushes.push(body));
    if (answer !== 'success') take(parseXml(Buffer.from(answer))['Content']);
  };
  const times = () => ({ CreateTime: `${Math.floor(bot.clock.now() / 1000)}` });
  const send: WechatBot['send'] = (kind, fields) => {
    messages += 1;
    const common = { MsgType: kind, Content: undefined, MsgId: `${messages}` };
    return deliverXml(pushes.xml({ ...times(), ...common, ...fields }));
  };
  return {
    ...bot,
    heard,
    send,
    write: (text) => send('text', { Content: text }),
    event: (name, fields = {}) => deliverXml(pushes.event(name, { ...times(), ...fields })),
  };
}
