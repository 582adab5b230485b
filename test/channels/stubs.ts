import { formatReply } from 'colloquy';
import type { Channel } from '../../src/channels/channel.ts';
import type { TurnTaker, TurnTakerEvents } from '../../src/channels/turn-taker.ts';
import type { Clock } from '../../src/clock.ts';
import type { Message } from '../../src/message.ts';
import type { Reply } from '../../src/reply.ts';
import { toReply } from '../../src/reply-check.ts';

type Said = string | Reply;

export interface Call {
  readonly openid: string;
  readonly message: Message;
  readonly options: Parameters<TurnTaker['handle']>[2];
}

type ReplyListener = (event: TurnTakerEvents['reply']) => unknown;

export interface StubRunner extends TurnTaker {
  readonly calls: Call[];
  /** What `say` was given. */
  readonly said: {
    readonly openid: string;
    readonly replies: readonly Reply[];
    readonly id: string | undefined;
  }[];
  readonly listeners: Set<ReplyListener>;
  /** The span that was asked for by `expectRedelivery`. */
  readonly expected: number[];
}

/** A runner that notes what it is given and says what `answer` returns. */
export function stubRunner(
  answer: (call: Call) => readonly Said[] | Promise<readonly Said[]> = () => [],
): StubRunner {
  const calls: Call[] = [];
  const said: StubRunner['said'] = [];
  const listeners = new Set<ReplyListener>();
  const expected: number[] = [];
  return {
    calls,
    said,
    listeners,
    expected,
    async handle(openid, message, options) {
      const call = { openid, message, options };
      calls.push(call);
      const replies = (await answer(call)).map(toReply);
      return { outcome: replies.length > 0 ? 'replied' : 'silent', replies };
    },
    async say(openid, replies, { id }) {
      if (id !== undefined && said.some((before) => before.openid === openid && before.id === id)) {
        return false;
      }
      said.push({ openid, replies, id });
      return true;
    },
    on(name, listener) {
      if (name !== 'reply') return () => {};
      listeners.add(listener as ReplyListener);
      return () => void listeners.delete(listener as ReplyListener);
    },
    async idle() {},
    expectRedelivery: (withinMs) => void expected.push(withinMs),
  };
}

/** Says back every text. */
export const echoTexts = (call: Call): readonly string[] =>
  call.message.type === 'message.text' ? [call.message.text] : [];

/** Time that passes only by `advance`. */
export function stubClock(now = 1_700_000_000_000): Clock & { advance(ms: number): void } {
  const waiting = new Map<object, { readonly at: number; readonly callback: () => void }>();
  return {
    now: () => now,
    wake(at, callback) {
      const key = {};
      waiting.set(key, { at, callback });
      return () => void waiting.delete(key);
    },
    advance(ms) {
      now += ms;
      for (const [key, { at, callback }] of waiting) {
        if (at <= now && waiting.delete(key)) callback();
      }
    },
  };
}

/** A channel of one text message for `user`, made of the body. */
export function textChannel(overrides: Partial<Channel> = {}): Channel {
  return {
    name: 'test',
    prefix: '',
    async receive(request) {
      const text = new TextDecoder().decode(await request.readBody());
      return {
        type: 'messages',
        messages: [{ openid: 'user', message: { type: 'message.text', text }, id: 'id' }],
        acknowledge: { status: 200, body: 'ok' },
        render: (replies) => ({
          answer: { status: 200, body: replies.map(formatReply).join('|') },
          unsent: [],
        }),
      };
    },
    ...overrides,
  };
}

export function post(
  body: NonNullable<RequestInit['body']> | null,
  init: RequestInit = {},
): Request {
  return new Request('http://bot.example/hook', {
    method: 'POST',
    body,
    duplex: 'half',
    ...init,
  });
}
