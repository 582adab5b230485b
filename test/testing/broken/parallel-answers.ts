import { commandIntents, setupDialogue } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { n?: number } }, intents: commandIntents });

/** To “help” both regions say what they are for. */
export const parallelAnswers = words.createDialogue({
  id: 'stand',
  context: {},
  type: 'parallel',
  states: {
    orders: {
      on: words.commands({ help: { say: 'Say what you want to eat.' } }),
      initial: 'open',
      states: { open: { on: { 'message.*': {} } } },
    },
    chatter: {
      on: words.commands({ help: { say: 'Say what you want to talk about.' } }),
      initial: 'open',
      states: { open: { on: { 'message.*': {} } } },
    },
  },
});
