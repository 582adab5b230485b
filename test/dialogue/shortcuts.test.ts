import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnyStateMachine,
  type EventObject,
  SimulatedClock,
  and,
  assign,
  cancel,
  createActor,
  emit,
  enqueueActions,
  not,
  raise,
  setup,
} from 'xstate';
import { type Snapshot, createEngine } from '../../src/dialogue/engine/engine.ts';

// The engine takes plain transitions by its own shortcut. This test compares the shortcut with XState's live actors:
// machines of every form that we know, with actions of every kind, take the same events with the same outcome.

const EVENTS = ['message.text', 'message.image', 'event.scan'];
const ACTIONS = ['note', 'grow', 'both', 'say', 'later', 'never', 'at-once', 'chosen'];
const WILDCARDS = ['message.*', 'event.*', 'message.text.*'];
const GUARDS = [
  undefined,
  'even',
  'odd',
  'never',
  'renamed',
  and(['even', not('never')]),
  ({ context }: { context: { n: number } }) => context.n > 2,
  { type: 'over', params: { n: 1 } },
  { type: 'over', params: ({ context }: { context: { n: number } }) => ({ n: 4 - context.n }) },
] as const;
/** A guard with params, and another name of one, which XState takes and its types do not have. */
const OTHER_GUARDS = {
  renamed: 'odd',
  over: ({ context }: { context: { n: number } }, { n }: { n: number }) => context.n > n,
} as object;
type Note = (what: string) => void;

/** What a random state is made of, by numbers, so that a failing case shrinks. */
interface Plan {
  readonly states: readonly Plan[];
  readonly kind: 'plain' | 'parallel' | 'final';
  readonly history: boolean;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly always: boolean;
  readonly initialActions: readonly string[];
  readonly on: readonly {
    readonly event: string;
    readonly guard: (typeof GUARDS)[number];
    readonly target: number | undefined;
    readonly reenter: boolean;
    readonly actions: readonly string[];
  }[];
}

const actions = fc.array(fc.constantFrom(...ACTIONS), { maxLength: 2 });
const { plan } = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.record({
    states: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant<readonly Plan[]>([]),
      fc.array(tie('plan'), { minLength: 1, maxLength: 3 }),
    ),
    kind: fc.oneof(
      { weight: 12, arbitrary: fc.constant<Plan['kind']>('plain') },
      { weight: 1, arbitrary: fc.constantFrom<Plan['kind']>('parallel', 'final') },
    ),
    history: fc.nat(3).map((n) => n === 0),
    entry: actions,
    exit: actions,
    always: fc.nat(8).map((n) => n === 0),
    initialActions: actions,
    on: fc.array(
      fc.record({
        event: fc.constantFrom(...EVENTS, ...WILDCARDS),
        guard: fc.constantFrom(...GUARDS),
        target: fc.option(fc.nat(20), { nil: undefined }),
        reenter: fc.boolean(),
        actions,
      }),
      { maxLength: 3 },
    ),
  }),
}));

function ids(plans: readonly Plan[], path: string): string[] {
  return plans.flatMap(({ states, kind, history }, index) => {
    const id = `${path}-${index}`;
    const within = kind === 'final' ? [] : ids(states, id);
    return [id, ...within, ...(history && within.length > 0 ? [`${id}-h`] : [])];
  });
}

function machineOf(root: Plan, note: Note): AnyStateMachine {
  const targets = ids(root.states, 's');
  const stateOf = (
    { states, kind, history, entry, exit, always, on, initialActions }: Plan,
    id: string,
  ): object => {
    if (kind === 'final' && id !== 's') return { id, type: 'final', entry };
    const inner = Object.fromEntries(
      states.map((state, index) => [`k${index}`, stateOf(state, `${id}-${index}`)]),
    );
    const isCompound = states.length > 0;
    const isParallel = isCompound && kind === 'parallel' && id !== 's';
    if (isCompound && history && id !== 's') {
      (inner as Record<string, object>)['h'] = { id: `${id}-h`, type: 'history', target: 'k0' };
    }
    return {
      id,
      entry,
      exit,
      ...(isCompound && {
        states: inner,
        ...(isParallel
          ? { type: 'parallel' }
          : { initial: { target: 'k0', actions: initialActions } }),
      }),
      ...(always && { always: { guard: 'odd', actions: ['grow', 'note'] } }),
      on: Object.fromEntries(
        EVENTS.concat(WILDCARDS).map((event) => [
          event,
          on
            .filter((each) => each.event === event)
            .map(({ guard, target, reenter, actions: taken }) => {
              const to = target === undefined ? undefined : targets[target % targets.length];
              return {
                ...(guard && { guard }),
                ...(to && { target: `#${to}`, reenter }),
                actions: taken,
              };
            }),
        ]),
      ),
    };
  };
  const { machine } = build(note, stateOf(root, 's'));
  return machine;
}

