import { inspect } from 'node:util';
import type { Channel } from '../../channels/channel.ts';
import type { TurnTaker } from '../../channels/turn-taker.ts';
import { createWebhook } from '../../channels/webhook.ts';
import type { Clock } from '../../clock.ts';
import { atRest, sleep } from '../../internal/async.ts';
import type { Message } from '../../message.ts';
import type { Reply } from '../../reply.ts';
import { mustBe, mustEqual } from '../contract.ts';
import { HELLO, pushed } from './replies.ts';
import {
  type ChannelPayload,
  type WireRequest,
  proofPlaces,
  replacedAt,
  required,
  spokenOf,
} from './subject.ts';
import { type ChannelHarness, type ChannelCase, channelCase } from './harness.ts';

interface HandledMessage {
  readonly openid: string;
  readonly message: Message;
}

/** A runner that notes what it is given, and says `replies` after `takes` milliseconds, or is late as runners are. */
function createStubRunner(
  clock: Clock,
  {
    takes = 0,
    replies = [],
  }: { readonly takes?: number; readonly replies?: readonly Reply[] } = {},
): TurnTaker & { readonly taken: HandledMessage[] } {
  const taken: HandledMessage[] = [];
  return {
    taken,
    async handle(openid, message, { receivedAt = clock.now(), deadlineMs = 4500 }) {
      taken.push({ openid, message });
      const endsAt = clock.now() + takes;
      if (takes > 0) await sleep(clock, Math.min(endsAt, receivedAt + deadlineMs) - clock.now());
      return clock.now() >= endsAt
        ? { outcome: replies.length > 0 ? 'replied' : 'silent', replies }
        : { outcome: 'pending', replies: [] };
    },
    say: async () => true,
    on: () => () => {},
    idle: async () => {},
    expectRedelivery() {},
  };
}

function toRequest({ method, url, headers, body }: WireRequest, stream?: ReadableStream): Request {
  if (method === 'GET') return new Request(url, { method, headers });
  const sent = stream ?? new Uint8Array(body);
  return new Request(url, { method, headers, body: sent, duplex: 'half' });
}

