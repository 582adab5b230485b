import type { ChannelLimits, Rendering } from '../../channels/channel.ts';
import { textSize } from '../../channels/text-parts.ts';
import { ColloquyError } from '../../errors.ts';
import type { Reply } from '../../reply.ts';
import { brief, mustBe, mustEqual } from '../contract.ts';
import {
  type ChannelHarness,
  type ChannelCase,
  type PushCall,
  channelCase,
  required,
  spokenOf,
} from './subject.ts';

/** What a reader sees as one character, and UTF-16 or a code point does not. */
const GRAPHEMES = ['👩‍👩‍👧‍👦', 'é', '👍🏽', '🇨🇳', '微', 'x'];
const DEFAULT_LIMIT = { max: 5000, unit: 'utf16' } as const;

/** A text without spaces, `times` as long as the limit. */
function longText({ max }: NonNullable<ChannelLimits['text']>, times: number): string {
  const line = GRAPHEMES.join('');
  return line.repeat(Math.ceil((max * times) / line.length));
}

/** Replies of every kind, short, long, empty and strange. */
function everyReply(limit: NonNullable<ChannelLimits['text']>): readonly Reply[] {
  const long = longText(limit, 2);
  const url = 'https://a.example/b?c=1&d=<2>|3';
  return [
    { type: 'text', text: 'hi' },
    { type: 'text', text: '' },
    { type: 'text', text: ' \n' },
    { type: 'text', text: ']]></Content> <b>&amp; \u0000\u0007\ud800 *_`' },
    { type: 'text', text: long },
    { type: 'image', url },
    { type: 'image', mediaId: 'm', alt: long },
    { type: 'voice', url },
    { type: 'voice', mediaId: 'm' },
    { type: 'video', url, title: long, description: long },
    { type: 'video', mediaId: 'm' },
    { type: 'music', url, title: 'a', description: 'b' },
    { type: 'news', articles: [{ title: 'a', url, description: 'b', imageUrl: url }] },
    { type: 'news', articles: Array.from({ length: 8 }, () => ({ title: long, url })) },
    { type: 'choices', text: 'Which?', options: [{ value: 'a', label: 'A' }, { value: 'b' }] },
    { type: 'choices', text: '', options: [{ value: 'a' }] },
    { type: 'choices', text: long, options: twenty((index) => ({ value: `${long}${index}` })) },
    { type: 'choices', text: 'a', options: twenty((index) => ({ value: `${index}`, label: ' ' })) },
    { type: 'handoff' },
    { type: 'handoff', to: 'kitchen' },
    { type: 'raw', channel: 'another', payload: { a: 1 } },
    { type: 'raw', channel: 'another', payload: null },
  ];
}

function twenty<T>(make: (index: number) => T): readonly T[] {
  return Array.from({ length: 20 }, (_, index) => make(index));
}

function limitOf({ channel }: ChannelHarness): NonNullable<ChannelLimits['text']> {
  return channel.limits?.text ?? DEFAULT_LIMIT;
}

function mustFit(texts: readonly string[], { channel }: ChannelHarness, what: string): void {
  for (const text of texts) {
    mustBe(text.isWellFormed(), `a text of ${what} is cut between two characters`);
    const { text: limit } = channel.limits ?? {};
    if (limit === undefined) continue;
    const size = textSize(text, limit.unit);
    mustBe(
      size <= limit.max,
      `a text of ${what} is ${size} ${limit.unit} long, and the limit ${limit.max}`,
    );
  }
}

/** That a text was cut, if at all, where a reader sees the end of a character. */
function mustCutAtGraphemes(parts: readonly string[], whole: string): void {
  const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(whole);
  const borders = new Set(Array.from(segments, ({ index }) => index)).add(whole.length);
  let at = 0;
  for (const part of parts) {
    at += part.length;
    const rule = `a text is cut inside of what a reader sees as one character, at ${at}`;
    mustBe(borders.has(at), rule);
  }
}

/** A delivery that replies can be put into the answer to. */
async function answerable(
  bench: ChannelHarness,
): Promise<(replies: readonly Reply[]) => Rendering> {
  for (const payload of spokenOf(bench.subject)) {
    const { render } = await bench.deliver(payload);
    if (render) return (replies) => render(replies, bench.clock.now());
  }
  return required<never>(undefined, 'a payload with `render`, which `answers` declares');
}

function isUnsent({ unsent }: Rendering, at = 0): boolean {
  return unsent.some(({ index }) => index === at);
}

function mustAccountFor({ unsent }: Rendering, replies: readonly Reply[], what: string): void {
  for (const { index, reason } of unsent) {
    mustBe(replies[index] !== undefined, `${what}: there is no reply ${index} to be unsent`);
    mustBe(/^\w{1,64}$/.test(reason), `${what}: a reason is one word for a log: ${brief(reason)}`);
  }
}

