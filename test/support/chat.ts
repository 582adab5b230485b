import type { AnyStateMachine, StateValue } from 'xstate';
import { type Incoming, type Reply, type RunnerOptions, type Turn, formatReply } from 'colloquy';
import type { ManualClock } from 'colloquy/testing';
import type { ContextStoreOptions } from '../../src/context/store.ts';
import { coreOf } from '../../src/context/store.ts';
import { type World, createWorld } from '../runner/world.ts';

/** One user who talks with a dialogue, on virtual time. */
export interface Chat {
  readonly world: World;
  readonly clock: ManualClock;
  /** Sends a message, and gives what the dialogue said to it. */
  say(message: Incoming): Promise<string[]>;
  send(message: Incoming): Promise<Turn>;
  /** What was said since outside of `say`, by timers and late services. */
  heard(): string[];
  state(): StateValue | undefined;
  data(): Promise<object>;
}

export function createChat(
  dialogue: AnyStateMachine,
  options: RunnerOptions & {
    readonly storeOptions?: ContextStoreOptions;
    readonly clock?: ManualClock;
  } = {},
  openid = 'ann',
): Chat {
  const world = createWorld(dialogue, options);
  const late: string[] = [];
  world.runner.on('reply', ({ reply }) => late.push(inWords(reply)));
  const send = async (message: Incoming): Promise<Turn> => {
    const turn = await world.runner.handle(openid, message);
    if (turn.outcome === 'failed') throw turn.error;
    return turn;
  };
  return {
    world,
    clock: world.clock,
    send,
    say: async (message) => (await send(message)).replies.map(inWords),
    heard: () => late.splice(0),
    state: () => {
      const live = coreOf(world.store).records.cached(openid)?.record.live;
      return (live as { value: StateValue } | undefined)?.value;
    },
    data: () => world.data(openid),
  };
}

/** A reply in one line. */
export function inWords(reply: Reply): string {
  if (reply.type !== 'choices') return formatReply(reply);
  return `${reply.text} (${reply.options.map(({ label, value }) => label ?? value).join(' | ')})`;
}
