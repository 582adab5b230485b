import type { AnyStateMachine } from 'xstate';
import { structureOf } from '../../dialogue/engine/structure.ts';
import type { Transcript, TranscriptLine } from '../../testing/transcript.ts';
import type { Hello } from '../wire.ts';
import { passTime, badRequest, sendEvent, sendMessage } from './acts.ts';
import { fitOf } from './fitting.ts';
import type { StudioSession, SessionSubject } from './session.ts';
import type { World } from './world.ts';

type Reload = NonNullable<Hello['reload']>;

/** What happens in a conversation that goes wrong. */
const FAULTS: ReadonlySet<string> = new Set(['failed', 'unhandled', 'refused', 'error']);

/**
 * Takes another version of the dialogue, and keeps as much of the conversations as it can: where states and transitions are
 * the same, all of it; else what the version continues with, as after a deployment; else what was said is said again;
 * else the conversations begin again.
 * @throws what the version is refused for; then the old one continues
 */
export async function reload(session: StudioSession, next: SessionSubject): Promise<Reload> {
  const { dialogue } = session.subject;
  if (isSame(dialogue, next.dialogue)) {
    await session.deploy(next, 'here');
    return { how: 'kept', why: 'The states and transitions are the same.' };
  }
  const { state } = session.world;
  const { misfit, dropped } = fitOf(state.records.values(), next.dialogue, next.settings, state.at);
  if (misfit === undefined) {
    await session.deploy(next, 'here');
    return { how: 'migrated', why: fitText(state.records.size, dropped) };
  }
  const lines = state.recorded?.lines ?? [];
  const before = faultsIn(lines);
  let fault: unknown;
  await session.deploy(next, 'beginning', async (world) => {
    try {
      await sayAgain(session, world, lines);
    } catch (error) {
      fault = error;
    }
  });
  const isWorse = faultsIn(session.world.recorder.transcript) > before;
  if (fault === undefined && !isWorse) {
    return {
      how: 'replayed',
      why: `The conversation of '${misfit}' does not fit the new version, so everything was said again.`,
    };
  }
  await session.deploy(next, 'beginning');
  return {
    how: 'restarted',
    why: `The conversation of '${misfit}' does not fit the new version, which does not take what was said, either.`,
  };
}

function isSame(former: AnyStateMachine, next: AnyStateMachine): boolean {
  const { id, version = '0' } = former;
  return (
    id === next.id && version === (next.version ?? '0') && structureOf(former) === structureOf(next)
  );
}

function fitText(conversations: number, dropped: number): string {
  if (conversations === 0) return 'No conversation had begun.';
  const lost =
    dropped === 0 ? '' : ` ${dropped} of their timers and services are not waited for any more.`;
  return `The conversations fit the new version.${lost}`;
}

function faultsIn(lines: Transcript): number {
  return lines.filter((line) => line.kind === 'happening' && FAULTS.has(line.what)).length;
}

/** Says once more what was said, at the same times. What services gave is known. */
async function sayAgain(session: StudioSession, world: World, lines: Transcript): Promise<void> {
  const [first] = lines;
  if (first !== undefined && first.kind !== 'moment') {
    throw badRequest('The beginning of the conversations is kept no more.');
  }
  for (const line of lines) await again(session, world, line);
}

async function again(session: StudioSession, world: World, line: TranscriptLine): Promise<void> {
  const { user: openid = session.main } = line as { readonly user?: string };
  const arrival = { openid, id: session.nextId() };
  switch (line.kind) {
    case 'message':
      await sendMessage(world, arrival, line.message);
      return;
    case 'event':
      await sendEvent(world, arrival, line.event);
      return;
    case 'moment':
      return passTime(world, Math.max(line.at - world.time.now(), 0));
    case 'time':
      return passTime(world, line.ms);
    case 'crash':
      return world.crash();
    // What is left is what was heard, and messages that arrived twice and counted once.
    default:
  }
}
