import type { AnyActorRef } from 'xstate';
import { ChildRef, type Snapshot } from './child-ref.ts';
import { type Effect, actorPath } from './effect.ts';
import type { Level } from './level.ts';
import { NONE_PAUSED, type Paused, reachable, withPaused } from './paused.ts';

/**
 * The snapshot of a level after a step, with those of the sub-dialogues that changed. Paused sub-dialogues that no history
 * resumes any more are not in it, and their timers are cleared.
 */
export function finishedSnapshot(level: Level, effects: Effect[]): Snapshot {
  const snapshot = level.snapshot as Snapshot;
  let children: Record<string, ChildRef> | undefined;
  for (const id in snapshot.children) {
    const ref = snapshot.children[id] as ChildRef | AnyActorRef;
    const child = level.children?.get(id);
    if (ref instanceof ChildRef && child === undefined) continue;
    children ??= { ...(snapshot.children as Record<string, ChildRef>) };
    children[id] = new ChildRef(ref as ChildRef, child && finishedSnapshot(child, effects));
  }
  const next =
    children === undefined ? snapshot : ({ ...snapshot, children } as unknown as Snapshot);
  if (level.paused === NONE_PAUSED) return next;
  const paused = reachable(level.paused, next);
  for (const each of level.paused) {
    const isOver = !paused.includes(each) && next.children[each.child.id] === undefined;
    if (isOver) effects.push(cleared(level, each));
  }
  return withPaused(next, paused);
}

/** Clears what a paused sub-dialogue that no history resumes any more raised with a delay. */
export function cleared({ path }: Level, { child }: Paused): Effect {
  return { type: 'clear', actor: actorPath(path, child.id), id: undefined };
}
