import { DueNotice } from '../context/due-notice.ts';
import { freezeContext } from '../context/record/frozen.ts';
import type { StoreCore } from '../context/store-core.ts';
import { coreOf, createContextStore } from '../context/store.ts';
import type { Engine } from '../dialogue/engine/engine.ts';
import { UsageError } from '../errors.ts';
import type { Events } from '../internal/emitter.ts';
import type { BeforeContext } from './before-step.ts';
import type { PlanContext } from './commit-plan.ts';
import { LeftReplies } from './delivery/left-replies.ts';
import { GatherPlaces } from './gathering/places.ts';
import { Effects } from './release/effects.ts';
import type { Reporter } from './reporting/reporter.ts';
import type { RunnerEvents } from './events.ts';
import { type Recognition, createRecognition } from './recognition/recognition.ts';
import { Rephrasing } from './rephrasing.ts';
import type { Limits, RunnerOptions } from './options.ts';
import type { Services } from './release/services.ts';
import type { TurnContext } from './turn.ts';

/** The parts of a runner that its turns work with. */
interface Parts {
  readonly engine: Engine;
  readonly core: StoreCore;
  readonly events: Events<RunnerEvents>;
  readonly reporter: Reporter;
  readonly services: Services;
  readonly limits: Limits;
}

/** What turns may wait for. */
interface MayWait {
  readonly recognition: Recognition | undefined;
  readonly rephrasing: Rephrasing | undefined;
}

/** What all turns of a runner have in common. */
export function createTurnContext(parts: Parts, options: RunnerOptions): TurnContext & MayWait {
  const { engine, core, events, reporter, services, limits } = parts;
  const { records, maxContextBytes } = core;
  const plan: PlanContext & BeforeContext = {
    engine,
    maxContextBytes,
    createId: options.createId ?? (() => globalThis.crypto.randomUUID()),
    durable: records.isPersistent,
    usesOutbox: () => records.isPersistent || events.heard('reply'),
    dueTimes: records.dueTimes,
    keep: (inner) => freezeContext(inner, maxContextBytes),
    seen: limits.seen,
    left: new LeftReplies(),
    gather: new GatherPlaces(engine, limits.gather, maxContextBytes),
    onUnhandled: (openid, message) =>
      reporter.repliesOf(openid, () => options.onUnhandled?.(message, { openid })),
  };
  return {
    ...plan,
    flushes: new Map(),
    core,
    events,
    reporter,
    dueNotice: new DueNotice(records.isPersistent && options.due !== 'elsewhere'),
    effects: new Effects({ engine, events, reporter, services }),
    input: options.input ?? ((about) => about),
    rephrasing:
      options.rephrase === undefined
        ? undefined
        : new Rephrasing(options.rephrase, {
            clock: core.clock,
            rephraseMs: limits.rephraseMs,
            reporter,
            holders: core.holders,
          }),
    recognition: createRecognition(engine, options, {
      clock: core.clock,
      recognizeMs: limits.recognizeMs,
      maxBytes: maxContextBytes,
      reporter,
      holders: core.holders,
    }),
    options,
  };
}

/** The store of a runner, and how the runner closes it: a store that was given to it stays open. */
export function openStore(options: Pick<RunnerOptions, 'store' | 'clock'>): {
  readonly core: StoreCore;
  readonly close: () => Promise<void>;
} {
  const store = options.store ?? createContextStore(options.clock && { clock: options.clock });
  const core = coreOf(store);
  checkStore(core, options);
  return { core, close: options.store === undefined ? () => store.close() : async () => {} };
}

/** @throws UsageError `bad_option`, `store_taken` */
function checkStore(
  core: StoreCore,
  { store, clock }: Pick<RunnerOptions, 'store' | 'clock'>,
): void {
  if (store !== undefined && clock !== undefined && clock !== core.processClock) {
    throw new UsageError(
      'bad_option',
      'A runner goes by the clock of its store: give `clock` to createContextStore() alone.',
    );
  }
  if (core.hasWorker) {
    throw new UsageError(
      'store_taken',
      'Another runner works on this store; stop it first, or give each runner its own store.',
    );
  }
}
