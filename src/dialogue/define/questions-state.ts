import { type EventObject, assign } from 'xstate';
import { settled } from '../engine/settled.ts';
import type { Question } from '../engine/question.ts';
import { type ChoiceOptions, optionsOf } from '../parsers/choice.ts';
import { type Parser, messageWords } from '../parsers/parser.ts';
import type { Reply } from '../../reply.ts';
import type { PromptKey, Words } from '../text/localize.ts';
import { normalize } from '../text/normalize.ts';
import { valueOf } from './actions.ts';
import { readBy } from './answer-reading.ts';
import { type AskTransition, askState, exits } from './ask.ts';
import { choiceOf, offer } from './choices.ts';
import { offered } from './choose.ts';
import { nothingBefore } from './nothing-before.ts';
import type { QuestionArgs } from './questions.ts';
import {
  type Questionnaire,
  type Definition,
  type AnswersContext,
  isOptional,
  checkQuestionnaire,
} from './questionnaire.ts';
import { NEXT, FILLED } from './form-parts.ts';

/**
 * A state that asks a list of questions: `next` leads to the first one that is open, each question is a state of the name of
 * its key, and `filled` ends it. Only the answers are stored, so a questionnaire continues where the user left it.
 */

/** The value of the option to skip a question. */
const SKIP = '.skip';
const SKIPS: ReadonlySet<string> = /* @__PURE__ */ new Set(
  'skip, skip it, skip this, skip this question, pass, 跳过, 略过, 不答, 不回答'.split(', '),
);

interface Args {
  readonly context: AnswersContext;
  readonly event: EventObject;
}

const PROMPTS: unique symbol = Symbol.for('colloquy.questions');

/** What of the library's own a state that asks a list of questions says; nothing for another state. */
export function promptsOfQuestions(config: object): readonly PromptKey[] {
  return (config as { readonly [PROMPTS]?: readonly PromptKey[] })[PROMPTS] ?? [];
}

/** @throws UsageError `bad_form`, `bad_option`, `bad_ask` */
export function questionsState(config: Questionnaire, words: Words): object {
  checkQuestionnaire(config);
  return new Builder(config, words).build();
}

class Builder {
  readonly #config: Questionnaire;
  readonly #words: Words;
  /** A context never changes, and every guard of `next` asks. */
  readonly #known = new WeakMap<AnswersContext, Counting>();

  constructor(config: Questionnaire, words: Words) {
    this.#config = config;
    this.#words = words;
  }

