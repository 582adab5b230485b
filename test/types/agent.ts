import { setupDialogue } from 'colloquy';
import { type Model, createAgent } from 'colloquy/model';
import { converse } from 'colloquy/testing';
import { z } from 'zod';

declare const model: Model;

const agent = createAgent({
  id: 'support',
  model,
  instructions: ({ about }) => about.openid,
  types: {} as { about: { openid: string } },
  tools: {
    refund: {
      description: 'Gives money back.',
      input: z.object({ amount: z.number() }),
      // @ts-expect-error -- the input has no such part
      approve: ({ sum }) => `${sum}?`,
      run: ({ input, about }) => input.amount.toFixed(2) + about.openid,
    },
    pay: {
      description: 'Pays.',
      input: z.object({ amount: z.number() }),
      approve: ({ amount }) => `${amount.toFixed(2)}?`,
      // @ts-expect-error -- an amount is a number
      run: ({ input }) => input.amount.length,
    },
  },
  output: { description: 'Done.', schema: z.object({ colour: z.enum(['red', 'blue']) }) },
});

const words = setupDialogue({
  types: {} as { context: { colour?: 'red' | 'blue' } },
  actors: { agent },
});

export const dialogue = words.createDialogue({
  id: 'desk',
  context: {},
  initial: 'helping',
  states: {
    helping: {
      invoke: {
        src: 'agent',
        input: { text: 'Hi', about: { openid: 'ann' } },
        onDone: {
          target: 'over',
          actions: words.assign({
            colour: ({ event: { output } }) => {
              if (output.reason === 'answered') return output.value.colour;
              // @ts-expect-error -- only an agent that has answered has a value
              return output.value.colour;
            },
          }),
        },
      },
    },
    over: words.done(),
  },
});

export const wrongInput = words.createDialogue({
  id: 'desk',
  context: {},
  initial: 'helping',
  states: {
    helping: {
      // @ts-expect-error -- the agent needs to know about whom it is
      invoke: {
        src: 'agent',
        input: { text: 'Hi' },
      },
    },
  },
});

converse(dialogue, {
  services: {
    refund: ({ input, key }) => input.amount.toFixed(2) + key,
    'support.model': ({ messages }) => ({ text: `${messages.length}`, calls: [], finish: 'stop' }),
  },
});
