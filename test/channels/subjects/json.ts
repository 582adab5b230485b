import { createHmac } from 'node:crypto';
import { jsonWebhook } from 'colloquy/channels/json';
import type { ChannelPayload, ChannelSubject } from 'colloquy/testing';
import type { Reply } from '../../../src/reply.ts';

export const SECRET = 'canary-json-secret';

const message = (id: string, content: unknown, user = 'ann'): string =>
  JSON.stringify({ user, id, message: content });

export const payloads: readonly ChannelPayload[] = [
  {
    name: 'a text',
    user: 'ann',
    body: JSON.stringify({ user: 'ann', id: '1', text: ' 0012e5 ' }),
    gives: [{ type: 'message.text', text: ' 0012e5 ' }],
  },
  {
    name: 'a text of another user under the same id',
    user: 'bob:x',
    body: JSON.stringify({ user: 'bob:x', id: '1', text: 'hi' }),
    gives: [{ type: 'message.text', text: 'hi' }],
  },
  {
    name: 'a message',
    user: 'ann',
    body: message('2', { type: 'message.text', text: 'hi' }),
    gives: [{ type: 'message.text', text: 'hi' }],
  },
  {
    name: 'an image',
    user: 'ann',
    body: message('3', { type: 'message.image', url: 'https://a.example/1', more: [1] }),
    gives: [
      { type: 'message.image', url: 'https://a.example/1', mediaId: undefined, more: undefined },
    ],
  },
  {
    name: 'a voice',
    user: 'ann',
    body: message('4', { type: 'message.voice', mediaId: 'v', transcript: 'hi' }),
    gives: [{ type: 'message.voice', mediaId: 'v', transcript: 'hi' }],
  },
  {
    name: 'a video',
    user: 'ann',
    body: message('5', { type: 'message.video', mediaId: 'v' }),
    gives: [{ type: 'message.video', mediaId: 'v' }],
  },
  {
    name: 'a file',
    user: 'ann',
    body: message('6', { type: 'message.file', name: 'a.pdf', size: 12 }),
    gives: [{ type: 'message.file', name: 'a.pdf', size: 12 }],
  },
  {
    name: 'a location',
    user: 'ann',
    body: message('7', { type: 'message.location', latitude: 1.5, longitude: -2 }),
    gives: [{ type: 'message.location', latitude: 1.5, longitude: -2 }],
  },
  {
    name: 'a link',
    user: 'ann',
    body: message('8', { type: 'message.link', url: 'https://a.example' }),
    gives: [{ type: 'message.link', url: 'https://a.example' }],
  },
  {
    name: 'an action',
    user: 'ann',
    body: message('9', { type: 'message.action', value: 'tea', label: 'Tea' }),
    gives: [{ type: 'message.action', value: 'tea', label: 'Tea' }],
  },
  {
    name: 'an event',
    user: 'ann',
    body: message('10', { type: 'event.follow', key: 'k' }),
    gives: [{ type: 'event.follow', key: 'k' }],
  },
  {
    name: 'an event of the program',
    user: 'ann',
    body: message('11', { type: 'event.paid', key: '12' }),
    gives: [{ type: 'event.paid', key: '12' }],
  },
  {
    name: 'a text of one of several people',
    user: 'team',
    body: JSON.stringify({ user: 'team', id: '14', from: { id: 'u7', name: 'Ann' }, text: 'hi' }),
    gives: [{ type: 'message.text', text: 'hi', from: { id: 'u7', name: 'Ann' } }],
  },
  {
    name: 'an event by which a person spoke',
    user: 'ann',
    body: message('15', { type: 'event.paid', spoken: true }),
    gives: [{ type: 'event.paid', spoken: true }],
  },
  {
    name: 'an unknown event',
    user: 'ann',
    body: message('12', { type: 'event.other', a: 1 }),
    gives: [{ type: 'event.unknown' }],
  },
  {
    name: 'an unknown kind',
    user: 'ann',
    body: message('13', { type: 'intent.refund', a: 1 }),
    gives: [{ type: 'message.unknown' }],
  },
];

export function signature(secret: string, body: Uint8Array, signedAt: number): string {
  const seconds = String(Math.floor(signedAt / 1000));
  const hmac = createHmac('sha256', secret).update(`${seconds}.`).update(body);
  return `t=${seconds},v1=${hmac.digest('hex')}`;
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (): Response =>
    new Response(`error of ${SECRET}`, { status: code, headers });

export const jsonSubject: ChannelSubject = {
  capabilities: ['signed-body', 'fresh', 'answers', 'push', 'deadline'],
  secrets: [SECRET],
  open: ({ fetch, clock }) =>
    jsonWebhook({
      secret: SECRET,
      answerMs: 10_000,
      events: ['event.paid'],
      push: { url: 'https://other.example/replies', fetch, clock },
    }),
  payloads,
  freshMs: 300_000,
  proof: { headers: ['x-colloquy-signature'] },
  sign({ method = 'POST', body: content = '', headers }, signedAt) {
    const body = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return {
      method,
      url: 'https://bot.example/json',
      headers: { ...headers, 'x-colloquy-signature': signature(SECRET, body, signedAt) },
      body,
    };
  },
  textsOf: ({ body }) =>
    (JSON.parse(body) as { replies: Reply[] }).replies.flatMap((reply) => textsOf(reply)),
  platform: {
    accept: () => new Response(null, { status: 204 }),
    textsOf: ({ body }) => textsOf((JSON.parse(body) as { reply: Reply }).reply),
    faults: [
      {
        name: 'too many calls',
        answer: status(429, { 'retry-after': '7' }),
        means: 'later',
        retryAfterMs: 7000,
      },
      { name: 'a server error', answer: status(503), means: 'later' },
      { name: 'a user who is gone', answer: status(410), means: 'closed' },
      { name: 'a wrong signature', answer: status(401), means: 'never' },
      {
        name: 'another address',
        answer: status(302, { location: 'https://evil.example' }),
        means: 'never',
      },
    ],
  },
};

function textsOf(reply: Reply): readonly string[] {
  return reply.type === 'text' ? [reply.text] : [];
}
