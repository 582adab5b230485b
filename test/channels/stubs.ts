import { formatReply } from 'colloquy';
import type { Channel, TurnTaker } from '../../src/channels/channel.ts';
import type { Clock } from '../../src/clock.ts';
import type { Message } from '../../src/message.ts';
import { type Reply, toReply } from '../../src/reply.ts';

type Said = string | Reply;

export interface Call {
  readonly openid: string;
  readonly message: Message;
  readonly options: { readonly id?: string; readonly receivedAt?: number };
}

/** A runner that notes what it is given and says what `answer` returns. */
export function stubRunner(
  answer: (call: Call) => readonly Said[] | Promise<readonly Said[]> = () => [],
): TurnTaker & { readonly calls: Call[] } {
  const calls: Call[] = [];
  return {
    calls,
    async handle(openid, message, options) {
      const call = { openid, message, options };
      calls.push(call);
      const said = await answer(call);
      return { outcome: said.length > 0 ? 'replied' : 'silent', replies: said.map(toReply) };
    },
  };
}

/** Says back every text. */
export const echoTexts = (call: Call): readonly string[] =>
  call.message.type === 'message.text' ? [call.message.text] : [];

/** Time that stands still until `advance`. */
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
