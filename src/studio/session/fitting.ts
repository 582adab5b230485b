import type { AnyStateMachine } from 'xstate';
import { freezeContext } from '../../context/record/frozen.ts';
import { openRecord } from '../../context/record/envelope.ts';
import { ALONE } from '../../context/record/due-time.ts';
import { jsonCodec } from '../../context/record/json-codec.ts';
import { NONE } from '../../context/record/record.ts';
import { createEngine } from '../../dialogue/engine/engine.ts';
import type { LoadedRecord } from '../../persist/persister.ts';
import type { PlanContext } from '../../runner/commit-plan.ts';
import { upgradeRecord } from '../../runner/upgrade/upgrade.ts';
import type { ConverseOptions } from '../../testing/converse-options.ts';

const MAX_CONTEXT_BYTES = 65_536;

/** Whether stored conversations continue in a version of their dialogue. */
export interface Fit {
  /** The openid of the first one that would have to start again. */
  readonly misfit: string | undefined;
  /** The number of timers and services that the version no longer waits for. */
  readonly dropped: number;
}

/** Asks of each stored conversation what the runner would do with it. It changes nothing. */
export function fitOf(
  records: Iterable<LoadedRecord>,
  dialogue: AnyStateMachine,
  settings: ConverseOptions<AnyStateMachine>,
  now: number,
): Fit {
  const context = planContextOf(dialogue);
  let dropped = 0;
  for (const stored of records) {
    const record = openRecord(stored, settings.store?.codec ?? jsonCodec);
    if (record.dialogue === undefined) continue;
    const upgrade = upgradeRecord(record, settings, context, now);
    if (upgrade.outcome === 'restart') return { misfit: stored.openid, dropped };
    dropped += upgrade.dropped.timers.length + upgrade.dropped.services.length;
  }
  return { misfit: undefined, dropped };
}

function planContextOf(dialogue: AnyStateMachine): PlanContext {
  let ids = 0;
  return {
    engine: createEngine(dialogue),
    durable: true,
    usesOutbox: () => false,
    dueTimes: ALONE,
    maxContextBytes: MAX_CONTEXT_BYTES,
    keep: (inner) => freezeContext(inner, MAX_CONTEXT_BYTES),
    seen: { max: 0, ageMs: 0, replyBytes: 0 },
    createId: () => `${(ids += 1)}`,
    onUnhandled: () => NONE,
  };
}
