import { fromPromise } from 'xstate';
import { setupDialogue } from 'colloquy';
import { createAgent } from 'colloquy/model';
import { createManualClock, scripted } from 'colloquy/testing';

/** A dialogue that `colloquy studio` loads: an agent with a tool, whose last answer pauses until somebody says “go on”. */

const clock = createManualClock();

const model = scripted(
  [
    {
      calls: [{ name: 'price_of', input: { fruit: 'pear' } }],
      usage: { inputTokens: 40, outputTokens: 8 },
    },
    {
      parts: ['A pear ', { takes: { seconds: 1 } }, 'is 3.'],
      usage: { inputTokens: 60, outputTokens: 6 },
    },
  ],
  { name: 'fruit-model', clock },
);

const helper = createAgent({
  id: 'helper',
  model,
  instructions: 'You sell fruit.',
  drafts: true,
  tools: {
    price_of: {
      description: 'The price of a fruit.',
      parameters: { type: 'object', properties: { fruit: { type: 'string' } } },
      input: {
        '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
      },
      run: async () => ({ price: 3 }),
    },
  },
});

const { createDialogue, reply } = setupDialogue({
  types: {} as { context: object },
  actors: {
    helper,
    goOn: fromPromise<undefined>(async () => {
      await clock.advance({ seconds: 1 });
      return undefined;
    }),
  },
});

// oxlint-disable-next-line import/no-default-export -- the command line takes the default export of a module
export default createDialogue({
  id: 'advisor',
  version: '1',
  context: {},
  initial: 'open',
  states: {
    open: {
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'go on', target: 'going' },
          { target: 'helping' },
        ],
      },
    },
    helping: {
      invoke: {
        src: 'helper',
        input: ({ event }) => ({ text: 'text' in event ? event.text : '' }),
        onDone: { target: 'open', actions: reply('Anything else?') },
      },
    },
    going: { invoke: { src: 'goOn', onDone: 'open' } },
  },
});
