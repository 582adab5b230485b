import { type PromiseActorLogic, fromPromise } from 'xstate';
import { setupDialogue } from '../dialogue/define/setup.ts';
import type { Dialogue, DialogueTypes } from '../dialogue/define/setup-types.ts';
import { UsageError } from '../errors.ts';
import { type KeysOf, checkOptions, keyTable } from '../internal/closed.ts';
import { type DeskAct, type DeskContext, withoutGone } from './desk-context.ts';
import { type DeskParts, deskStates } from './desk-states.ts';
import { type DeskPhrase, deskWords } from './desk-words.ts';
import { type DeskRunner, Link } from './link.ts';
import { type MailRun, type MailSent, mailState, newMail } from './mail.ts';
import type { TakeoverNote, ToldNote } from './notes.ts';

/** How a desk is made: the options of `createDesk()`. */
export interface DeskOptions {
  /** The id of its dialogue. Its service is named `<id>.act`. Default `desk`. */
  readonly id?: string | undefined;
  /** A version, as that of any dialogue. */
  readonly version?: string | undefined;
  /** The openids of the operators on their channel, or a function that gives them. All others are turned away. */
  readonly operators: readonly string[] | (() => readonly string[]);
  /** BCP 47. Chinese is spoken for every `zh`, else English. Default `en`. */
  readonly locale?: string | undefined;
  /** Other words for single phrases; `{name}` is the customer. */
  readonly words?: Partial<Readonly<Record<DeskPhrase, string>>> | undefined;
}

/** Something that a customer's conversation tells an operator: a note, as the event of the desk's dialogue. */
export interface CustomerEvent {
  /** The note. */
  readonly note: TakeoverNote;
}

/** The dialogue of a desk: operators talk with it on any channel. */
export type DeskDialogue = Dialogue<
  DialogueTypes<
    DeskContext,
    never,
    Record<string, PromiseActorLogic<MailSent, MailRun<DeskAct>>>,
    never,
    {
      /** The openid of the operator, as the runner gives it. */
      readonly openid: string;
    },
    undefined,
    {},
    {},
    {},
    never,
    string,
    {
      /** A conversation tells the operator something. */
      readonly customer: CustomerEvent;
    }
  >,
  string
>;

/** The operators' side of takeovers. */
export interface OperatorDesk {
  /** The dialogue that operators talk with. Give it to a runner of its own. */
  readonly dialogue: DeskDialogue;
  /** Tells operators a note: the `tell` of `createTakeover()`. */
  readonly tell: (told: ToldNote) => Promise<void>;
  /**
   * Says where customers and operators are. Call it before either runner starts.
   * @param bot the runner of the dialogue in which operators take over
   * @param office the runner of `dialogue`
   * @throws UsageError `bad_option`
   */
  connect(bot: DeskRunner, office: DeskRunner): void;
}

const KEYS = keyTable('id version operators locale words') satisfies KeysOf<DeskOptions>;

/**
 * A desk for operators, who speak with customers through any channel: it shows who waits, gives one of them to the operator who
 * asks first, passes on what both say, and takes `/back` and `/leave`. Each operator has one conversation at a time.
 * @example
 * const desk = createDesk({ operators: ['bob', 'eve'] });
 * const human = createTakeover({ id: 'human', tell: desk.tell });
 * const office = createRunner(desk.dialogue);
 * console.log((await office.handle('bob', 'hi')).replies.map(formatReply).join()); // → No customer is waiting.
 * @throws UsageError `bad_option`
 */
export function createDesk(options: DeskOptions): OperatorDesk {
  checkOptions('createDesk()', options, KEYS);
  const { id = 'desk', version, operators, locale = 'en', words = {} } = options;
  const isList = Array.isArray(operators) && operators.every((each) => typeof each === 'string');
  if (!isList && typeof operators !== 'function') {
    throw refusal('the openids of the operators, or a function that gives them, as `operators`');
  }
  if (typeof id !== 'string' || !/^[\w-]+$/u.test(id)) {
    throw refusal('an `id` of letters, digits, `_` and `-`');
  }
  const operatorsNow = (): readonly string[] =>
    typeof operators === 'function' ? operators() : operators;
  const link = new Link(operatorsNow);
  const act = `${id}.act`;
  const dialogue = setupDialogue({
    types: {},
    actors: { [act]: actLogic(link) },
    events: { customer: {} },
  } as never) as unknown as DeskParts['dialogue'];
  const say = deskWords(locale, words);
  const parts: DeskParts = { dialogue, say, operators: operatorsNow };
  const machine = dialogue.createDialogue({
    id,
    ...(version !== undefined && { version }),
    context: ({ input }: { readonly input: { readonly openid: string } }) => ({
      openid: input.openid,
      waiting: [],
      mail: newMail<DeskAct>(),
    }),
    type: 'parallel',
    states: { work: deskStates(parts), mail: mailState(dialogue, act, withoutGone) },
  });
  return {
    dialogue: machine as unknown as DeskDialogue,
    tell: (told) => link.tell(told),
    connect: (bot, office) => link.connect(bot, office),
  };
}

/** What became of a run: of the conversations in `gone`, none took what the operator did. */
interface ActsDone extends MailSent {
  readonly gone: readonly string[];
}

/** Brings what an operator did to the conversations, one after the other. */
function actLogic(link: Link): unknown {
  return fromPromise<ActsDone, MailRun<DeskAct>>(async ({ input, self }) => {
    const gone = new Set<string>();
    for (const { id, item } of input.items) {
      if (gone.has(item.customer)) continue;
      if (!(await link.act(item, id))) gone.add(item.customer);
    }
    return { key: self.id, count: input.items.length, gone: [...gone] };
  });
}

function refusal(expected: string): UsageError {
  return new UsageError('bad_option', `createDesk() takes ${expected}.`);
}
