import { fromPromise } from 'xstate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRunner, hear, integer, setupDialogue } from 'colloquy';
import {
  type Coverage,
  type CoverageKind,
  converse,
  createCoverage,
  mergeCoverage,
} from 'colloquy/testing';

const inner = setupDialogue({ types: {} as { context: { city?: string }; output: string } });
const address = inner.createDialogue({
  id: 'address',
  context: {},
  initial: 'asking',
  states: {
    asking: {
      entry: inner.reply('Which city?'),
      on: { 'message.text': { target: 'known' } },
    },
    known: { type: 'final' },
  },
  output: 'Oslo',
});

const words = setupDialogue({
  types: {} as { context: { age?: number } },
  actors: { lookUp: fromPromise(async () => 'sunny'), address },
});

function create() {
  return words.createDialogue({
    id: 'weather',
    version: '1',
    context: {},
    initial: 'age',
    states: {
      age: words.ask({
        question: 'How old are you?',
        parse: integer({ min: 1 }),
        assign: 'age',
        target: 'passing',
        attempts: 2,
        otherwise: 'over',
      }),
      passing: {
        always: [
          { guard: ({ context }) => (context.age ?? 0) < 18, target: 'over' },
          { target: 'looking' },
        ],
      },
      looking: {
        invoke: { src: 'lookUp', onDone: 'where', onError: 'over' },
        on: { 'message.*': { actions: words.reply('Wait.') } },
      },
      where: {
        invoke: { src: 'address', onDone: 'over' },
        on: { 'message.text': { guard: hear('stop'), target: 'over' } },
      },
      over: words.done('Bye.'),
    },
  });
}

/** What was walked, and never walked, of one kind: paths, and labels where there are some. */
function missing(coverage: Coverage, kind: CoverageKind): string[] {
  const { missing: items } = coverage.summary()[kind];
  return items.map(({ path, label }) => (label === undefined ? path : `${path}: ${label}`));
}

function record(dialogue = create()): { dialogue: ReturnType<typeof create>; coverage: Coverage } {
  const coverage = createCoverage(dialogue);
  onTestFinished(() => coverage.stop());
  return { dialogue, coverage };
}

describe('coverage', () => {
  it('counts states, also those that are passed through, transitions and guards both ways', async () => {
    const { dialogue, coverage } = record();
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('30');
    await chat.say('Oslo');
    expect(missing(coverage, 'states')).toEqual(['age.retry1']);
    expect(missing(coverage, 'transitions')).toEqual([
      'age: message.* (not understood)',
      'age: ask.retry (given up) → over',
      'age.waiting: ask.retry → age.retry1',
      'passing: at once → over',
      'looking: message.*',
      'looking: error lookUp → over',
      "where: message.text [hear('stop')] → over",
    ]);
    expect(missing(coverage, 'guards')).toEqual([
      'age: message.* (answered) → passing, the guard does not hold',
      'passing: at once → over, the guard holds',
      "where: message.text [hear('stop')] → over, the guard holds",
      "where: message.text [hear('stop')] → over, the guard does not hold",
    ]);
  });

  it('counts the branches of questions and services', async () => {
    const { dialogue, coverage } = record();
    expect(missing(coverage, 'retries')).toEqual(['age.waiting: ask.retry → age.retry1']);
    expect(missing(coverage, 'giveUps')).toEqual(['age: ask.retry (given up) → over']);
    expect(missing(coverage, 'failures')).toEqual(['looking: error lookUp → over']);
    const gone = converse(dialogue);
    for (const said of ['hi', 'x']) await gone.say(said);
    expect(missing(coverage, 'retries')).toEqual([]);
    await gone.say('y');
    expect(missing(coverage, 'giveUps')).toEqual([]);
    const failing = converse(dialogue);
    failing.fail('lookUp');
    for (const said of ['hi', '30']) await failing.say(said);
    expect(missing(coverage, 'failures')).toEqual([]);
  });

  it('sees into sub-dialogues', async () => {
    const { dialogue, coverage } = record();
    const ofInner = (): string[] =>
      coverage
        .summary()
        .states.missing.filter((item) => item.dialogue === 'address')
        .map(({ path }) => path);
    expect(ofInner()).toEqual(['', 'asking', 'known']);
    const chat = converse(dialogue);
    for (const said of ['hi', '30']) await chat.say(said);
    expect(ofInner()).toEqual(['known']);
    await chat.say('stop');
    expect(ofInner()).toEqual([]);
  });

  it('records every runner of the dialogue, with other services too, until it is stopped', async () => {
    const { dialogue, coverage } = record();
    const offline = dialogue.provide({
      actors: { lookUp: fromPromise(() => Promise.reject(new Error('offline'))) },
    });
    const runner = createRunner(offline);
    for (const said of ['hi', '30']) await runner.handle('ann', said);
    await runner.stop();
    expect(missing(coverage, 'failures')).toEqual([]);
    coverage.stop();
    const before = coverage.toJSON();
    await converse(dialogue).say('hi');
    expect(coverage.toJSON()).toEqual(before);
  });

  it('does not count what a step did that threw', async () => {
    const throwing = words.createDialogue({
      id: 'throwing',
      context: {},
      initial: 'a',
      states: {
        a: {
          on: {
            'message.*': {
              target: 'b',
              actions: words.assign(() => {
                throw new Error('no');
              }),
            },
          },
        },
        b: {},
      },
    });
    const coverage = createCoverage(throwing);
    onTestFinished(() => coverage.stop());
    const runner = createRunner(throwing);
    expect(await runner.handle('ann', 'hi')).toMatchObject({ outcome: 'failed' });
    await runner.stop();
    expect(missing(coverage, 'transitions')).toContain('a: message.* → b');
  });

  it('leaves out that a question is repeated where no user asks for it', () => {
    const coverage = mergeCoverage(create());
    expect(coverage.items.filter(({ key }) => key.includes('ask.repeat'))).toEqual([]);
    const repeating = words.createDialogue({
      id: 'repeating',
      context: {},
      initial: 'sure',
      on: { 'message.image': { actions: words.repeat() } },
      states: {
        sure: words.confirm({ question: 'Sure?', yes: 'over', no: 'over' }),
        over: words.done(),
      },
    });
    const labels = mergeCoverage(repeating).items.map(({ label }) => label);
    expect(labels).toContain('ask.repeat (the question again)');
  });
});

