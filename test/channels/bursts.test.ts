import { describe, expect, it, onTestFinished } from 'vitest';
import { createContextStore, createRunner, formatReply, setupDialogue } from 'colloquy';
import { createWebhook } from 'colloquy/channels/webhook';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { throughWechat } from 'colloquy/testing/wechat';
import { channelOf, message as update, request } from './telegram/bot.ts';

const QUIET = 1500;
const gather = { quietMs: QUIET, maxMs: 20_000, max: 8 };

const words = setupDialogue({ types: {} as { context: { heard: readonly string[] } } });
const parrot = words.createDialogue({
  id: 'parrot',
  context: { heard: [] },
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': {
          actions: [
            words.assign({ heard: ({ context, event }) => [...context.heard, event.text] }),
            words.reply(({ event }) => `heard ${event.text.replaceAll('\n', '|')}`),
          ],
        },
        'message.action': { actions: words.reply(({ event }) => `pressed ${event.value}`) },
      },
    },
  },
});

function process(disk = createDisk(), clock = createManualClock()) {
  const store = createContextStore({ persister: memory(disk), clock });
  const runner = createRunner(parrot, { store, gather });
  onTestFinished(() => store.close());
  const heard = async (openid: string) => (await store.open(openid)).get('heard', []);
  return { disk, clock, store, runner, heard };
}

/** WeChat's server: gives up a request after five seconds and delivers the message again, three times in all. */
function wechatServer({ hold = false } = {}) {
  const { runner, clock, heard } = process();
  const { channel, toRequest, fromResponse } = throughWechat();
  const handler = createWebhook(runner, channel, { clock, hold });
  /** What the user reads, and when. */
  const read: string[] = [];
  const startedAt = clock.now();
  async function deliver(text: string, id: string, attempt = 1): Promise<void> {
    const made = await toRequest({ openid: 'o1', message: text, id, at: clock.now() });
    const client = new AbortController();
    const isOver = { is: false };
    const cancel = clock.wake(clock.now() + 5000, () => {
      isOver.is = true;
      client.abort();
      if (attempt < 3) void deliver(text, id, attempt + 1);
    });
    const response = await handler(new Request(made, { signal: client.signal }));
    if (isOver.is) return;
    cancel();
    for (const reply of await fromResponse(response)) {
      read.push(`${clock.now() - startedAt}: ${formatReply(reply)}`);
    }
  }
  return { clock, read, heard, write: (text: string, id: string) => void deliver(text, id) };
}

describe('on WeChat, whose answers have five seconds', () => {
  it('three short messages have one answer, in the answer to the last of them', async () => {
    const { clock, read, write, heard } = wechatServer();
    write('I want', '1');
    await clock.advance(1000);
    write('a pizza', '2');
    await clock.advance(1000);
    write('with cheese', '3');
    await clock.advance(30_000);
    expect(read).toEqual(['3500: heard I want|a pizza|with cheese']);
    expect(await heard('o1')).toEqual(['I want\na pizza\nwith cheese']);
  });

  it('a person who writes for longer than that has one answer, too', async () => {
    const { clock, read, write } = wechatServer();
    for (let n = 1; n <= 6; n += 1) {
      write(`t${n}`, String(n));
      await clock.advance(1400);
    }
    await clock.advance(30_000);
    expect(read).toEqual([`${5 * 1400 + QUIET}: heard t1|t2|t3|t4|t5|t6`]);
  });

  it('`hold` keeps the attempts of the last message for a turn that takes long', async () => {
    const { clock, read, write } = wechatServer({ hold: true });
    write('a', '1');
    await clock.advance(100);
    write('b', '2');
    await clock.advance(30_000);
    expect(read).toEqual([`${100 + QUIET}: heard a|b`]);
  });
});

describe('on Telegram, which delivers the next message when the last one is answered', () => {
  /** Telegram's server: one request of a chat at a time. */
  function telegramServer(disk = createDisk(), clock = createManualClock()) {
    const { runner, store, heard } = process(disk, clock);
    const pushed: string[] = [];
    const { channel } = channelOf({}, ({ body: { text } }) => {
      pushed.push(String(text));
      return { ok: true, result: {} };
    });
    const handler = createWebhook(runner, channel, { clock, onError: () => {} });
    const answers: string[] = [];
    let last: Promise<void> = Promise.resolve();
    const deliver = (content: object): void => {
      const sent = update(content);
      last = last.then(async () => {
        answers.push(await (await handler(request(sent))).text());
      });
    };
    return { runner, store, clock, pushed, answers, heard, deliver };
  }

  it('each part is answered as soon as it is stored, and the burst has one answer by push', async () => {
    const { clock, pushed, answers, deliver } = telegramServer();
    for (const text of ['I want', 'a pizza', 'with cheese']) deliver({ text });
    await clock.advance(100);
    expect(answers).toEqual(['', '', '']);
    await clock.advance(QUIET);
    expect(pushed).toEqual(['heard I want|a pizza|with cheese']);
  });

  it('a restart between two parts loses none', async () => {
    const [disk, clock] = [createDisk(), createManualClock()];
    const first = telegramServer(disk, clock);
    first.deliver({ text: 'a' });
    await clock.advance(100);
    await first.runner.stop();
    await first.store.close();
    const { pushed, deliver, runner } = telegramServer(disk, clock);
    await runner.start();
    deliver({ text: 'b' });
    await clock.advance(100 + QUIET);
    expect(pushed).toEqual(['heard a|b']);
  });
});
