import type { StateValue } from 'xstate';
import type { ConversationRecord } from '../context/record/record.ts';
import type { Snapshot } from '../dialogue/engine/engine.ts';
import type { StoredSnapshot } from '../dialogue/engine/snapshot.ts';
import { chain } from '../internal/maybe.ts';
import type { TurnWatch } from './observe.ts';
import type { TurnContext } from './turn.ts';

/**
 * A turn's surroundings that tell a watch how far it is. Only a watched turn is run in them, so that to be observed costs
 * nothing to those who are not.
 */
export function watched(context: TurnContext, watch: TurnWatch | undefined): TurnContext {
  if (watch === undefined) return context;
  const { core, recognition } = context;
  const { records } = core;
  let isNew = true;
  return {
    ...context,
    core: {
      clock: core.clock,
      records: {
        load(openid, now) {
          watch.enter('load');
          return chain(records.load(openid, now), (record) => {
            if (isNew) watch.stood(standingOf(record));
            isNew = false;
            watch.enter('step');
            return record;
          });
        },
        commit: (next, base) => records.commit(next, base),
      },
      commitTurn(next, base, keepsLease) {
        watch.enter('commit');
        return core.commitTurn(next, base, keepsLease);
      },
    },
    recognition: recognition && watchedRecognition(recognition, watch),
    onConflict(openid, attempt) {
      watch.conflict();
      context.onConflict(openid, attempt);
    },
    release(openid, plan, open) {
      watch.stands(standingOf(plan.record));
      watch.enter('release');
      watch.within(() => context.release(openid, plan, open));
      watch.enter('services');
    },
  };
}

type Meant = NonNullable<TurnContext['recognition']>;

function watchedRecognition(recognition: Meant, watch: TurnWatch): Meant {
  return {
    recognize(openid, message) {
      watch.enter('recognize');
      return chain(recognition.recognize(openid, message), (meanings) => {
        watch.enter('step');
        return meanings;
      });
    },
  };
}

function standingOf(record: ConversationRecord | undefined): StateValue | undefined {
  const live = record?.live as Snapshot | undefined;
  // A record from a persister is not alive before its next turn.
  const stored = record?.dialogue?.snapshot as StoredSnapshot | undefined;
  return live?.value ?? stored?.value;
}
