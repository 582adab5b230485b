import { ColloquyError } from '../../errors.ts';
import type { Reply } from '../../reply.ts';
import { brief, mustBe, mustEqual } from '../contract.ts';
import { isSaidInAnswer } from './answers.ts';
import { everyReply, limitOf, mustFit, longText, mustCutAtGraphemes } from './every-reply.ts';
import { type PushCall, required, spokenOf } from './subject.ts';
import { type ChannelHarness, type ChannelCase, channelCase } from './harness.ts';

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