/** Bodies that no platform sends: of no form, of too many levels, of no encoding. */
function hostileBodies({ limits }: Channel): readonly [what: string, Uint8Array][] {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const tooLong = (limits?.maxBodyBytes ?? 1024 * 1024) + 1;
  return [
    ['is empty', new Uint8Array()],
    ['ends too early', bytes('{"a":')],
    ['is a list', bytes('[]')],
    ['is a word', bytes('null')],
    ['is a text', bytes('"hi"')],
    ['is markup that ends too early', bytes('<xml><a>')],
    ['is nested in lists too deep', bytes('['.repeat(10_000) + ']'.repeat(10_000))],
    ['is nested in objects too deep', bytes('{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000))],
    ['is nested in elements too deep', bytes('<a>'.repeat(10_000) + '</a>'.repeat(10_000))],
    ['is not in UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['is too long', new Uint8Array(tooLong).fill(0x20)],
  ];
}

/** What answers requests of the platform; errors are looked at elsewhere. */
function handlerOf(
  { channel, clock }: ChannelHarness,
  runner: TurnTaker,
): ReturnType<typeof createWebhook> {
  return createWebhook(runner, channel, { clock, onError: () => {} });
}

function postedTo({ subject }: ChannelHarness): ChannelPayload {
  const posted = spokenOf(subject).find(({ method = 'POST' }) => method === 'POST');
  return required(posted, 'a payload');
}

export const webhookCases: readonly ChannelCase[] = [
  channelCase('a body of no sense is rejected, and no runner hears of it', [], async (bench) => {
    const runner = createStubRunner(bench.clock);
    const handler = handlerOf(bench, runner);
    for (const [what, body] of hostileBodies(bench.channel)) {
      const request = bench.signed({ ...postedTo(bench), body });
      const { status } = await handler(toRequest(request));
      mustBe(
        status >= 400 && status < 500,
        `a body that ${what} is answered with a status of 4xx, not ${status}`,
      );
      mustEqual(runner.taken, [], `what a runner heard of a body that ${what}`);
    }
  }),

  channelCase('a turn that takes too long is acknowledged in time', ['deadline'], async (bench) => {
    const handler = handlerOf(bench, createStubRunner(bench.clock, { takes: 3_600_000 }));
    for (const payload of spokenOf(bench.subject)) {
      const answering = handler(toRequest(bench.signed(payload)));
      await mustAnswerInTime(bench, answering, `"${payload.name}"`);
    }
  }),

  channelCase('a body that does not come is not waited for', ['deadline'], async (bench) => {
    const handler = handlerOf(bench, createStubRunner(bench.clock));
    const never = new ReadableStream({ pull: () => new Promise(() => {}) });
    const answering = handler(toRequest(bench.signed(postedTo(bench)), never));
    await mustAnswerInTime(bench, answering, 'a body that hangs');
  }),

  channelCase('a secret is in no answer, error, message or warning', [], async (bench) => {
    const seen = await everythingSeen(bench);
    for (const [index, secret] of bench.subject.secrets.entries()) {
      const place = seen.find(({ text }) => text.includes(secret))?.what;
      mustEqual(place, undefined, `the place where secret ${index + 1} of the subject can be read`);
    }
  }),
];

async function mustAnswerInTime(
  { channel, clock }: ChannelHarness,
  answering: Promise<Response>,
  what: string,
): Promise<void> {
  const answerMs = required(channel.limits?.answerMs, '`answerMs` of the channel');
  const late = Symbol('late');
  const passed = clock.advance(answerMs).then(atRest);
  const response = await Promise.race([answering, passed.then(() => late)]);
  mustBe(
    response !== late,
    `${what} is answered within ${answerMs} ms, which the channel declares`,
  );
}

/** All that a channel gives for any input, except what it sends to the platform itself. */
async function everythingSeen(
  bench: ChannelHarness,
): Promise<readonly { readonly what: string; readonly text: string }[]> {
  const { channel, clock, subject } = bench;
  const seen: { what: string; text: string }[] = [];
  const see = (what: string, value: unknown): void => {
    seen.push({ what, text: typeof value === 'string' ? value : everythingIn(value) });
  };
  const onWarning = (warning: Error): void => see('a process warning', warning);
  process.on('warning', onWarning);
  try {
    see('its declaration', [channel.name, channel.prefix, channel.limits]);
    const runner = createStubRunner(clock, { replies: [{ type: 'text', text: 'hi' }] });
    const handler = createWebhook(runner, channel, {
      clock,
      onError: (error) => see('an error', error),
    });
    for (const payload of subject.payloads) {
      const request = bench.signed(payload);
      const hostile = hostileBodies(channel).map(([, body]) => bench.signed({ ...payload, body }));
      const header = proofPlaces(subject, request).find(({ kind }) => kind === 'header');
      const forged = header === undefined ? [] : [replacedAt(header, request, 'x')];
      for (const each of [request, ...forged, ...(payload.method === 'GET' ? [] : hostile)]) {
        const response = await handler(toRequest(each));
        see('the headers of an answer', [...response.headers]);
        see('an answer', await response.text());
      }
    }
    see('a message', runner.taken);
    for (const { name, answer } of subject.platform?.faults ?? []) {
      if (!channel.push) break;
      bench.answerWith(answer);
      see(`the error of a push, ${name}`, await pushed(bench, HELLO, { id: name }));
    }
    if (channel.push) {
      for (const error of networkErrors(bench)) {
        bench.answerWith(() => Promise.reject(error));
        see('the error of a push, no network', await pushed(bench, HELLO));
      }
    }
    // Process warnings come a little later.
    await atRest();
  } finally {
    process.off('warning', onWarning);
  }
  return seen;
}

/** The error of a network often says which address it is that did not answer, and what was sent there. */
function networkErrors({ subject }: ChannelHarness): readonly Error[] {
  const text = `connect ECONNREFUSED ${subject.secrets.join(' ')}`;
  return [new TypeError(text), new TypeError('fetch failed', { cause: new Error(text) })];
}

/** With causes, hidden fields and the stack. */
function everythingIn(value: unknown): string {
  return inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    maxArrayLength: null,
    maxStringLength: null,
    breakLength: Number.POSITIVE_INFINITY,
    showHidden: true,
    // An error of ours prints no text of its cause, which is behind a getter.
    customInspect: false,
    getters: true,
  });
}