export const answerCases: readonly ChannelCase[] = [
  channelCase(
    'every kind of reply is in the answer or accounted for',
    ['answers'],
    async (bench) => {
      const render = await answerable(bench);
      for (const reply of everyReply(limitOf(bench))) {
        const what = `the answer with a reply of type ${reply.type}`;
        const rendering = render([reply]);
        mustAccountFor(rendering, [reply], what);
        mustBe(
          isUnsent(rendering) || rendering.answer !== undefined,
          `a reply of type ${reply.type} is neither in an answer nor unsent`,
        );
        if (rendering.answer === undefined) continue;
        mustEqual(rendering.answer.status, 200, `the status of ${what}`);
        mustFit(textsOf(bench, rendering), bench, what);
      }
    },
  ),

  channelCase(
    'of several replies, none is lost between the answer and the rest',
    ['answers'],
    async (bench) => {
      const render = await answerable(bench);
      const texts = ['first', 'second', 'third'];
      const replies = texts.map((text): Reply => ({ type: 'text', text }));
      const rendering = render(replies);
      mustAccountFor(rendering, replies, 'the answer with three texts');
      const said = textsOf(bench, rendering).join('\n');
      for (const [index, text] of texts.entries()) {
        const rule = `whether reply ${index + 1} of three is in the answer`;
        mustEqual(said.includes(text), !isUnsent(rendering, index), rule);
      }
    },
  ),

  channelCase('a text that is too long is never said to be whole', ['answers'], async (bench) => {
    const render = await answerable(bench);
    const text = longText(limitOf(bench), 3);
    const rendering = render([{ type: 'text', text }]);
    const said = textsOf(bench, rendering);
    const isWhole = said.join('') === text;
    mustBe(isUnsent(rendering) || isWhole, 'a long text is in the answer in part, and not unsent');
    if (said.length > 0) mustCutAtGraphemes(said, text);
    mustFit(said, bench, 'the answer');
  }),
];

/** Whether an answer says all of a reply. */
async function isSaidInAnswer(bench: ChannelHarness, reply: Reply): Promise<boolean> {
  if (!bench.subject.capabilities?.includes('answers')) return false;
  const { answer, unsent } = (await answerable(bench))([reply]);
  return answer !== undefined && unsent.length === 0;
}

function textsOf({ subject }: ChannelHarness, { answer }: Rendering): readonly string[] {
  return answer === undefined ? [] : required(subject.textsOf, 'textsOf')(answer);
}

interface PushOptions {
  readonly id?: string;
  readonly signal?: AbortSignal;
}

/** What came of a push: nothing, or the error that says why not. */
export async function pushed(
  bench: ChannelHarness,
  reply: Reply,
  options: PushOptions = {},
): Promise<ColloquyError | undefined> {
  const [payload] = spokenOf(bench.subject);
  const [inbound] = payload === undefined ? [] : (await bench.deliver(payload)).messages;
  mustBe(inbound !== undefined, 'there is a user to push to');
  const error = await pushedTo(bench, inbound.openid, reply, options);
  mustBe(
    error === undefined || (ColloquyError.is(error) && error.name === 'DeliveryError'),
    `a push is refused with a DeliveryError, not with ${brief(error)}`,
  );
  return error;
}

/** @returns what the push threw; undefined where it did not throw */
async function pushedTo(
  { channel }: ChannelHarness,
  openid: string,
  reply: Reply,
  { id = 'id', signal = new AbortController().signal }: PushOptions = {},
): Promise<unknown> {
  const push = required(channel.push, 'push() of the channel');
  try {
    await push.call(channel, openid, reply, { id, signal });
    return undefined;
  } catch (error) {
    return error ?? null;
  }
}

function said({ subject, calls }: ChannelHarness): readonly string[] {
  const { textsOf } = required(subject.platform, 'platform');
  return calls.flatMap((call: PushCall) => textsOf(call));
}

export const HELLO: Reply = { type: 'text', text: 'hello' };

