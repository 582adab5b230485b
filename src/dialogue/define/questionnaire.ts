import { UsageError } from '../../errors.ts';
import type { Reply } from '../../reply.ts';
import type { Question } from '../engine/question.ts';
import type { ReadBy } from './answer-reading.ts';
import { checkListed } from './choices.ts';
import type { OptionsFor } from './choose.ts';
import { NEXT, FILLED } from './form-parts.ts';
import type { QuestionArgs } from './questions.ts';

export type AnswersContext = Readonly<Record<string, unknown>>;

export interface Definition extends ReadBy {
  readonly key: string;
  readonly question: string | Reply | ((args: QuestionArgs<AnswersContext>) => string | Reply);
  readonly options?: OptionsFor<object, string>;
  readonly when?: (args: { readonly context: AnswersContext }) => boolean;
  readonly retry?: Question['retry'];
  readonly required?: boolean;
}

/** The untyped form of a questionnaire. */
export interface Questionnaire extends Pick<
  Question,
  'attempts' | 'of' | 'otherwise' | 'timeout' | 'on'
> {
  readonly questions: readonly Definition[];
  readonly answers?: string;
  readonly progress?: boolean | ((args: QuestionArgs<AnswersContext>) => string);
  readonly target: string;
  /** Whether the dialogue declares the intent `back`. */
  readonly hearsBack: boolean;
}

export function isOptional({ required = true }: Definition): boolean {
  return !required;
}

export function checkQuestionnaire({ questions }: Questionnaire): void {
  const fail = (problem: string): never => {
    throw new UsageError('bad_form', `A list of questions ${problem}.`);
  };
  if (!Array.isArray(questions) || questions.length === 0) {
    fail('has at least one question, under `questions`');
  }
  const keys = new Set<unknown>([NEXT, FILLED]);
  for (const { key, question, options, parse, parseFor } of questions) {
    if (typeof key !== 'string' || !/^[^.#]+$/u.test(key)) {
      fail('has a `key` for each question, a text without dots and `#`');
    }
    if (keys.has(key)) fail(`already has a state '${key}'; give the question another \`key\``);
    keys.add(key);
    if (question === undefined) fail(`needs a \`question\` to say for '${key}'`);
    if ([options, parse, parseFor].filter((source) => source !== undefined).length !== 1) {
      fail(`needs, for '${key}', one of \`parse\`, \`parseFor\` and \`options\``);
    }
    if (options !== undefined && typeof options !== 'function') checkListed(options);
  }
}
