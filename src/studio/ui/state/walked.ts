import type { TurnEntry } from '../../wire.ts';

/** What this session has walked through: ids of boxes, and keys of transitions. Bounded by the dialogue. */
export interface Walked {
  readonly boxes: ReadonlySet<string>;
  readonly transitions: ReadonlySet<string>;
}

export const NOTHING_WALKED: Walked = { boxes: new Set(), transitions: new Set() };

/** The same with what these turns walked through. */
export function withTurns(walked: Walked, turns: readonly TurnEntry[]): Walked {
  const boxes = new Set(walked.boxes);
  const transitions = new Set(walked.transitions);
  for (const { before, after, way } of turns) {
    for (const box of before?.active ?? []) boxes.add(box);
    for (const box of after?.active ?? []) boxes.add(box);
    for (const { from, transition, isTaken } of way) {
      if (!isTaken) continue;
      boxes.add(from);
      transitions.add(transition);
    }
  }
  const isMore = boxes.size > walked.boxes.size || transitions.size > walked.transitions.size;
  return isMore ? { boxes, transitions } : walked;
}