export const pushCases: readonly ChannelCase[] = [
  channelCase('a text is pushed as it is', ['push'], async (bench) => {
    mustEqual(await pushed(bench, HELLO), undefined, 'the error of a push that the platform takes');
    mustEqual(said(bench), ['hello'], 'the texts that were pushed');
  }),

  channelCase('every kind of reply is pushed or refused for good', ['push'], async (bench) => {
    for (const [index, reply] of everyReply(limitOf(bench)).entries()) {
      bench.calls.length = 0;
      const error = await pushed(bench, reply, { id: `every-${index}` });
      const what = `a reply of type ${reply.type}`;
      if (error?.code === 'push_closed') {
        mustBe(
          await isSaidInAnswer(bench, reply),
          `${what} waits for the user's next message, and no answer can say it, either`,
        );
        continue;
      }
      mustBe(
        error === undefined || !error.retryable,
        `${what} that the channel cannot say is refused for good, not as ${brief(error?.code)}`,
      );
      mustBe(
        error !== undefined || bench.calls.length > 0,
        `${what} was pushed, and the platform received nothing`,
      );
      mustFit(said(bench), bench, what);
    }
  }),

  channelCase('a long text is pushed whole, in parts that fit', ['push'], async (bench) => {
    const text = longText(limitOf(bench), 3);
    mustEqual(await pushed(bench, { type: 'text', text }), undefined, 'the error of that push');
    const parts = said(bench);
    mustFit(parts, bench, 'a long text');
    mustCutAtGraphemes(parts, text);
    mustEqual(parts.join(''), text, 'all parts together');
  }),

  channelCase('a part that went out is not sent again', ['push', 'parts'], async (bench) => {
    const text = longText(limitOf(bench), 3);
    const { accept } = required(bench.subject.platform, 'platform');
    // What a channel fetches once, as the token for all its calls, is no part.
    mustEqual(await pushed(bench, HELLO, { id: 'first' }), undefined, 'the error of a first push');
    bench.calls.length = 0;
    let failures = 0;
    bench.answerWith((call) => {
      if (bench.calls.length !== 2) return accept(call);
      failures += 1;
      bench.calls.length = 1;
      return new Response(null, { status: 503 });
    });
    const reply: Reply = { type: 'text', text };
    const error = await pushed(bench, reply, { id: 'parts' });
    mustEqual(failures, 1, 'parts that failed');
    mustBe(error?.retryable === true, 'a push of which a part failed can be tried again');
    bench.answerWith(accept);
    mustEqual(await pushed(bench, reply, { id: 'parts' }), undefined, 'the error of the next try');
    mustEqual(said(bench).join(''), text, 'all parts together, after the next try');
  }),

  channelCase('what the platform answers says whether to try again', ['push'], async (bench) => {
    const { faults } = required(bench.subject.platform, 'platform');
    mustBe(
      faults.some(({ means }) => means === 'later') &&
        faults.some(({ means }) => means === 'never'),
      'faults of both kinds are given, such as pass and such as do not',
    );
    for (const { name, answer, means, retryAfterMs } of faults) {
      bench.answerWith(answer);
      const error = await pushed(bench, HELLO, { id: name });
      mustBe(
        error !== undefined,
        `${name}: the platform did not take a reply, and the push did not fail`,
      );
      mustEqual(meaningOf(error), means, `what is to be done after ${name}`);
      if (retryAfterMs === undefined) continue;
      const { retryAfterMs: found } = error.details;
      mustEqual(found, retryAfterMs, `\`details.retryAfterMs\` of the error after ${name}`);
    }
  }),

  channelCase('a network that fails is tried again', ['push'], async (bench) => {
    bench.answerWith(() => Promise.reject(new TypeError('fetch failed')));
    const error = await pushed(bench, HELLO);
    mustEqual(error && meaningOf(error), 'later', 'what is to be done after a network failed');
  }),

  channelCase('a push ends when its signal is aborted', ['push'], async (bench) => {
    bench.answerWith(() => new Promise<Response>(() => {}));
    const abort = new AbortController();
    const pushing = pushed(bench, HELLO, { signal: abort.signal });
    await bench.clock.advance(0);
    abort.abort(new Error('stop'));
    const hangs = Symbol('hangs');
    const settled = await Promise.race([
      pushing,
      bench.clock
        .advance(1)
        .then(() => bench.clock.advance(1))
        .then(() => hangs),
    ]);
    mustBe(settled !== hangs, 'a push continues after its signal was aborted');
  }),

  channelCase('a push to an openid of another channel is refused', ['push'], async (bench) => {
    const { prefix } = bench.channel;
    const others = prefix === '' ? [''] : ['', 'nobody', `x${prefix}a`, prefix];
    for (const openid of others) {
      const error = await pushedTo(bench, openid, HELLO);
      mustBe(
        ColloquyError.is(error) && !error.retryable,
        `a push to ${brief(openid)} is refused for good`,
      );
    }
    mustEqual(bench.calls.length, 0, 'calls to the platform for openids of other channels');
  }),
];

function meaningOf({ code, retryable }: ColloquyError): 'later' | 'closed' | 'never' {
  if (retryable) return 'later';
  return code === 'push_closed' ? 'closed' : 'never';
}
