import type { ChannelLimits } from '../../channels/channel.ts';
import { textSize } from '../../channels/text-parts.ts';
import { ColloquyError } from '../../errors.ts';
import { brief, mustBe, mustEqual } from '../contract.ts';
import { type PushCall, required, spokenOf } from './subject.ts';
import { type ChannelCase, type ChannelHarness, channelCase } from './harness.ts';

interface DraftCall {
  readonly openid?: string;
  readonly signal?: AbortSignal;
}

const DEFAULT_LIMIT = { max: 5000, unit: 'utf16' } as const;

/** What came of a draft for a user of the channel, or for another openid. */
async function drafted(
  bench: ChannelHarness,
  text: string,
  { openid, signal = new AbortController().signal }: DraftCall = {},
): Promise<ColloquyError | undefined> {
  const { channel } = bench;
  const draft = required(channel.draft, 'draft() of the channel');
  const user = openid ?? (await userOf(bench));
  try {
    await draft.call(channel, user, { id: 'draft-1', text, signal });
    return undefined;
  } catch (error) {
    mustBe(
      ColloquyError.is(error) && error.name === 'DeliveryError',
      `a call of draft() is refused with a DeliveryError, not with ${brief(error)}`,
    );
    return error;
  }
}

const users = new WeakMap<ChannelHarness, Promise<string>>();

/** The user of a case, who writes once: what a person writes may end the draft before it. */
function userOf(bench: ChannelHarness): Promise<string> {
  let user = users.get(bench);
  if (user === undefined) users.set(bench, (user = firstUserOf(bench)));
  return user;
}

async function firstUserOf(bench: ChannelHarness): Promise<string> {
  const [payload] = spokenOf(bench.subject);
  const [inbound] = payload === undefined ? [] : (await bench.deliver(payload)).messages;
  mustBe(inbound !== undefined, 'there is a user who sees drafts');
  return inbound.openid;
}

/** Says a reply by a push, which has to be taken. */
async function said(bench: ChannelHarness, text: string): Promise<void> {
  const { channel } = bench;
  const push = required(channel.push, 'push() of the channel');
  const { signal } = new AbortController();
  await push.call(channel, await userOf(bench), { type: 'text', text }, { id: 'reply-1', signal });
}

/** The texts that a user sees of the calls from one on. */
function textsFrom(bench: ChannelHarness, from: number): readonly string[] {
  const { textsOf } = required(bench.subject.platform, 'platform');
  return bench.calls.slice(from).flatMap((call: PushCall) => textsOf(call));
}

function limitOf({ channel }: ChannelHarness): NonNullable<ChannelLimits['text']> {
  return channel.limits?.text ?? DEFAULT_LIMIT;
}

export const draftCases: readonly ChannelCase[] = [
  channelCase('each draft shows the whole text so far', ['drafts'], async (bench) => {
    for (const text of ['It', 'It is', 'It is late']) {
      const before = bench.calls.length;
      mustEqual(await drafted(bench, text), undefined, 'the error of a draft that is taken');
      const texts = textsFrom(bench, before);
      mustBe(
        texts.length === 1 && texts[0]?.startsWith(text) === true,
        `a draft of ${brief(text)} is one call that shows it, and not ${brief(texts)}`,
      );
    }
    const { draftMs = 1 } = bench.channel.limits ?? {};
    mustBe(draftMs > 0, '`limits.draftMs` is more than nothing');
  }),

  channelCase('a draft that is too long shows its end', ['drafts'], async (bench) => {
    const limit = limitOf(bench);
    const text = `${'x'.repeat(limit.max + 10)} the end`;
    mustEqual(await drafted(bench, text), undefined, 'the error of a long draft');
    const texts = textsFrom(bench, 0);
    mustBe(
      texts.length === 1 && texts[0]?.includes('the end') === true,
      `a long draft is one call that shows its end, and not ${texts.length} calls`,
    );
    const size = textSize(texts[0] ?? '', limit.unit);
    mustBe(size <= limit.max, `a draft of ${size} ${limit.unit} is within ${limit.max}`);
  }),

  channelCase(
    'an empty draft shows nothing, and is taken also where none was shown',
    ['drafts'],
    async (bench) => {
      for (const text of ['', 'It', '', '']) {
        const before = bench.calls.length;
        mustEqual(await drafted(bench, text), undefined, `the error of a draft of ${brief(text)}`);
        if (text === '') mustEqual(textsFrom(bench, before), [], 'what an empty draft shows');
      }
    },
  ),

  channelCase(
    'the reply after a draft is said once and whole',
    ['drafts', 'push'],
    async (bench) => {
      await drafted(bench, 'It is la');
      const before = bench.calls.length;
      await said(bench, 'It is late.');
      mustEqual(textsFrom(bench, before), ['It is late.'], 'what a user sees of the reply');
    },
  ),

  channelCase('no reply waits for a draft', ['drafts', 'push'], async (bench) => {
    const hang = (): Promise<Response> => new Promise(() => {});
    bench.answerWith(hang);
    const call = new AbortController();
    const drafting = drafted(bench, 'It is la', { signal: call.signal });
    await bench.clock.advance(0);
    call.abort(new Error('over'));
    const before = bench.calls.length;
    const { accept } = required(bench.subject.platform, 'platform');
    bench.answerWith(accept);
    const hangs = Symbol('hangs');
    const settled = await Promise.race([
      said(bench, 'It is late.'),
      bench.clock
        .advance(1)
        .then(() => bench.clock.advance(1))
        .then(() => hangs),
    ]);
    mustBe(settled !== hangs, 'a reply waits for a draft that the platform does not answer');
    mustEqual(textsFrom(bench, before), ['It is late.'], 'what a user sees of the reply');
    await drafting;
  }),

  channelCase('a draft for an openid of another channel is refused', ['drafts'], async (bench) => {
    const { prefix } = bench.channel;
    const others = prefix === '' ? [''] : ['', 'nobody', `x${prefix}a`, prefix];
    for (const openid of others) {
      for (const text of ['It', '']) {
        const error = await drafted(bench, text, { openid });
        mustBe(error !== undefined, `a draft for ${brief(openid)} is refused`);
      }
    }
    mustEqual(bench.calls.length, 0, 'calls to the platform for openids of other channels');
  }),

  channelCase('a draft that the platform refuses fails', ['drafts'], async (bench) => {
    const { faults } = required(bench.subject.platform, 'platform');
    for (const { name, answer, retryAfterMs } of faults) {
      bench.answerWith(answer);
      const error = await drafted(bench, `It is ${name}`);
      mustBe(error !== undefined, `${name}: nothing was shown, and nothing failed`);
      if (retryAfterMs === undefined) continue;
      mustEqual(error.details['retryAfterMs'], retryAfterMs, `${name}: the pause it asks for`);
    }
  }),

  channelCase('a draft ends when its signal is aborted', ['drafts'], async (bench) => {
    bench.answerWith(() => new Promise<Response>(() => {}));
    const abort = new AbortController();
    const drafting = drafted(bench, 'It', { signal: abort.signal });
    await bench.clock.advance(0);
    abort.abort(new Error('stop'));
    const hangs = Symbol('hangs');
    const settled = await Promise.race([
      drafting,
      bench.clock
        .advance(1)
        .then(() => bench.clock.advance(1))
        .then(() => hangs),
    ]);
    mustBe(settled !== hangs, 'a call of draft() continues after its signal was aborted');
  }),
];
