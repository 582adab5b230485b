import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { type DraftEvent, setupDialogue, text } from 'colloquy';
import { type Model, createAgent, generateWithDrafts, modelRecognizer } from 'colloquy/model';
import { createManualClock, scripted } from 'colloquy/testing';
import type { ScriptedAnswer } from 'colloquy/testing';
import { PageOfDesk, START } from './session-desk.ts';

/** A shop whose agent has a tool. */
function shop(model: Model) {
  const helper = createAgent({
    id: 'helper',
    model,
    instructions: 'You sell fruit.',
    tools: {
      price_of: {
        description: 'The price of a fruit.',
        parameters: { type: 'object' },
        input: anything,
        run: async () => ({ price: 3 }),
      },
    },
  });
  const { createDialogue, reply } = setupDialogue({
    types: {} as { context: object },
    actors: { helper },
  });
  return createDialogue({
    id: 'shop',
    context: {},
    initial: 'open',
    states: {
      open: { on: { 'message.text': 'helping' } },
      helping: {
        invoke: {
          src: 'helper',
          input: ({ event }) => ({ text: 'text' in event ? event.text : '' }),
          onDone: { target: 'open', actions: reply('Anything else?') },
        },
      },
    },
  });
}

const anything = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
} as const;

const ASKS_PRICE: ScriptedAnswer = {
  calls: [{ name: 'price_of', input: { fruit: 'pear' } }],
  usage: { inputTokens: 40, outputTokens: 8 },
};
const SAYS_PRICE: ScriptedAnswer = {
  text: 'A pear is 3.',
  usage: { inputTokens: 60, outputTokens: 6 },
};

describe('a call of a model', () => {
  it('of an agent is shown with its prompt, its tools and its answer, in its turn', async () => {
    const page = new PageOfDesk({ dialogue: shop(scripted([ASKS_PRICE, SAYS_PRICE])) });
    await page.say('ann', 'What is a pear?');
    expect(page.said).toEqual(['A pear is 3.', 'Anything else?']);
    const [first, second] = page.models;
    expect(first).toMatchObject({
      call: 1,
      turn: 1,
      openid: 'ann',
      by: { kind: 'agent', name: 'helper' },
      model: 'scripted',
      at: START,
      isStreamed: false,
      messages: [
        { role: 'system', text: 'You sell fruit.', length: 15 },
        { role: 'user', text: 'What is a pear?' },
      ],
      tools: [
        {
          name: 'price_of',
          description: { text: 'The price of a fruit.' },
          parameters: { text: '{"type":"object"}' },
        },
      ],
      wantsValue: false,
      end: {
        how: 'answered',
        at: START,
        words: { text: '' },
        calls: [{ name: 'price_of', input: { text: '{"fruit":"pear"}' } }],
        finish: 'calls',
        usage: { inputTokens: 40, outputTokens: 8 },
      },
    });
    expect(second).toMatchObject({
      turn: 1,
      messages: [
        { role: 'system' },
        { role: 'user' },
        { role: 'assistant', text: '', calls: [{ name: 'price_of' }] },
        { role: 'tool', tool: 'price_of', text: '{"price":3}' },
      ],
      end: { words: { text: 'A pear is 3.' }, finish: 'stop' },
    });
    expect(page.models).toHaveLength(2);
  });

  it('is not made again after undo and fork, and those that never happened are gone', async () => {
    const model = scripted([ASKS_PRICE, SAYS_PRICE]);
    const page = new PageOfDesk({ dialogue: shop(model) });
    await page.say('ann', 'What is a pear?');
    await page.ask('undo', {});
    expect(page.models).toEqual([]);
    await page.say('ann', 'What is a pear?');
    expect(page.said).toEqual(['A pear is 3.', 'Anything else?']);
    await page.ask('fork', { turn: 0 });
    await page.say('ann', 'What is a pear?');
    expect(page.said).toEqual(['A pear is 3.', 'Anything else?']);
    expect(model.requests).toHaveLength(2);
    expect(page.models).toEqual([]);
  });

  it('that fails has the reason, and of a stream the words that came', async () => {
    const page = new PageOfDesk({
      dialogue: teller(scripted([{ fails: 'rate_limited' }, { cutOff: 'Once upon' }])),
    });
    await page.say('ann', 'a story', 'a story');
    expect(page.models).toMatchObject([
      { end: { how: 'failed', words: { text: '' }, error: { reason: 'rate_limited' } } },
      {
        isStreamed: true,
        end: { how: 'failed', words: { text: 'Once upon' }, error: { code: 'model_failed' } },
      },
    ]);
  });

  it('that a service makes is seen while it goes on, and takes virtual time', async () => {
    const clock = createManualClock({ now: START });
    const late = { takes: { seconds: 3 }, answer: 'The end.' };
    const page = new PageOfDesk({ dialogue: teller(scripted([late], { clock })) });
    const outcome = page.say('ann', 'a story');
    await expect.poll(() => page.models).toMatchObject([{ by: { name: 'story' } }]);
    expect(page.models[0]).not.toHaveProperty('turn');
    expect(page.models[0]).not.toHaveProperty('end');
    await clock.advance({ seconds: 3 });
    await outcome;
    await expect.poll(() => page.models).toMatchObject([{ turn: 1, end: { finish: 'stop' } }]);
  });
});

