import type { Candidate, Recognizer } from 'colloquy';
import { type Model, modelRecognizer, openAiCompatible } from 'colloquy/model';

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

/** Asks a model what a customer wants, where the desk can do it. It is told what the desk asked last. */
export const recognizerBy = (server: Model): Recognizer =>
  modelRecognizer(server, {
    about: 'The bot is the support desk of a shop that sells lamps and furniture.',
    intents: {
      refund: {
        description: 'something is broken, or the customer wants money or another one for it',
        examples: ['my lamp 1043 arrived in pieces', 'I want my money back'],
      },
      delivery: {
        description: 'an order is to go to another address, or on another day',
        examples: ['I have moved', 'nobody is at home on friday'],
      },
      human: 'the customer wants to talk with a person',
    },
  });

/**
 * A model of yours, where the environment names one: any server that speaks the protocol of OpenAI, as Ollama does at
 * `http://127.0.0.1:11434/v1`. Otherwise the stand-in.
 */
export function recognizerOf(
  environment: Readonly<Record<string, string | undefined>>,
): Recognizer {
  const { MODEL_URL, MODEL_NAME, MODEL_KEY } = environment;
  if (!MODEL_URL || !MODEL_NAME) return model;
  return recognizerBy(
    openAiCompatible({
      baseUrl: MODEL_URL,
      model: MODEL_NAME,
      // Takes no feature of a server: some of them, as DeepSeek, have no JSON Schema.
      schemas: 'prompt',
      ...(MODEL_KEY && { apiKey: MODEL_KEY }),
    }),
  );
}
