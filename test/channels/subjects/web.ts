import { createWebChat } from 'colloquy/channels/web';
import type { ChannelPayload, ChannelSubject } from 'colloquy/testing';
import type { Channel } from '../../../src/channels/channel.ts';
import type { Inbound, Reception } from '../../../src/channels/reception.ts';
import { hmacHex } from '../../../src/channels/secrets.ts';
import { stubRunner } from '../stubs.ts';

const SECRET = 'canary-web-secret';

const body = (id: string, message: object): string =>
  JSON.stringify({ type: 'message', id, message });

const payload = (
  name: string,
  message: { readonly type: string; readonly [field: string]: unknown },
  gives: ChannelPayload['gives'] = [message],
  user = 'ann',
): ChannelPayload => ({
  name,
  user,
  from: { id: idOf(user) },
  body: body(name.replaceAll(' ', '-'), message),
  gives,
});

/** Of the session of a user. */
function idOf(user: string): string {
  return user.padEnd(22, '0');
}

const payloads: readonly ChannelPayload[] = [
  payload('a text', { type: 'message.text', text: ' 0012e5 ' }),
  payload('a picture', { type: 'message.image', url: 'https://a.example/1' } as object as {
    type: string;
  }),
  payload(
    'a file',
    { type: 'message.file', url: 'https://a.example/2', name: '2.pdf', size: 12 } as object as {
      type: string;
    },
    [
      {
        type: 'message.file',
        mediaId: 'https://a.example/2',
        name: '2.pdf',
        size: 12,
        url: undefined,
      },
    ],
  ),
  payload('a place', { type: 'message.location', latitude: 1.5, longitude: -2 } as object as {
    type: string;
  }),
  payload('a button', { type: 'message.action', value: 'tea', asking: 'k' } as object as {
    type: string;
  }),
  payload('an event', { type: 'event.payment', key: '12' }, [{ type: 'message.unknown' }]),
  payload('an unknown kind', { type: 'a dance' }, [{ type: 'message.unknown' }]),
  payload('a text', { type: 'message.text', text: 'hi' }, undefined, 'bob'),
];

/**
 * The web chat as a channel: it has a handler of its own, for its stream of events does not fit into the port. What the handler
 * gives to a runner are the messages of a request.
 */
function throughHandler(): Channel {
  return {
    name: 'web',
    prefix: 'web:',
    limits: { maxBodyBytes: 256 * 1024 },
    async receive({ method, url, headers, readBody }): Promise<Reception> {
      const runner = stubRunner();
      const chat = createWebChat(runner, {
        secret: SECRET,
        clock: { now: () => now, wake: () => () => {} },
      });
      const sent = { method, headers, body: new Uint8Array(await readBody()) };
      const { status } = await chat(new Request(url, sent));
      if (status !== 200) return { type: 'reject', status };
      const messages = runner.calls.map(({ openid, message, options: { id } }): Inbound => {
        return { openid, message, ...(id !== undefined && { id }) };
      });
      return { type: 'messages', messages, acknowledge: { status: 200, body: '' } };
    },
  };
}

let now = 0;

export const webSubject: ChannelSubject = {
  capabilities: ['people'],
  secrets: [SECRET],
  open: throughHandler,
  payloads,
  proof: { headers: ['cookie'] },
  sign({ method = 'POST', body: content = '', headers }, signedAt) {
    now = signedAt;
    const user = payloads.find((each) => each.body === content)?.user ?? 'ann';
    const id = idOf(user);
    const seconds = String(Math.floor(signedAt / 1000)).padStart(10, '0');
    const signature = hmacHex(SECRET, `colloquy web session web:${id}.${seconds}`);
    return {
      method,
      url: 'https://bot.example/chat',
      headers: {
        ...headers,
        'content-type': 'application/json',
        cookie: `__Host-colloquy-web=${id}.${seconds}.${signature}`,
      },
      body: typeof content === 'string' ? new TextEncoder().encode(content) : content,
    };
  },
};
