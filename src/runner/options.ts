import type { AnyStateMachine, InputFrom } from 'xstate';
import type { Clock } from '../clock.ts';
import type { StoreOf } from '../context/store.ts';
import type { ContextOf } from '../dialogue/dialogue-types.ts';
import type { IntentRecognizer, Recognizer } from '../dialogue/text/recognizers.ts';
import type { Rephraser } from '../dialogue/text/rephraser.ts';
import { UsageError } from '../errors.ts';
import { atLeast } from '../internal/at-least.ts';
import { type KeysOf, checkOptions, keyTable } from '../internal/closed.ts';
import type { Data } from '../internal/plain-data.ts';
import type { Message } from '../message.ts';
import type { Said } from './calls.ts';
import {
  type GatherLimits,
  type GatherOptions,
  toGatherLimits,
} from '../dialogue/engine/gather.ts';
import type { OnIncompatible } from './upgrade/migrate.ts';
import type { Migrations } from './upgrade/migrations.ts';

/** How much one user may say. */
export interface QuotaOptions {
  /** The maximum of messages in any span of `perMs`, 1 to 1000. */
  readonly messages: number;
  /** Milliseconds, at least 1. */
  readonly perMs: number;
  /** What to say to the user of this `openid` who says more, at most once in `perMs`. Default nothing. It is not stored. */
  readonly say?: ((about: { readonly openid: string }) => Said) | undefined;
}

/**
 * Options of `createRunner()`: where conversations are kept, how long a turn may take, what is said when something goes
 * wrong, and how stored conversations are upgraded.
 */
export interface RunnerOptions<Input = unknown, Context extends object = Data> {
  /** Where contexts are stored. Default: a new store in memory. A store serves one runner at a time. */
  readonly store?: StoreOf<Context> | undefined;
  /** The clock of the default store; a given store has its own. */
  readonly clock?: Clock | undefined;
  /** Milliseconds from a message's arrival within which `handle()` answers. Default 4500: WeChat waits for 5 s. */
  readonly deadlineMs?: number | undefined;
  /** Recognizers of intents by name, in place of those of the dialogue: in a test, a stub for a model. */
  readonly recognizers?: Readonly<Record<string, IntentRecognizer>> | undefined;
  /**
   * A recognizer of several intents at once, in place of those of the dialogue, its sub-dialogues and its forms: in a test, a
   * stub for a model.
   */
  readonly recognize?: Recognizer | undefined;
  /**
   * Milliseconds from a message's arrival that recognizers have. After that, the runner takes the message with the intents
   * found so far, and reports which recognizers are missing. Default three quarters of `deadlineMs`, so that the answer is
   * still in time.
   */
  readonly recognizeMs?: number | undefined;
  /**
   * Says the texts of replies in other words, before they are committed. Default: they are said as the dialogue says them.
   * What it changes is up to it: `modelRephraser` of `colloquy/model` keeps numbers and names.
   */
  readonly rephrase?: Rephraser | undefined;
  /**
   * Milliseconds that `rephrase` has: from the arrival of the message, and else from the turn. After that the plain replies are
   * said, and `rephrase_failed` is reported. Default nine tenths of `deadlineMs`.
   */
  readonly rephraseMs?: number | undefined;
  /**
   * Makes the input with which the dialogue of a user starts, each time that it starts, from the `openid`. It should do
   * nothing else. A turn in which it throws fails. Default `{ openid }`.
   */
  readonly input?: ((about: { readonly openid: string }) => Input) | undefined;
  /**
   * What to say to the user of this `openid` when a turn failed: the dialogue threw, or its record could not be read or
   * written. Default nothing. It is not called for `send()`: its caller has the error, and the user asked nothing.
   */
  readonly onError?: ((error: unknown, about: { readonly openid: string }) => Said) | undefined;
  /**
   * What to say to the user of this `openid` for a message that no state takes. Default nothing. It is not called for an
   * `event.…` by which no user spoke to the bot.
   */
  readonly onUnhandled?:
    ((message: Message, about: { readonly openid: string }) => Said) | undefined;
  /**
   * What to say to the user of this `openid` for a button whose question is over: it was pressed twice, or late, or it
   * belongs to a question to another user. Nothing of the conversation changes, and the reply is not remembered. Default
   * nothing.
   */
  readonly onStale?: ((message: Message, about: { readonly openid: string }) => Said) | undefined;
  /** Migrates conversations of earlier versions of the dialogue to this one. Default: they are taken as they are. */
  readonly migrate?: Migrations | undefined;
  /**
   * What to do with a stored conversation in which the dialogue cannot continue, migrated or not. `restart`, the default,
   * starts the dialogue again and keeps the context. A function may also return the snapshot to continue in. It does
   * nothing else; if it throws, the runner reports that and the dialogue starts again.
   */
  readonly onIncompatible?: OnIncompatible | undefined;
  /** How many messages may wait, and how much one user may say. */
  readonly lanes?: {
    /** The maximum of messages of one user that wait behind a running turn; others are shed. Default 16. */
    readonly waiting?: number;
    /** The maximum of unanswered messages and running services, of all users together. Default 10 000. */
    readonly inFlight?: number;
    /**
     * How much one user may say; messages beyond it are shed before anything is read, and acknowledged to the platform, so that
     * it does not deliver them again. Each process counts for itself. Events by which no user spoke, and those of `send()`, do not
     * count. Default: any number.
     */
    readonly quota?: QuotaOptions | undefined;
  };
  /**
   * Takes the texts that a person writes one after another as one message, but in states whose `meta.gather` says otherwise.
   * Default: each is a message. What is not a text, and a text that means an intent by its words alone, ends the burst before it;
   * see docs/bursts.md.
   */
  readonly gather?: GatherOptions | undefined;
  /** What is remembered of messages, so that each counts once. */
  readonly seen?: {
    /** The maximum of message ids that are remembered of a user, with fourteen bytes each. Default 2048. */
    readonly max?: number;
    /** Milliseconds for which an id is remembered. A channel may extend it. Default 600 000. */
    readonly ageMs?: number;
    /**
     * The maximum of bytes of the replies that are kept of a user for redeliveries, with two bytes for each character.
     * They are those to the last messages, of which the maximum is 16. Default 65 536.
     */
    readonly replyBytes?: number;
  };
  /**
   * Which process looks for what is due in stored conversations. `here`, the default: this one, by `start()` or `runDue()`; it
   * warns (`not_started`) if it stores a timer without either. `elsewhere`: another process does, and this one does not warn.
   */
  readonly due?: 'here' | 'elsewhere' | undefined;
  /** Makes the ids of timers, of replies and of runs of services. Default: random UUIDs. */
  readonly createId?: (() => string) | undefined;
}

