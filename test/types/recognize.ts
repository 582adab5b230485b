import {
  type IntentRecognizer,
  type Recognizer,
  type RunnerOptions,
  createRunner,
  keywords,
  mentions,
  pattern,
  setupDialogue,
} from 'colloquy';
import type { IntentDefinition } from '../../src/dialogue/engine/intents.ts';

const words = setupDialogue({
  types: {} as { context: { dish?: string } },
  intents: {
    cancel: keywords('cancel', '取消'),
    complaint: mentions('bad', 'refund'),
    order: pattern(/order (?<dish>.+)/iu),
    lucky: (message) => message.type === 'message.text' && 0.7,
    silent: () => {},
    that: (_message, { takes, question, dialogue, context }) =>
      takes.includes('order') &&
      question?.options.some(({ value }) => value === context['dish']) === true &&
      dialogue.status === 'active',
    mood: async (message, { signal, openid, intents }) => ({
      score: signal.aborted ? 0 : openid.length,
      values: { intents, type: message.type },
    }),
    refund: {},
  },
  recognize: async (_message, { signal }) => {
    signal.throwIfAborted();
    return [{ intent: 'refund', score: 0.9, values: { amount: 3 } }];
  },
});

const dialogue = words.createDialogue({
  id: 'recognises',
  context: {},
  on: {
    'intent.order': {
      guard: ({ event }) => event.score > 0.5,
      actions: words.assign({ dish: ({ event }) => event.text + event.message.type }),
    },
    'intent.refund': { actions: words.reply(({ event }) => Object.keys(event.values).join()) },
  },
});
words.createDialogue({
  id: 'wrong',
  context: {},
  initial: 'open',
  states: {
    open: {
      on: {
        // @ts-expect-error an intent that is not declared
        'intent.ordr': {},
      },
    },
  },
});

const options: RunnerOptions = {
  recognizers: { order: keywords('order'), mood: () => 1 },
  recognize: () => [{ intent: 'order' }],
  recognizeMs: 1000,
};
createRunner(dialogue, options);

// @ts-expect-error an intent in a runner needs a recognizer
createRunner(dialogue, { recognizers: { order: {} } });
// @ts-expect-error a verdict is no string
export const wrong: IntentRecognizer = () => 'yes';
// @ts-expect-error a candidate names its intent
export const nameless: Recognizer = () => [{ score: 1 }];
// @ts-expect-error what recognises is a function, or {}
export const listed: IntentDefinition = { keywords: ['a'] };
// @ts-expect-error a pattern is no keyword
keywords(/a/u);
// @ts-expect-error a keyword is no pattern
pattern('a');
