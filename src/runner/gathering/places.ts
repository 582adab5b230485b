import type { BurstLimits } from '../../context/record/burst.ts';
import type { ConversationRecord } from '../../context/record/record.ts';
import type { Engine, Snapshot } from '../../dialogue/engine/engine.ts';
import type { GatherLimits } from '../../dialogue/engine/gather.ts';
import { isCurrent } from '../upgrade/upgrade.ts';

/** Where texts are gathered: everywhere if the runner says so, and otherwise or elsewhere as the states say. */
export class GatherPlaces {
  /** Whether texts are gathered anywhere. */
  readonly isAnywhere: boolean;
  readonly #engine: Engine;
  readonly #own: BurstLimits | undefined;
  readonly #maxBytes: number;

  /** @param own what the runner says @param maxBytes the maximum of bytes of JSON that a burst has */
  constructor(engine: Engine, own: GatherLimits | undefined, maxBytes: number) {
    this.isAnywhere = own !== undefined || engine.gathers;
    this.#engine = engine;
    this.#own = own && { ...own, maxBytes };
    this.#maxBytes = maxBytes;
  }

  /** When a burst is complete that begins where the conversation stands; undefined where each text is a message for itself. */
  at(record: ConversationRecord | undefined): BurstLimits | undefined {
    const snapshot = this.#engine.gathers ? record && this.#standing(record) : undefined;
    const rule = snapshot && this.#engine.gather(snapshot);
    if (rule === undefined) return this.#own;
    return rule === false ? undefined : { ...rule, maxBytes: this.#maxBytes };
  }

  /** The snapshot of a record; undefined if the dialogue has not begun, or does not have such a state any more. */
  #standing(record: ConversationRecord): Snapshot | undefined {
    const engine = this.#engine;
    const live = record.live as Snapshot | undefined;
    if (isCurrent(engine, record)) return live;
    const { id, snapshot } = record.dialogue ?? {
      id: live?.machine.id,
      snapshot: live && engine.persist(live),
    };
    if (id !== engine.id) return undefined;
    try {
      return engine.restore(snapshot, record.data);
    } catch {
      // The upgrade of the turn reports it.
      return undefined;
    }
  }
}
