import { type Recognizer, createContextStore, createRunner, formatReply } from 'colloquy';
import { createWebChat } from 'colloquy/channels/web';
import { createWebhook } from 'colloquy/channels/webhook';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type ManualClock, converse } from 'colloquy/testing';
import { throughWechat } from 'colloquy/testing/wechat';
import { onTestFinished } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { atRest } from '../../../src/internal/async.ts';
import { channelOf, message, request } from '../../channels/telegram/bot.ts';
import { BrowserPage, SECRET } from '../../channels/web/browser-page.ts';

/** A bot with its model, on virtual time. */
export interface Bot {
  readonly dialogue: AnyStateMachine;
  readonly clock: ManualClock;
  readonly recognize: Recognizer;
}

/** Somebody who talks with the bot on a channel: what they read, as lines of a transcript. */
export interface Customer {
  /** Says something, and reads for as long as the channel waits for the answer. */
  say(text: string): Promise<string>;
  /** Reads what comes later. */
  wait(span: { readonly seconds: number }): Promise<string>;
}

const read = (texts: readonly string[]): string => texts.join('\n');

/** As WeChat, which gives an answer up after five seconds: what comes later is pushed. */
function onWechat({ dialogue, ...options }: Bot): Customer {
  const chat = converse(dialogue, { ...options, channel: throughWechat(), openid: 'o_1' });
  const answered = async (sent: Promise<readonly string[]>): Promise<string> => {
    // What is said in this time is the answer to the message, or comes behind it.
    const said = await chat.advance({ milliseconds: 4999 });
    await sent;
    return read(said);
  };
  return {
    say: (text) => answered(chat.say(text)),
    wait: async (span) => read(await chat.advance(span)),
  };
}

function runnerOf({ dialogue, clock, ...options }: Bot) {
  const store = createContextStore({ clock, persister: memory(createDisk()) });
  const runner = createRunner(dialogue, { ...options, store });
  // Of models that fail, the dialogue knows.
  runner.on('error', () => {});
  void runner.start();
  onTestFinished(async () => {
    await runner.stop();
    await store.close();
  });
  return runner;
}

interface Sent {
  readonly text?: string;
  readonly reply_markup?: { readonly inline_keyboard: readonly (readonly Button[])[] };
}

interface Button {
  readonly text: string;
  readonly callback_data: string;
}

/** A message of the bot in Telegram, with its buttons in a list below the text. */
function shownIn({ text = '', reply_markup: markup }: Sent): string {
  const buttons = (markup?.inline_keyboard ?? []).flat();
  const options = buttons.map((button) => ({ value: button.callback_data, label: button.text }));
  return formatReply(
    options.length > 0 ? { type: 'choices', text, options } : { type: 'text', text },
  );
}

function onTelegram(bot: Bot): Customer {
  const shown: string[] = [];
  const take = (sent: Sent): void => {
    if (sent.text !== undefined) shown.push(shownIn(sent));
  };
  const { channel } = channelOf({}, ({ body }) => {
    take(body);
    return { ok: true, result: {} };
  });
  const handler = createWebhook(runnerOf(bot), channel, { clock: bot.clock });
  const wait = async (ms: number): Promise<string> => {
    await bot.clock.advance(ms);
    await atRest();
    return read(shown.splice(0));
  };
  return {
    async say(text) {
      void handler(request(message({ text })))
        .then((response) => response.text())
        .then((body) => body !== '' && take(JSON.parse(body) as Sent));
      await atRest();
      return wait(4999);
    },
    wait: ({ seconds }) => wait(seconds * 1000),
  };
}

/** As the page of a website: the answer is awaited, or comes by the stream. */
function onWebPage(bot: Bot): Customer {
  const chat = createWebChat(runnerOf(bot), { secret: SECRET });
  onTestFinished(() => chat.close());
  const page = new BrowserPage(chat);
  const opened = page.open();
  const wait = async (ms: number): Promise<string> => {
    await bot.clock.advance(ms);
    await atRest();
    return read(page.shown.splice(0).filter((text) => !text.startsWith('> ')));
  };
  return {
    async say(text) {
      await opened;
      void page.say(text);
      await atRest();
      return wait(4999);
    },
    wait: ({ seconds }) => wait(seconds * 1000),
  };
}

export const CHANNELS: readonly (readonly [name: string, talkTo: (bot: Bot) => Customer])[] = [
  ['WeChat', onWechat],
  ['Telegram', onTelegram],
  ['the web page', onWebPage],
];