describe('the coverage of several processes', () => {
  it('adds up, also over several machines of one dialogue', async () => {
    const first = record();
    await converse(first.dialogue).say('hi');
    const second = record();
    const chat = converse(second.dialogue);
    for (const said of ['hi', 'x']) await chat.say(said);
    const [one, two] = [first, second].map(({ coverage }) => JSON.parse(JSON.stringify(coverage)));
    const merged = mergeCoverage(create(), one, two);
    expect(merged.summary().states.walked).toBe(second.coverage.summary().states.walked);
    const [root] = merged.items;
    expect(root && merged.count(root)).toBe(3);
    first.coverage.watch(second.dialogue);
    await converse(second.dialogue).say('hi');
    expect(root && first.coverage.count(root)).toBe(2);
  });

  it('is refused of another dialogue, or another version of it', () => {
    const data = mergeCoverage(create()).toJSON();
    expect(() => mergeCoverage(address, data)).toThrow(
      "Coverage of 'address' cannot take in what was walked through of 'weather'; record both by the same definition.",
    );
    expect(() => mergeCoverage(create(), { ...data, structure: 'x' })).toThrow(
      'another version of it',
    );
  });
});

describe('a report of coverage', () => {
  it('is a table with what is missing under it', async () => {
    const { dialogue, coverage } = record();
    const chat = converse(dialogue);
    for (const said of ['hi', 'x', '12']) await chat.say(said);
    expect(coverage.toText()).toMatchInlineSnapshot(`
      "coverage of weather
      states                  54.5 %  6 of 11
      transitions             33.3 %  4 of 12
      guards, both ways       50.0 %  3 of 6
      questions asked again  100.0 %  1 of 1
      questions given up       0.0 %  0 of 1
      failures taken           0.0 %  0 of 1

      never walked, states:
        looking
        where
        address: (anywhere)
        address: asking
        address: known

      never walked, transitions:
        age  ask.retry (given up) → over
        passing  at once → looking
        looking  message.*
        looking  done lookUp → where
        looking  error lookUp → over
        where  message.text [hear('stop')] → over
        where  done address → over
        address: asking  message.text → known

      never walked, guards, both ways:
        passing  at once → over, the guard does not hold
        where  message.text [hear('stop')] → over, the guard holds
        where  message.text [hear('stop')] → over, the guard does not hold"
    `);
  });

  it('is a page of boxes, in which what was never walked is marked and nothing is markup of ours', async () => {
    const odd = words.createDialogue({
      id: 'odd <b>',
      context: {},
      initial: 'a & b',
      states: { 'a & b': { on: { 'message.*': 'never' } }, never: {} },
    });
    const coverage = createCoverage(odd);
    onTestFinished(() => coverage.stop());
    await converse(odd).send({ type: 'event.follow' });
    const html = coverage.toHtml();
    expect(html).toContain('<h1>Coverage of odd &lt;b&gt;</h1>');
    expect(html).toMatch(/<div class="state atomic walked">\s*<b>a &amp; b<\/b>/u);
    expect(html).toMatch(/<div class="state atomic missed">\s*<b>never<\/b>/u);
    expect(html).toContain('<li class="missed">message.* → never</li>');
    expect(html).not.toMatch(/src=|href=/u);
    expect(html.match(/<div/gu)?.length).toBe(html.match(/<\/div>/gu)?.length);
  });

  it('fails under a threshold, and names what is missing of that kind', async () => {
    const { dialogue, coverage } = record();
    const chat = converse(dialogue);
    for (const said of ['hi', 'x', '12']) await chat.say(said);
    expect(() => coverage.check({ states: 50, retries: 100 })).not.toThrow();
    expect(() => coverage.check({ failures: 100, states: 50 })).toThrowErrorMatchingInlineSnapshot(`
      [ColloquyError: Too little of the dialogue 'weather' was walked through.
      failures taken: 0.0 %, under the threshold of 100 %

      coverage of weather
      states                  54.5 %  6 of 11
      transitions             33.3 %  4 of 12
      guards, both ways       50.0 %  3 of 6
      questions asked again  100.0 %  1 of 1
      questions given up       0.0 %  0 of 1
      failures taken           0.0 %  0 of 1

      never walked, failures taken:
        looking  error lookUp → over]
    `);
    expect(() => coverage.check({ typos: 1 } as never)).toThrow('A threshold is a number');
  });
});
