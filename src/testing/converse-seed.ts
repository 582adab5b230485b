import type { AnyStateMachine } from 'xstate';
import type { StoreCore } from '../context/store-core.ts';
import { NONE } from '../context/record/record.ts';
import { createEngine } from '../dialogue/engine/engine.ts';
import { startInState } from '../dialogue/engine/start-in-state.ts';
import type { Reply } from '../reply.ts';
import { freezeContext } from '../context/record/frozen.ts';
import { planTurn } from '../runner/commit-plan.ts';

interface Seed {
  readonly openid: string;
  readonly state: string;
  readonly input: unknown;
  readonly context: object;
}

/**
 * Commits the record of a conversation that has just entered a state, in place of any earlier record.
 * @returns what is said on the way in
 */
export async function seedRecord(
  core: StoreCore,
  dialogue: AnyStateMachine,
  createId: () => string,
  { openid, state, input, context }: Seed,
): Promise<readonly Reply[]> {
  const { records, clock, maxContextBytes } = core;
  const step = startInState(dialogue, state, { input, context, now: clock.now() });
  return core.lanes.run(openid, async () => {
    const base = await records.load(openid);
    const now = clock.now();
    const { record, replies } = planTurn(
      { openid, record: undefined, now, hasCaller: true },
      step,
      {
        engine: createEngine(dialogue),
        durable: records.isPersistent,
        usesOutbox: () => false,
        dueTimes: records.dueTimes,
        maxContextBytes,
        keep: (inner) => freezeContext(inner, maxContextBytes),
        seen: { max: 0, ageMs: 0, replyBytes: 0 },
        createId,
        onUnhandled: () => NONE,
      },
    );
    await core.commitTurn(record, base);
    return replies;
  });
}
