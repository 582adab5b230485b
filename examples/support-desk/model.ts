import type { Candidate, Recognizer } from 'colloquy';

/** What a model would have learnt: how people express a wish without naming it. */
const LEARNT: readonly (readonly [RegExp, Candidate])[] = [
  [/\b(?:broken|damaged|smashed|does not work)\b/iu, { intent: 'refund', score: 0.8 }],
  [/\b(?:moved|not at home|new flat|on holiday)\b/iu, { intent: 'delivery', score: 0.7 }],
  [
    /\b(?:speak|talk) (?:to|with) (?:someone|somebody|a person)\b/iu,
    { intent: 'human', score: 0.9 },
  ],
];

/**
 * A stand-in for a language model. The runner asks it about every message, at the same time as the recognizers in
 * `setup.ts`. Yours would send `message.text` and `about.intents` to a server, and pass `about.signal` on. If it is late
 * or fails, the dialogue takes the message without it.
 */
export const model: Recognizer = async (message) => {
  if (message.type !== 'message.text') return [];
  return LEARNT.filter(([phrase]) => phrase.test(message.text)).map(([, candidate]) => candidate);
};
