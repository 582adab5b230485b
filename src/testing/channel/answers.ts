import type { Rendering } from '../../channels/reception.ts';
import type { Reply } from '../../reply.ts';
import { mustBe, brief, mustEqual } from '../contract.ts';
import { everyReply, limitOf, mustFit, longText, mustCutAtGraphemes } from './every-reply.ts';
import { spokenOf, required } from './subject.ts';
import { type ChannelHarness, type ChannelCase, channelCase } from './harness.ts';

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
export async function isSaidInAnswer(bench: ChannelHarness, reply: Reply): Promise<boolean> {
  if (!bench.subject.capabilities?.includes('answers')) return false;
  const { answer, unsent } = (await answerable(bench))([reply]);
  return answer !== undefined && unsent.length === 0;
}

function textsOf({ subject }: ChannelHarness, { answer }: Rendering): readonly string[] {
  return answer === undefined ? [] : required(subject.textsOf, 'textsOf')(answer);
}
