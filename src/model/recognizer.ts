import type { Recognizer } from '../dialogue/text/recognizers.ts';
import { UsageError } from '../errors.ts';
import { type KeysOf, checkOptions, keyTable } from '../internal/closed.ts';
import { textOf } from '../message.ts';
import { generateObserved } from './calls.ts';
import { checkModel } from './check-model.ts';
import type { Model } from './model.ts';
import { type IntentHelp, readRecognition, recognitionRequest } from './recognition-prompt.ts';

/** Options of `modelRecognizer()`. */
export interface ModelRecognizerOptions {
  /**
   * The intents that the model may find, with a description each, or more about them. Of these, it is offered those that the
   * dialogue may take where it stands. Default: none, so it finds only values for forms.
   */
  readonly intents?: Readonly<Record<string, string | IntentHelp>>;
  /** More for the model about the bot and its users, in your words. Never put a user's words here. */
  readonly about?: string;
}

const KEYS = keyTable('intents about') satisfies KeysOf<ModelRecognizerOptions>;
const HELP = {
  ...keyTable('description examples'),
  values: { '*': null },
} satisfies KeysOf<IntentHelp>;

/** The longest text that a model is asked about, in UTF-16 code units. A longer one is left to the parsers. */
const MAX_TEXT = 4000;

/**
 * A recognizer that asks a model what a message means where the dialogue stands: which of the intents that may be taken here,
 * and which values for the slots of the form that asks. Give it to `recognize` of `setupDialogue()`, or to `understand` of a
 * form. What the model says is only a proposal: an intent counts where a state takes it, and a value where the parser of its
 * slot takes it.
 *
 * It does not ask the model about a message without words, about one of more than 4000 UTF-16 code units, or where there is
 * nothing to find. If the model fails or answers with something else, the runner reports `recognizer_failed` and takes the
 * message without it.
 * @example
 * const slots = { name: { question: 'Your name?', parse: text() } } as const;
 * words.form({ slots, understand: modelRecognizer(model), target: 'booked' });
 * @throws UsageError `bad_option`
 */
export function modelRecognizer(model: Model, options: ModelRecognizerOptions = {}): Recognizer {
  checkModel('modelRecognizer()', model);
  checkOptions('modelRecognizer()', options, KEYS);
  const helps = helpsOf(options.intents ?? {});
  return async (message, about) => {
    const text = textOf(message)?.trim() ?? '';
    if (text === '' || text.length > MAX_TEXT || message.type === 'message.action') return [];
    const intents = new Map([...helps].filter(([intent]) => about.takes.includes(intent)));
    const { slots, question, history } = about;
    if (intents.size === 0 && slots.length === 0) return [];
    const asked = { text, intents, slots, question, history };
    const request = recognitionRequest(asked, options);
    const { value } = await generateObserved(model, { ...request, signal: about.signal });
    return readRecognition(value, intents, model.name);
  };
}

function helpsOf(intents: NonNullable<ModelRecognizerOptions['intents']>): Map<string, IntentHelp> {
  const entries = Object.entries(intents).map(([name, given]): [string, IntentHelp] => {
    if (typeof given === 'string') return [name, { description: given }];
    checkOptions(`modelRecognizer(): the intent '${name}'`, given, HELP);
    return [name, given];
  });
  const blank = entries.find(([, { description }]) => typeof description !== 'string');
  if (blank !== undefined) {
    throw new UsageError(
      'bad_option',
      `modelRecognizer(): the intent '${blank[0]}' needs a description: a text.`,
    );
  }
  return new Map(entries);
}