  build(): object {
    const { questions, target, otherwise, timeout, on = {}, hearsBack, progress } = this.#config;
    const leaving = [timeout ?? []].flat().filter((silence) => silence.target !== undefined);
    const prompts: readonly PromptKey[] = [
      ...(hearsBack ? (['form.first'] as const) : []),
      ...(questions.some(isOptional) ? (['questions.skip'] as const) : []),
      ...(progress === true ? (['questions.progress'] as const) : []),
    ];
    return {
      [PROMPTS]: prompts,
      initial: NEXT,
      onDone: {
        target,
        reenter: true,
        description: 'answered',
        actions: assign(({ context }: Args) =>
          this.#keep(this.#counting(context).answers, context),
        ),
      },
      on: { ...on, ...exits({ otherwise, timeout: leaving }, this.#words) },
      states: {
        [NEXT]: {
          always: [
            ...questions.map(({ key }, index) => ({
              guard: ({ context }: Args) => this.#isOpen(index, context),
              target: key,
              description: `${key} is open`,
            })),
            { target: FILLED },
          ],
        },
        ...Object.fromEntries(
          questions.map((definition, index) => [definition.key, this.#asking(definition, index)]),
        ),
        [FILLED]: { type: 'final' },
      },
    };
  }

  #asking(definition: Definition, index: number): object {
    const { question, retry, options, key } = definition;
    const { attempts, of, otherwise, timeout, hearsBack } = this.#config;
    const said = (given: object): string | Reply => {
      const context = given as AnswersContext;
      const args = this.#place(index, context);
      return this.#withProgress(valueOf(question, args), args);
    };
    return askState(
      {
        attempts,
        of,
        otherwise,
        timeout,
        leaves: true,
        ...offered({ question: ({ context }) => said(context), retry }, (text, context) =>
          options === undefined
            ? text
            : offer(text, this.#options(definition, context), context, this.#words),
        ),
        read: this.#reader(definition),
        ...(options !== undefined && { offers: (context) => this.#options(definition, context) }),
        assign: ({ context, value }) => {
          const answers = this.#answers(context as AnswersContext);
          return this.#keep({ ...answers, [key]: value }, context as AnswersContext);
        },
        target: [{ target: NEXT }],
        on: {
          ...this.#back(index),
          ...(hearsBack && !this.#hasCertain(index) && nothingBefore(this.#words)),
        },
      },
      this.#words,
    );
  }

  #reader(definition: Definition): Question['read'] {
    const { options } = definition;
    const read =
      options === undefined
        ? readBy(definition)
        : (context: object) => choiceOf(this.#options(definition, context));
    if (!isOptional(definition)) return read;
    return (context) => {
      const parser = read(context);
      const parse: Parser<unknown> = (message, parseContext) => {
        const label = this.#words.say({ key: 'questions.skip' }, parseContext.locale);
        const words = normalize(messageWords(message) ?? '');
        const isSkip = SKIPS.has(words) || words === normalize(label);
        // What was offered is an answer, also where it is called “pass”.
        if (isSkip && !isNameOf(words, this.#listed(definition, context))) return { value: null };
        const parsed = parser(message, parseContext);
        return 'value' in parsed && parsed.value === SKIP ? { value: null } : parsed;
      };
      return Object.assign(parse, { samples: [...(parser.samples ?? []), 'skip'] });
    };
  }

  /** The options of the author. */
  #listed({ options = [] }: Definition, context: object): ChoiceOptions<string> {
    return typeof options === 'function' ? options({ context }) : options;
  }

  #options(definition: Definition, context: object): ChoiceOptions<string> {
    const listed = this.#listed(definition, context);
    if (!isOptional(definition)) return listed;
    const { locale } = this.#words.parseContext(context);
    return [...listed, { value: SKIP, label: this.#words.say({ key: 'questions.skip' }, locale) }];
  }

  #withProgress(said: string | Reply, args: QuestionArgs<AnswersContext>): string | Reply {
    const { progress = false } = this.#config;
    if (progress === false || (typeof said === 'object' && said.type !== 'text')) return said;
    const { number, total, context } = args;
    const { locale } = this.#words.parseContext(context);
    const words =
      progress === true
        ? this.#words.say({ key: 'questions.progress', values: { number, total } }, locale)
        : progress(args);
    return `${words}\n${typeof said === 'string' ? said : said.text}`;
  }

  #place(index: number, context: AnswersContext): QuestionArgs<AnswersContext> {
    const { applies } = this.#counting(context);
    const number = 1 + applies.slice(0, index).filter(Boolean).length;
    return { context, number, total: applies.filter(Boolean).length };
  }

  #isOpen(index: number, context: AnswersContext): boolean {
    const { applies, answers } = this.#counting(context);
    return (
      applies[index] === true && answers[this.#config.questions[index]?.key ?? ''] === undefined
    );
  }

  /** Whether a question before it applies in any case, so that “back” leads there at least. */
  #hasCertain(index: number): boolean {
    return this.#config.questions.slice(0, index).some(({ when }) => when === undefined);
  }

  /** Back to the nearest question before it that applies. */
  #back(index: number): Record<string, AskTransition[]> {
    const above = this.#config.questions.slice(0, index);
    const certain = above.findLastIndex(({ when }) => when === undefined);
    const before = above.map(({ key }, place) => ({
      guard: ({ context }: Args) => this.#counting(context).applies[place] === true,
      target: key,
      description: 'back',
    }));
    return { 'intent.back': before.slice(Math.max(certain, 0)).toReversed() };
  }

  /**
   * Which questions apply, and the answers to these. In their order: an answer to a question that does not apply does not
   * count for those after it, and neither does a choice that the answers before it do not offer any more. The `when` and
   * the `options` of a question do not see the answer to it.
   */
  #counting(context: AnswersContext): Counting {
    const known = this.#known.get(context);
    if (known !== undefined) return known;
    let answers = this.#answers(context);
    const applies = this.#config.questions.map(({ key, when, options }) => {
      const given = answers[key];
      const depends = typeof options === 'function' && typeof given === 'string';
      if (when === undefined && !depends) return true;
      const others = without(answers, key);
      const view = { ...context, ...this.#keep(others, context) };
      const isAsked =
        when === undefined || settled(when({ context: view }), `\`when\` of the question '${key}'`);
      const isOffered =
        !depends ||
        !isAsked ||
        optionsOf(options({ context: view })).some(({ value }) => value === given);
      if (!isAsked || !isOffered) answers = others;
      return isAsked;
    });
    const counting = { applies, answers };
    this.#known.set(context, counting);
    return counting;
  }

  #answers(context: AnswersContext): AnswersContext {
    const { answers } = this.#config;
    return answers === undefined ? context : ((context[answers] ?? {}) as AnswersContext);
  }

  /** What an assign changes, so that these are the answers. */
  #keep(answers: AnswersContext, context: AnswersContext): AnswersContext {
    const { answers: key, questions } = this.#config;
    if (key !== undefined) return answers === context[key] ? {} : { [key]: answers };
    const changed = questions.filter((each) => answers[each.key] !== context[each.key]);
    return Object.fromEntries(changed.map((each) => [each.key, answers[each.key]]));
  }
}

interface Counting {
  readonly applies: readonly boolean[];
  readonly answers: AnswersContext;
}

function without(answers: AnswersContext, key: string): AnswersContext {
  const { [key]: _, ...others } = answers;
  return others;
}

/** Whether an option is called so. */
function isNameOf(words: string, options: ChoiceOptions<string>): boolean {
  return options.some((option) => {
    if (typeof option === 'string') return normalize(option) === words;
    const { value, label = value, synonyms = [] } = option;
    return [value, label, ...synonyms].some((name) => normalize(name) === words);
  });
}
