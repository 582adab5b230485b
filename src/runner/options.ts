import type { StoreOf } from '../context/store.ts';
import type { Clock } from '../clock.ts';
import type { IntentRecognizer, Recognizer } from '../dialogue/text/recognizers.ts';
import { UsageError } from '../errors.ts';
import type { Data } from '../internal/plain-data.ts';
import type { Message } from '../message.ts';
import { type Reply, toReply } from '../reply.ts';
import { type OnIncompatible, checkUpgradeOptions } from './migrate.ts';
import type { Migrations } from './migrate.ts';

/** What a handler of the unexpected may say: nothing, one thing or several. */
export type Said = string | Reply | readonly (string | Reply)[] | undefined | void;

export interface RunnerOptions<Input = unknown, Context extends object = Data> {
  /** Where contexts live. Default: a store of the runner's own, in memory. A store serves one runner at a time. */
  readonly store?: StoreOf<Context>;
  /** Time, for the runner's own store; a given store brings its clock. */
  readonly clock?: Clock;
  /** Milliseconds from a message's arrival within which `handle()` answers. Default 4500, which WeChat's 5 s leave. */
  readonly deadlineMs?: number;
  /** Recognizers of intents by name, over those of the dialogue: a stub for a model in a test. */
  readonly recognizers?: Readonly<Record<string, IntentRecognizer>>;
  /** A recognizer of several intents at once, instead of those of the dialogue and its sub-dialogues. */
  readonly recognize?: Recognizer;
  /**
   * Milliseconds from a message's arrival that recognizers have; then the message is taken with what was found until
   * then, and an error tells what is missing. Default three quarters of `deadlineMs`, so that an answer still comes in
   * time.
   */
  readonly recognizeMs?: number;
  /**
   * Makes the input that the dialogue of a user starts with, at its start and at every new one; it should do nothing
   * else. A turn in which it throws fails. Default `{ openid }`.
   */
  readonly input?: (about: { readonly openid: string }) => Input;
  /** What to say when a turn failed: the dialogue threw, or its record could not be read or written. Default nothing. */
  readonly onError?: (error: unknown, about: { readonly openid: string }) => Said;
  /**
   * What to say to a message that no state takes. Default nothing. It is not called for an `event.…` by which nobody spoke
   * to the bot.
   */
  readonly onUnhandled?: (message: Message, about: { readonly openid: string }) => Said;
  /**
   * What to say to a button whose question is over: one that is pressed twice, or late, or under a question that somebody
   * else was asked. It is said and not kept; nothing of the conversation changes. Default nothing.
   */
  readonly onStale?: (message: Message, about: { readonly openid: string }) => Said;
  /** Makes conversations of earlier versions of the dialogue fit this one. Default: they are taken as they are. */
  readonly migrate?: Migrations;
  /**
   * What to do with a stored conversation in which the dialogue cannot continue, migrated or not. `restart`, the default,
   * starts the dialogue again and keeps the context. A function may also return the snapshot to continue in. It does
   * nothing else; if it throws, the runner reports that and the dialogue starts again.
   */
  readonly onIncompatible?: OnIncompatible;
  readonly lanes?: {
    /** The most messages of one user that wait behind a running turn; more are shed. Default 16. */
    readonly waiting?: number;
    /** The most messages taken in and not answered, and services still running, of all users. Default 10 000. */
    readonly inFlight?: number;
  };
  readonly seen?: {
    /** The most message ids remembered for a user. Default 16. */
    readonly max?: number;
    /** Milliseconds for which an id is remembered. Default 600 000. */
    readonly ageMs?: number;
  };
  /** Makes the ids of timers and of service runs. Default: random UUIDs. */
  readonly createId?: () => string;
}

/** What a runner takes: a text, a message, or an `event.…` or `intent.…` of a type that the dialogue names. */
export type Incoming =
  | string
  | Message
  | { readonly type: `event.${string}` | `intent.${string}`; readonly [field: string]: unknown };

export interface HandleOptions {
  /** The platform's id of the message. A message with an id counts once; one without counts every time. */
  readonly id?: string;
  /**
   * Epoch ms of its arrival by the clock of this process, from which the deadline counts. The dialogue sees it on the
   * message, by the persister's clock where that tells the time. Default now.
   */
  readonly receivedAt?: number;
  /**
   * Aborted: a message that still waits is called off, and `handle()` rejects with the reason; one that runs goes on,
   * as after its deadline.
   */
  readonly signal?: AbortSignal;
  /** Milliseconds from its arrival within which it is answered. Default: the runner's `deadlineMs`. */
  readonly deadlineMs?: number;
  /**
   * Whether the answer waits for the services that the turn starts, until the deadline. Default true; false where it can
   * carry no replies anyway: what services bring comes as `reply` events then.
   */
  readonly follows?: boolean;
}

export interface SayOptions {
  /** Says it once, however often it is asked to, for as long as ids of messages are remembered. */
  readonly id?: string;
}

export interface Limits {
  readonly deadlineMs: number;
  readonly recognizeMs: number;
  readonly waiting: number;
  readonly inFlight: number;
  /** How long ids are remembered may grow: a channel knows how late a message may come again. */
  readonly seen: { readonly max: number; ageMs: number };
}

/** @throws UsageError `bad_option` */
export function toLimits(options: RunnerOptions): Limits {
  const { deadlineMs = 4500, lanes, seen } = options;
  checkUpgradeOptions(options);
  return {
    deadlineMs: atLeast(0, deadlineMs, 'deadlineMs'),
    recognizeMs: atLeast(0, options.recognizeMs ?? deadlineMs * 0.75, 'recognizeMs'),
    waiting: atLeast(0, lanes?.waiting ?? 16, 'lanes.waiting'),
    inFlight: atLeast(1, lanes?.inFlight ?? 10_000, 'lanes.inFlight'),
    seen: {
      max: atLeast(0, seen?.max ?? 16, 'seen.max'),
      ageMs: atLeast(0, seen?.ageMs ?? 600_000, 'seen.ageMs'),
    },
  };
}

/** @throws StepError `bad_reply` */
export function toReplies(said: Said): readonly Reply[] {
  if (said === undefined) return [];
  return (Array.isArray(said) ? said : [said]).map(toReply);
}

/** @throws UsageError `bad_option` */
export function atLeast(least: number, value: number, name: string): number {
  if (typeof value === 'number' && value >= least && Number.isFinite(value)) return value;
  throw new UsageError('bad_option', `\`${name}\` must be a finite number of at least ${least}.`);
}