const KEYS = {
  ...keyTable('store clock deadlineMs recognizers recognize recognizeMs input onError onUnhandled'),
  ...keyTable('rephrase rephraseMs onStale migrate onIncompatible createId due gather'),
  lanes: { ...keyTable('waiting inFlight'), quota: keyTable('messages perMs say') },
  seen: keyTable('max ageMs replyBytes'),
} satisfies KeysOf<RunnerOptions>;

/** The options of a runner with this dialogue. */
export type RunnerOptionsOf<Dialogue extends AnyStateMachine> = RunnerOptions<
  InputFrom<Dialogue>,
  ContextOf<Dialogue>
>;

export interface Limits {
  readonly deadlineMs: number;
  readonly recognizeMs: number;
  readonly rephraseMs: number;
  readonly waiting: number;
  readonly inFlight: number;
  readonly quota: QuotaOptions | undefined;
  /** `ageMs` may grow: a channel knows how late a platform may deliver a message again. */
  readonly seen: { readonly max: number; ageMs: number; readonly replyBytes: number };
  readonly gather: GatherLimits | undefined;
}

/** @throws UsageError `bad_option` */
export function toLimits(options: RunnerOptions): Limits {
  checkOptions('createRunner()', options, KEYS);
  const { deadlineMs = 4500, lanes, seen, due = 'here' } = options;
  if (due !== 'here' && due !== 'elsewhere') {
    throw new UsageError('bad_option', "`due` must be 'here' or 'elsewhere'.");
  }
  return {
    deadlineMs: atLeast(0, deadlineMs, 'deadlineMs'),
    recognizeMs: atLeast(0, options.recognizeMs ?? deadlineMs * 0.75, 'recognizeMs'),
    rephraseMs: atLeast(0, options.rephraseMs ?? deadlineMs * 0.9, 'rephraseMs'),
    waiting: atLeast(0, lanes?.waiting ?? 16, 'lanes.waiting'),
    inFlight: atLeast(1, lanes?.inFlight ?? 10_000, 'lanes.inFlight'),
    quota: lanes?.quota,
    seen: {
      max: Math.floor(atLeast(0, seen?.max ?? 2048, 'seen.max')),
      ageMs: atLeast(0, seen?.ageMs ?? 600_000, 'seen.ageMs'),
      replyBytes: atLeast(0, seen?.replyBytes ?? 65_536, 'seen.replyBytes'),
    },
    gather: options.gather && toGatherLimits(options.gather),
  };
}
