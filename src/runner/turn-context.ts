import { DueNotice } from '../context/due-notice.ts';
import { freezeContext } from '../context/record/frozen.ts';
import type { StoreCore } from '../context/store-core.ts';
import type { Engine } from '../dialogue/engine/engine.ts';
import type { Events } from '../internal/emitter.ts';
import type { PlanContext } from './commit-plan.ts';
import { Effects } from './effects.ts';
import type { Reporter, RunnerEvents } from './events.ts';
import type { Recognition } from './intents.ts';
import type { Limits, RunnerOptions } from './options.ts';
import type { Services } from './services.ts';
import type { TurnContext } from './turn.ts';

/** The parts of a runner that its turns work with. */
interface Parts {
  readonly engine: Engine;
  readonly core: StoreCore;
  readonly events: Events<RunnerEvents>;
  readonly reporter: Reporter;
  readonly services: Services;
  readonly recognition: Recognition | undefined;
  readonly limits: Limits;
}

/** What all turns of a runner have in common. */
export function createTurnContext(parts: Parts, options: RunnerOptions): TurnContext {
  const { engine, core, events, reporter, services, recognition, limits } = parts;
  const { records, maxContextBytes } = core;
  const plan: PlanContext = {
    engine,
    maxContextBytes,
    createId: options.createId ?? (() => globalThis.crypto.randomUUID()),
    durable: records.isPersistent,
    usesOutbox: () => records.isPersistent || events.heard('reply'),
    dueTimes: records.dueTimes,
    keep: (inner) => freezeContext(inner, maxContextBytes),
    seen: limits.seen,
    onUnhandled: (openid, message) =>
      reporter.repliesOf(openid, () => options.onUnhandled?.(message, { openid })),
  };
  return {
    ...plan,
    core,
    events,
    reporter,
    dueNotice: new DueNotice(records.isPersistent && options.due !== 'elsewhere'),
    effects: new Effects({ engine, events, reporter, services }),
    input: options.input ?? ((about) => about),
    recognition,
    options,
  };
}
