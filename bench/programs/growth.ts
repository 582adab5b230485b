// What a turn costs as users, the context or the dialogue grow.
import type { Runner } from 'colloquy';
import { type AnyStateMachine, assign, setup } from 'xstate';
import { library } from '../library.ts';
import { serve } from '../serve.ts';
import { survey } from '../survey.ts';
import { namesOf } from '../system.ts';

export type Grown = 'users' | 'context' | 'copy' | 'states';

type Wide = Readonly<Record<string, unknown>>;

function wide(keys: number): Wide {
  const values = Array.from({ length: keys }, (_, key) => [`key${key}`, `value ${key}`]);
  return { ...(Object.fromEntries(values) as Wide), key0: 0 };
}

/** Every message changes one of the keys. */
function withContext(keys: number) {
  return setup({ types: {} as { context: Record<string, unknown> } }).createMachine({
    id: 'wide',
    version: '1',
    context: wide(keys),
    on: {
      'message.text': {
        actions: assign({ key0: ({ context }) => Number(context['key0']) + 1 }),
      },
    },
  });
}

/** Every message enters the next state. */
function withStates(count: number) {
  const states = Object.fromEntries(
    Array.from({ length: count }, (_, state) => [
      `s${state}`,
      { on: { 'message.text': `s${(state + 1) % count}` } },
    ]),
  );
  return setup({}).createMachine({
    id: 'long',
    version: '1',
    context: {},
    initial: 's0',
    states: states as never,
  });
}

function dialogueOf(grown: Grown, size: number): AnyStateMachine {
  if (grown === 'context') return withContext(size) as AnyStateMachine;
  return grown === 'states' ? (withStates(size) as unknown as AnyStateMachine) : survey;
}

interface Point {
  readonly turn: () => Promise<void> | undefined;
}

const points = new Map<string, Point>();

const calls = {
  async open({ grown, size }: { grown: Grown; size: number }): Promise<void> {
    const { createContextStore, createRunner } = await library();
    const openids = namesOf(grown === 'users' ? size : 1000);
    const store = createContextStore({ max: openids.length });
    const turn =
      grown === 'copy'
        ? copying(openids.length, size)
        : turning(createRunner(dialogueOf(grown, size), { store }), openids);
    points.set(`${grown} ${size}`, { turn });
    for (const _ of openids) await turn();
  },
  /** @returns microseconds per turn */
  async play({ grown, size, ms }: { grown: Grown; size: number; ms: number }): Promise<number> {
    const point = points.get(`${grown} ${size}`) as Point;
    const start = performance.now();
    let turns = 0;
    while (performance.now() - start < ms) {
      for (let stride = 0; stride < 32; stride += 1) await point.turn();
      turns += 32;
    }
    return ((performance.now() - start) * 1000) / turns;
  },
};

export type GrowthCalls = typeof calls;

serve(calls);

/** The turns of all users, one after the other. */
function turning(runner: Runner, openids: readonly string[]): () => Promise<void> {
  let next = 0;
  return async () => {
    const openid = openids[next % openids.length] as string;
    next += 1;
    const { outcome } = await runner.handle(openid, 'on', { id: `m${next}` });
    if (outcome !== 'silent' && outcome !== 'replied' && outcome !== 'unhandled') {
      throw new Error(`A turn was ${outcome}.`);
    }
  };
}

/** Only the copy of a context in which one key changes. */
function copying(users: number, keys: number): () => undefined {
  const contexts = Array.from({ length: users }, () => Object.freeze(wide(keys)));
  let next = 0;
  return () => {
    const user = next % users;
    next += 1;
    contexts[user] = Object.freeze({ ...contexts[user], key0: next });
  };
}
