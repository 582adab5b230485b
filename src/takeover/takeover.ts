import { type PromiseActorLogic, fromPromise } from 'xstate';
import { type Duration, toMilliseconds } from '../clock.ts';
import { setupDialogue } from '../dialogue/define/setup.ts';
import type { Dialogue, DialogueTypes } from '../dialogue/define/setup-types.ts';
import { type WordsOptions, createWords } from '../dialogue/text/localize.ts';
import { keywords } from '../dialogue/text/recognizers.ts';
import { wordsOf } from '../dialogue/text/by-words.ts';
import type { Parser } from '../dialogue/parsers/parser.ts';
import { UsageError } from '../errors.ts';
import { type KeysOf, checkOptions, isKeyed, keyTable } from '../internal/closed.ts';
import { given } from '../internal/given.ts';
import { type TakeoverContext, noteOf, ofBot } from './held-lines.ts';
import { type MailRun, type MailSent, newMail } from './mail.ts';
import { withTakeover } from './mark.ts';
import { readableName } from './readable.ts';
import type { OperatorEvent, TakeoverNote, TakeoverOutput, ToldNote } from './notes.ts';
import { type TakeoverParts, type TakeoverWords, openState } from './takeover-states.ts';

/** How a takeover is made: the options of `createTakeover()`. */
export interface TakeoverOptions<Id extends string, Result> {
  /** The id of its dialogue. Its service is named `<id>.tell`. Letters, digits, `_` and `-`. */
  readonly id: Id;
  /** A version, as that of any dialogue. */
  readonly version?: string | undefined;
  /**
   * Tells operators: `desk.tell` of `createDesk()`, or what your own inbox needs. It runs as a service: after a crash, or
   * after it threw, it gets the same note with the same id again. Notes of one customer come one after the other.
   */
  readonly tell: (told: ToldNote) => unknown;
  /**
   * For how long no operator may say anything before the dialogue goes on by itself: from the start, and then from the first
   * message that has no answer. Default 30 minutes.
   */
  readonly idle?: Duration | undefined;
  /** Reads the result out of the words with which an operator gives the conversation back. Default: any words, and no result. */
  readonly result?: Parser<Result> | undefined;
  /** What a customer says alone in a message to go back to the bot, in any case: `['bot', '机器人']`. Default: nothing. */
  readonly backWords?: readonly string[] | undefined;
  /** The language of the library, and other words for `takeover.full`. Default: as the dialogue around. */
  readonly words?: WordsOptions<TakeoverContext> | undefined;
}

/** What a takeover begins with. */
export interface TakeoverInput {
  /** The openid of the customer, to which operators answer: the runner gives it as `input.openid` where a dialogue starts. */
  readonly openid: string;
  /** Their name, for operators. */
  readonly name?: string | undefined;
  /** What operators have to know, such as what was said before. */
  readonly about?: string | undefined;
}

/** A takeover: a dialogue that another one provides in `actors` and invokes. */
export type Takeover<Id extends string, Result> = Dialogue<
  DialogueTypes<
    TakeoverContext,
    never,
    { readonly [Name in `${Id}.tell`]: PromiseActorLogic<MailSent, MailRun<TakeoverNote>> },
    never,
    TakeoverInput,
    TakeoverOutput<Result>,
    {},
    {},
    {},
    never,
    string,
    {
      /** An operator does something in the conversation. */
      readonly operator: OperatorEvent;
    }
  >,
  string
>;

const DEFAULT_IDLE: Duration = { minutes: 30 };
const KEYS = keyTable('id version tell idle result backWords words') satisfies KeysOf<
  TakeoverOptions<string, never>
>;

/**
 * A person takes over: a dialogue that is silent while an operator talks with the customer. What both say goes through the
 * lane of the customer, so it is in one order, counts once and survives a crash. It ends when the operator gives the
 * conversation back, when the customer asks for the bot, or when no operator says anything for too long.
 * @example
 * const human = createTakeover({ id: 'human', tell: ({ note }) => console.log(note.kind), idle: { minutes: 10 } });
 * @throws UsageError `bad_option`, `bad_duration`, `bad_phrase`
 */
