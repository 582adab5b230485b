import { type KeysOf, checkOptions, keyTable } from '../internal/closed.ts';
import type { AnyStateMachine, InputFrom } from 'xstate';
import type { Channel } from '../channels/channel.ts';
import type { ContextStoreOptions } from '../context/store-options.ts';
import type { Persister } from '../persist/persister.ts';
import type { Reply } from '../reply.ts';
import type { Incoming } from '../runner/calls.ts';
import type { RunnerOptions } from '../runner/options.ts';
import type { ManualClock } from './clock.ts';
import type { FaultsOptions } from './faults.ts';
import type { Stubs } from './services.ts';

/** The main user of a conversation, where no other is named. */
export const DEFAULT_OPENID = 'ann';

/** What a runner takes, but for what a conversation brings itself; and what a test may want to bring. */
export interface ConverseOptions<Dialogue extends AnyStateMachine> extends Omit<
  RunnerOptions<InputFrom<Dialogue>>,
  'store' | 'clock' | 'createId' | 'due'
> {
  /** Who talks, where no other `user()` is named. Default `ann`. */
  readonly openid?: string | undefined;
  /** Services by name, those of sub-dialogues too; one that is not among them runs as it is. */
  readonly services?: Stubs<Dialogue> | undefined;
  /** Epoch ms at which it begins. Default 2026-01-01T00:00:00Z. */
  readonly now?: number | undefined;
  /** Time, where the test needs it elsewhere, too; it brings its own beginning. */
  readonly clock?: ManualClock | undefined;
  /** Where conversations are kept. Default: in memory, on a disk that outlives a `crash()`. */
  readonly persister?: Persister | undefined;
  /** What comes of each call of the persister, for faults that `fail()` does not have. */
  readonly faults?: FaultsOptions['choose'] | undefined;
  /** Options of the store. Default: those of `createContextStore()`, with a maximum of 100 records in memory. */
  readonly store?: Omit<ContextStoreOptions, 'clock' | 'persister'> | undefined;
  /** Sends every message through a platform's requests and answers. */
  readonly channel?: ConverseChannel | undefined;
}

const KEYS = {
  ...keyTable('deadlineMs recognizers recognize recognizeMs input onError onUnhandled onStale'),
  ...keyTable(
    'rephrase rephraseMs migrate onIncompatible lanes seen openid services now clock persister faults',
  ),
  ...keyTable('store channel gather'),
} satisfies KeysOf<ConverseOptions<AnyStateMachine>>;

/** @throws UsageError `bad_option` */
export function checkConverseOptions(options: unknown): void {
  checkOptions('converse()', options, KEYS);
}

/** What changes together with the dialogue when a new version is deployed; the rest stays as `converse()` was given it. */
export type DeployOptions<Dialogue extends AnyStateMachine> = Omit<
  ConverseOptions<Dialogue>,
  'openid' | 'now' | 'clock' | 'persister' | 'faults' | 'store' | 'channel'
>;

/** The side of a platform: what sends requests to a channel and reads its answers. */
export interface ConverseChannel {
  /** The channel under test. */
  readonly channel: Channel;
  /** The request that brings a message. Of the same `id` it is the same message, delivered again. */
  toRequest(sent: SentMessage): Request | Promise<Request>;
  /** What a user sees of an answer. @throws where it is no answer that the platform takes */
  fromResponse(response: Response): Promise<readonly Reply[]>;
}

/** A message that a platform is to bring. */
export interface SentMessage {
  /** The user. */
  readonly openid: string;
  /** The message, as the test says it. */
  readonly message: Incoming;
  /** The platform's id of the message. */
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
}

/** The options that are for the runner itself. */
export function runnerOptionsOf({
  openid: _openid,
  services: _services,
  now: _now,
  clock: _clock,
  persister: _persister,
  faults: _faults,
  store: _store,
  channel: _channel,
  ...runner
}: ConverseOptions<AnyStateMachine>): Omit<RunnerOptions, 'store' | 'clock' | 'createId'> {
  return runner;
}
