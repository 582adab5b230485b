import { describe, expect, it } from 'vitest';
import { type Example, programOf, readExamples } from './examples-in-docstrings.ts';
import { diagnose, run } from './programs.ts';

const examples = readExamples();
const program = programOf(examples);

/** What most programs use: each has an example where an editor shows it. */
const MOST_USED =
  `anywhere ask assign choice choose clear commandIntents commands confirm converse createContextStore
createCoverage createDialogue createManualClock createRunner createWebhook date dateTime done email emit expireIn explore
fails faulty forget form formatReply handle hear integer is jsonWebhook keywords lintDialogue memory mentions now number
observe parseTranscript pattern phone playTranscript repeat reply say schema sealed setupDialogue slack takes telegram text
time toMermaid toNodeListener wechat within`.split(/\s+/u);

describe('the examples in docstrings', () => {
  it('are there for everything that most programs use', () => {
    const names = new Set(examples.map(({ of }) => of));
    expect(MOST_USED.filter((name) => !names.has(name))).toEqual([]);
  });

  it('have at most ten lines', () => {
    expect(examples.filter(({ lines }) => lines.length > 10)).toEqual([]);
  });

  it('compile, and print what they say', async () => {
    const unread = /is declared but its value is never read|All .* are unused/u;
    expect(diagnose([program]).filter((line) => !unread.test(line))).toEqual([]);
    expect(await run(program)).toEqual(program.prints);
  }, 60_000);

  it('are found whole, and what they print with them', () => {
    const text =
      '/**\n * Adds.\n * @example\n * say(1); // → 1\n * @throws never\n */\nexport function add() {}';
    const [example] = readExamples(new Map([['a.ts', text]])) as [Example];
    expect(example).toEqual({ name: 'a.ts:3', of: 'add', lines: ['say(1); // → 1'] });
    expect(programOf([example]).prints).toEqual(['a.ts:3', '1']);
  });
});
