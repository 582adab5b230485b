import { ColloquyError } from '../errors.ts';
import { backoff, sleep } from '../internal/async.ts';
import { type KeysOf, checkOptions, keyTable } from '../internal/closed.ts';
import { type Port, checkPort } from '../internal/port.ts';
import { reservedKey } from '../internal/reserved.ts';
import { type AttachOptions, type Attached, attach } from './attach.ts';
import type { SourceChannel } from './channel.ts';
import { SourceIntake } from './source-intake.ts';
import { SourceOwner } from './source-owner.ts';
import { SourceCursor } from './source-cursor.ts';
import type { TurnTaker } from './turn-taker.ts';

export type { ChannelBase, ChannelSource, SourceChannel, SourceOpening } from './channel.ts';
export type { AttachOptions } from './attach.ts';
export type { Late } from './late-replies.ts';
export type {
  KeptPlace,
  LeaseAnswer,
  LoadedPlace,
  SourceKeeper,
  SourceLeases,
  TurnTaker,
  TurnTakerEvents,
} from './turn-taker.ts';

/** Options of `createSource()`: what happens to replies, and where errors go. */
export type SourceOptions = AttachOptions;

const KEYS = {
  ...keyTable('clock onError late typing drafts'),
  pace: keyTable('share'),
} satisfies KeysOf<SourceOptions>;

/** A bot that asks its platform for messages. */
export interface MessageSource {
  /**
   * Asks for nothing more, and resolves when what was taken is committed and the platform knows it. Call it before the
   * `stop()` of the runner. Safe to call twice.
   */
  stop(): Promise<void>;
  /**
   * Resolves after `stop()`. Rejects with the error, which `onError` got as well, where the platform refuses this bot for good:
   * its token is wrong, say. There is no need to await it.
   */
  readonly ended: Promise<void>;
}

const RUNNER: Port = {
  place: 'The first argument of createSource()',
  methods: ['handle', 'say', 'on', 'idle', 'expectRedelivery'],
  expected: 'is what createRunner() returns',
};
const CHANNEL: Port = {
  place: 'The channel of createSource()',
  methods: ['open'],
  expected: 'is one that asks its platform for messages, such as telegram() returns',
};

const pauseAfter = backoff({ firstMs: 1000, longestMs: 60_000 });
/** A source that ran for this time has recovered: its pauses begin again with the shortest. */
const STEADY_MS = 60_000;

/**
 * A bot without an address: it asks its platform for messages, so that it runs on a laptop and behind any firewall. It is
 * to a channel with a `source` what `createWebhook` is to one that is called.
 *
 * It begins at once, and asks until `stop()`. Messages of one user are taken in order, different users at the same time. The
 * platform is told that messages were taken when all of them are committed, so that a crash at any moment loses none; what it
 * delivers again after a crash counts once. All replies are pushed. After an error of the network or of the platform it
 * asks again, after longer and longer pauses of a minute at most.
 *
 * Of several processes that share a persister, one asks. When it ends, another one takes over, and six seconds after it
 * was killed.
 * @example
 * const source = createSource(runner, telegram({ token: '1:a' }));
 * await source.stop();
 * await runner.stop();
 * @throws UsageError `channel_taken`, `cannot_type`, `cannot_draft`, `cannot_pace`, `bad_option`
 */
export function createSource(
  runner: TurnTaker,
  channel: SourceChannel,
  options: SourceOptions = {},
): MessageSource {
  checkOptions('createSource()', options, KEYS);
  checkPort(runner, RUNNER);
  checkPort((channel as Partial<SourceChannel> | undefined)?.source, CHANNEL);
  const attached = attach(runner, channel, options);
  const stop = new AbortController();
  const ended = ask({ runner, channel, stop: stop.signal, ...attached });
  // It is reported already.
  ended.catch(() => undefined);
  return {
    ended,
    async stop() {
      stop.abort();
      await ended.catch(() => undefined);
    },
  };
}

interface Asking extends Attached {
  readonly runner: TurnTaker;
  readonly channel: SourceChannel;
  readonly stop: AbortSignal;
}

/** Opens the source again and again, until it is stopped. @throws what the platform refuses for good */
async function ask({ runner, channel, stop, ...attached }: Asking): Promise<void> {
  const { clock, report } = attached;
  const key = reservedKey(`source:${channel.prefix}`);
  const keeper = runner.persister;
  const owner = new SourceOwner({ keeper, key, clock, report });
  const place = new SourceCursor({ keeper, key, clock, report });
  const spread = owner.spread.bind(owner);

  const open = async (signal: AbortSignal): Promise<void> => {
    const { source } = channel;
    const cursor = source.needsCursor === true ? await place.load() : undefined;
    const intake = new SourceIntake({ runner, place, spread, signal, ...attached });
    const take = intake.take.bind(intake);
    try {
      await source.open({ take, cursor, signal, clock, report });
    } finally {
      await intake.idle();
    }
  };

  for (let failures = 0; !stop.aborted; failures += 1) {
    let openedAt = clock.now();
    let askedMs = 0;
    try {
      await owner.hold(stop, (signal) => {
        openedAt = clock.now();
        return open(signal);
      });
    } catch (error) {
      // What it was waiting for was called off.
      if (stop.aborted) return;
      report(error);
      if (ColloquyError.is(error) && !error.retryable) throw error;
      askedMs = retryAfterMs(error);
    }
    if (clock.now() - openedAt >= STEADY_MS) failures = 0;
    const pauseMs = Math.max(spread(pauseAfter(failures), failures), askedMs);
    await sleep(clock, pauseMs, stop).catch(() => undefined);
  }
}

/** For how long the platform asks to pause. */
function retryAfterMs(error: unknown): number {
  const asked = ColloquyError.is(error) ? error.details['retryAfterMs'] : undefined;
  return typeof asked === 'number' ? asked : 0;
}