function build(note: Note, config: object): { readonly machine: AnyStateMachine } {
  const machine = setup({
    types: {} as { context: { n: number; last?: string } },
    actions: {
      note: ({ context, event }) => note(`note ${context.n} ${event.type}`),
      grow: assign({ n: ({ context }) => context.n + 1 }),
      both: assign(({ context, event }) => ({ n: context.n + 1, last: event.type })),
      say: emit(({ context }) => ({ type: 'reply', reply: `said ${context.n}` })),
      later: raise({ type: 'event.later' }, { delay: 1000, id: 'later' }),
      never: cancel('later'),
      'at-once': raise({ type: 'event.scan' }),
      chosen: enqueueActions(({ enqueue, context }) => {
        if (context.n % 2 === 0) enqueue.assign({ last: 'chosen' });
      }),
    },
    guards: {
      even: ({ context }) => context.n % 2 === 0,
      odd: ({ context }) => context.n % 2 === 1,
      never: () => false,
      ...OTHER_GUARDS,
    },
  }).createMachine({
    ...config,
    context: { n: 0 },
    options: { maxIterations: 50 },
  } as never) as unknown as AnyStateMachine;
  return { machine };
}

/** The outcome of a step, as far as both sides show it. */
interface Outcome {
  readonly value: unknown;
  readonly context: unknown;
  readonly status: string;
  /** What its actions did, and what it said: each in order, for an actor says things before it acts. */
  readonly notes: readonly string[];
  readonly said: readonly string[];
}

function liveOutcomes(root: Plan, events: readonly EventObject[]): Outcome[] {
  let notes: string[] = [];
  let said: string[] = [];
  const actor = createActor(
    machineOf(root, (what) => notes.push(what)),
    { clock: new SimulatedClock() },
  );
  let failure: unknown;
  actor.subscribe({ error: (error) => (failure = error) });
  actor.on('*', (event) => said.push(String((event as { reply?: unknown }).reply)));
  const outcomes: Outcome[] = [];
  const tell = (): void => {
    if (failure !== undefined) throw failure as Error;
    const { value, context, status } = actor.getSnapshot() as Snapshot;
    outcomes.push({ value, context, status, notes, said });
    notes = [];
    said = [];
  };
  actor.start();
  tell();
  for (const event of events) {
    if (actor.getSnapshot().status === 'active') actor.send(event);
    tell();
  }
  return outcomes;
}

function ownOutcomes(root: Plan, events: readonly EventObject[]): Outcome[] {
  let notes: string[] = [];
  let said: string[] = [];
  const engine = createEngine(machineOf(root, (what) => notes.push(what)));
  const outcomes: Outcome[] = [];
  let snapshot: Snapshot | undefined;
  for (const event of [undefined, ...events]) {
    if (event === undefined || snapshot?.status === 'active') {
      const step: ReturnType<typeof engine.step> =
        event === undefined || snapshot === undefined
          ? engine.first({}, {})
          : engine.step(snapshot, event, snapshot.context as object);
      snapshot = step.next;
      for (const effect of step.effects) {
        if (effect.type === 'action') effect.run();
        if (effect.type === 'reply') {
          said.push(effect.reply.type === 'text' ? effect.reply.text : '');
        }
      }
    }
    const { value, context, status } = snapshot as Snapshot;
    outcomes.push({ value, context, status, notes, said });
    notes = [];
    said = [];
  }
  return outcomes;
}

/** A machine that loops without end, or that XState refuses, proves nothing. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

describe('a guard that throws', () => {
  it.each([
    ['by name', 'broken', "guard 'broken'"],
    ['inline', () => JSON.parse('{') as boolean, 'guard '],
    ['that is another name of none', 'renamed', "guard 'renamed'"],
  ])('is reported as XState reports it, %s', (_what, guard, words) => {
    const states = { a: { id: 's-0', on: { 'message.text': { guard } } } };
    const guards = { broken: () => JSON.parse('{') as boolean, renamed: 'missing' } as never;
    const config = { initial: 'a', states } as never;
    const machine = setup({ guards }).createMachine(config) as unknown as AnyStateMachine;
    const actor = createActor(machine);
    let live: unknown;
    actor.subscribe({ error: (error) => (live = error) });
    actor.start().send({ type: 'message.text' });
    const engine = createEngine(machine);
    const { next } = engine.first({}, {});
    const cause = attemptError(() => engine.step(next, { type: 'message.text' }, {}));
    expect((live as Error).message).toContain(words);
    expect((cause as Error).message).toBe((live as Error).message);
  });
});

function attemptError(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as Error).cause;
  }
}

describe('a plain transition', () => {
  it('has the same outcome as a live actor, in machines of every form', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        plan.filter(({ states }) => states.length > 0),
        fc.array(
          fc.constantFrom(...EVENTS).map((type) => ({ type })),
          { minLength: 1, maxLength: 8 },
        ),
        (root, events) => {
          const live = attempt(() => liveOutcomes(root, events));
          if (live === undefined) return;
          expect(ownOutcomes(root, events)).toEqual(live);
          compared += 1;
        },
      ),
      { numRuns: 800 },
    );
    expect(compared).toBeGreaterThan(300);
  });
});
