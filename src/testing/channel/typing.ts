import { ColloquyError } from '../../errors.ts';
import { brief, mustBe, mustEqual } from '../contract.ts';
import { required, spokenOf } from './subject.ts';
import { type ChannelCase, type ChannelHarness, channelCase } from './harness.ts';

/** What came of a call of `typing` for a user of the channel, or for another openid. */
async function typed(
  bench: ChannelHarness,
  { openid, signal = new AbortController().signal }: { openid?: string; signal?: AbortSignal } = {},
): Promise<ColloquyError | undefined> {
  const { channel } = bench;
  const typing = required(channel.typing, 'typing() of the channel');
  const user = openid ?? (await userOf(bench));
  try {
    await typing.call(channel, user, { signal });
    return undefined;
  } catch (error) {
    mustBe(
      ColloquyError.is(error) && error.name === 'DeliveryError',
      `a call of typing() is refused with a DeliveryError, not with ${brief(error)}`,
    );
    return error;
  }
}

async function userOf(bench: ChannelHarness): Promise<string> {
  const [payload] = spokenOf(bench.subject);
  const [inbound] = payload === undefined ? [] : (await bench.deliver(payload)).messages;
  mustBe(inbound !== undefined, 'there is a user to type for');
  return inbound.openid;
}

export const typingCases: readonly ChannelCase[] = [
  channelCase(
    'that a reply is being made is shown, and says nothing',
    ['typing'],
    async (bench) => {
      const { textsOf } = required(bench.subject.platform, 'platform');
      mustEqual(await typed(bench), undefined, 'the error of a call that the platform takes');
      mustBe(bench.calls.length > 0, 'a call of typing() calls the platform');
      const texts = bench.calls.flatMap((call) => textsOf(call));
      mustEqual(texts, [], 'the texts that a user sees of it');
      const { typingMs = 1 } = bench.channel.limits ?? {};
      mustBe(typingMs > 0, '`limits.typingMs` is more than nothing');
    },
  ),

  channelCase('typing for an openid of another channel is refused', ['typing'], async (bench) => {
    const { prefix } = bench.channel;
    const others = prefix === '' ? [''] : ['', 'nobody', `x${prefix}a`, prefix];
    for (const openid of others) {
      const error = await typed(bench, { openid });
      mustBe(error !== undefined, `typing for ${brief(openid)} is refused`);
    }
    mustEqual(bench.calls.length, 0, 'calls to the platform for openids of other channels');
  }),

  channelCase('typing that the platform refuses fails', ['typing'], async (bench) => {
    const { faults } = required(bench.subject.platform, 'platform');
    for (const { name, answer } of faults) {
      bench.answerWith(answer);
      mustBe((await typed(bench)) !== undefined, `${name}: nothing was shown, and nothing failed`);
    }
  }),

  channelCase('typing ends when its signal is aborted', ['typing'], async (bench) => {
    bench.answerWith(() => new Promise<Response>(() => {}));
    const abort = new AbortController();
    const typing = typed(bench, { signal: abort.signal });
    await bench.clock.advance(0);
    abort.abort(new Error('stop'));
    const hangs = Symbol('hangs');
    const settled = await Promise.race([
      typing,
      bench.clock
        .advance(1)
        .then(() => bench.clock.advance(1))
        .then(() => hangs),
    ]);
    mustBe(settled !== hangs, 'a call of typing() continues after its signal was aborted');
  }),
];