export function createTakeover<const Id extends string, Result = undefined>(
  options: TakeoverOptions<Id, Result>,
): Takeover<Id, Result> {
  const parts = partsOf(options as TakeoverOptions<string, unknown>);
  const { id, version, dialogue } = parts;
  const takeover = dialogue.createDialogue({
    ...withTakeover({ tell: parts.tell, samples: samplesOf(parts) }),
    id,
    ...(version !== undefined && { version }),
    context: ({ input }: { readonly input: unknown }) => firstContext(input),
    initial: 'open',
    states: { open: openState(parts), over: { type: 'final' } },
    output: ({ context }: { readonly context: TakeoverContext }) => ({
      ...context.end,
      lines: context.lines,
    }),
  });
  return takeover as unknown as Takeover<Id, Result>;
}

function partsOf(options: TakeoverOptions<string, unknown>): TakeoverParts {
  checkOptions('createTakeover()', options, KEYS);
  const { id, version, tell, idle = DEFAULT_IDLE, result, backWords = [], words } = options;
  if (typeof id !== 'string' || !/^[\w-]+$/u.test(id)) {
    throw refusal('an `id` of letters, digits, `_` and `-`');
  }
  if (typeof tell !== 'function') throw refusal('a function as `tell`, such as `desk.tell`');
  if (result !== undefined && typeof result !== 'function') throw refusal('a parser as `result`');
  if (!Array.isArray(backWords) || !backWords.every((word) => typeof word === 'string')) {
    throw refusal('a list of texts as `backWords`');
  }
  const idleMs = toMilliseconds(idle);
  if (idleMs <= 0) throw refusal('more than no time as `idle`');
  const service = `${id}.tell`;
  // No state takes this intent. As it is known by words, such a message is none of a burst.
  const back = backWords.length > 0 ? keywords(...backWords) : undefined;
  const dialogue = setupDialogue({
    types: {},
    actors: { [service]: tellLogic(tell) },
    ...(back !== undefined && { intents: { [`toBot.${id}`]: back } }),
    events: { operator: {} },
    ...(words !== undefined && { words }),
  } as never) as unknown as TakeoverWords;
  const own = words as WordsOptions<never> | undefined;
  return {
    id,
    version,
    tell: service,
    idleMs,
    result,
    isBack: wordsOf(back),
    dialogue,
    words: createWords(own),
  };
}

/** Tells the notes one after the other. */
function tellLogic(tell: TakeoverOptions<string, unknown>['tell']): unknown {
  return fromPromise<MailSent, MailRun<TakeoverNote>>(async ({ input, signal, self }) => {
    for (const { id, item } of input.items) await tell({ note: item, id, signal });
    return { key: self.id, count: input.items.length };
  });
}

/** What an operator may do, with a result that can be read and one that cannot. */
function samplesOf({ result }: TakeoverParts): OperatorEvent[] {
  const by = 'op';
  const results = ['', ...(result?.samples ?? []).filter((each) => typeof each === 'string')];
  return [
    { by, does: 'take' },
    { by, does: 'say', text: 'Hello!' },
    { by, does: 'leave' },
    ...results.map((text) => ({ by, does: 'return' as const, text })),
    { by: 'other', does: 'take' },
  ];
}

function firstContext(input: unknown): TakeoverContext {
  const { openid, name, about }: Partial<TakeoverInput> = isKeyed(input) ? input : {};
  if (typeof openid !== 'string' || openid === '') {
    throw new UsageError(
      'bad_option',
      'A takeover begins with the `openid` of the customer: give it in the `input` of its `invoke`.',
    );
  }
  const lines = typeof about === 'string' ? [ofBot(about)] : [];
  const named = { customer: openid, ...given({ name: readableName(name) }) };
  const note = noteOf(named, { kind: 'waiting', lines });
  return { ...named, lines, mail: newMail(note) };
}

function refusal(expected: string): UsageError {
  return new UsageError('bad_option', `createTakeover() takes ${expected}.`);
}