/** A dialogue with a service that streams. */
function teller(model: Model) {
  const { createDialogue, reply } = setupDialogue({
    types: {} as { context: object },
    actors: {
      story: fromPromise<string, undefined, DraftEvent>(async ({ emit }) => {
        const messages = [{ role: 'user', text: 'Tell a story.' }] as const;
        return (await generateWithDrafts(model, { messages }, emit)).text;
      }),
    },
  });
  return createDialogue({
    id: 'teller',
    context: {},
    initial: 'ready',
    states: {
      ready: { on: { 'message.text': 'telling' } },
      telling: {
        invoke: {
          src: 'story',
          onDone: { target: 'ready', actions: reply(({ event }) => event.output) },
          onError: { target: 'ready', actions: reply('No story today.') },
        },
      },
    },
  });
}

describe('a recognizer', () => {
  const model = (count: number) =>
    scripted(Array.from({ length: count }, () => ({ value: { values: { name: 'Ann' } } })));
  const booking = (asked: Model, isDeaf = true) => {
    const { createDialogue, form, reply } = setupDialogue({
      types: {} as { context: { name?: string; city?: string } },
      ...(!isDeaf && { intents: { help: {} }, recognize: async () => [] }),
    });
    return createDialogue({
      id: 'booking',
      context: {},
      initial: 'asking',
      states: {
        asking: form({
          slots: {
            city: { question: 'Which city?', parse: text() },
            name: { question: 'Your name?', parse: text() },
          },
          understand: modelRecognizer(asked),
          target: 'booked',
        }),
        booked: { entry: reply('Booked.') },
      },
      ...(!isDeaf && { on: { 'intent.help': { actions: reply('Help!') } } }),
    });
  };

  it('of a form is seen, and asks its model once, also after undo', async () => {
    const asked = model(1);
    const page = new PageOfDesk({ dialogue: booking(asked) });
    await page.say('ann', 'hi', 'Ann from Oslo');
    expect(page.models).toMatchObject([
      { turn: 2, by: { kind: 'recognizer', name: 'form' }, wantsValue: true },
    ]);
    await page.ask('undo', {});
    await page.say('ann', 'Ann from Oslo');
    expect(page.problems).toEqual([]);
    expect(asked.requests).toHaveLength(1);
  });

  it('of a form is asked beside that of the dialogue', async () => {
    const asked = model(1);
    const page = new PageOfDesk({ dialogue: booking(asked, false) });
    await page.say('ann', 'hi', 'Ann from Oslo');
    expect(asked.requests).toHaveLength(1);
  });
});
