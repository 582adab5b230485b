// What a turn costs as users, the context or the dialogue grow.
import type { Runner } from 'colloquy';
import { type AnyStateMachine, assign, setup } from 'xstate';
import { library } from '../library.ts';
import { serve } from '../serve.ts';
import { survey } from '../survey.ts';
import { namesOf } from '../system.ts';

export type Grown = 'users' | 'context' | 'states';

/** Every message changes one of so many keys. */
function withContext(keys: number) {
  const context = Object.fromEntries(
    Array.from({ length: keys }, (_, key) => [`key${key}`, `value ${key}`]),
  ) as Record<string, unknown>;
  context['key0'] = 0;
  return setup({ types: {} as { context: Record<string, unknown> } }).createMachine({
    id: 'wide',
    version: '1',
    context,
    on: {
      'message.text': {
        actions: assign({ key0: ({ context }) => Number(context['key0']) + 1 }),
      },
    },
  });
}

/** Every message goes on to the next of so many states. */
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
  readonly runner: Runner;
  readonly openids: readonly string[];
  next: number;
}

const points = new Map<string, Point>();

const calls = {
  async open({ grown, size }: { grown: Grown; size: number }): Promise<void> {
    const { createContextStore, createRunner } = await library();
    const openids = namesOf(grown === 'users' ? size : 1000);
    const store = createContextStore({ max: openids.length });
    const point = { runner: createRunner(dialogueOf(grown, size), { store }), openids, next: 0 };
    points.set(`${grown} ${size}`, point);
    for (const _ of openids) await turn(point);
  },
  /** @returns microseconds a turn */
  async play({ grown, size, ms }: { grown: Grown; size: number; ms: number }): Promise<number> {
    const point = points.get(`${grown} ${size}`) as Point;
    const start = performance.now();
    let turns = 0;
    while (performance.now() - start < ms) {
      for (let stride = 0; stride < 32; stride += 1) await turn(point);
      turns += 32;
    }
    return ((performance.now() - start) * 1000) / turns;
  },
};

export type GrowthCalls = typeof calls;

serve(calls);

async function turn(point: Point): Promise<void> {
  const openid = point.openids[point.next % point.openids.length] as string;
  point.next += 1;
  const { outcome } = await point.runner.handle(openid, 'on', { id: `m${point.next}` });
  if (outcome !== 'silent' && outcome !== 'replied' && outcome !== 'unhandled') {
    throw new Error(`A turn was ${outcome}.`);
  }
}
