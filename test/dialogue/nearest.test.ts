import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, createMachine, emit, fromPromise } from 'xstate';
import { formatReply } from 'colloquy';
import type { Effect } from '../../src/dialogue/engine/effect.ts';
import { createEngine } from '../../src/dialogue/engine/engine.ts';
import type { StoredSnapshot } from '../../src/dialogue/engine/snapshot.ts';

const say = (text: string) => emit({ type: 'reply', reply: text }) as never;
const told = (id: string) => ({ entry: say(`+${id}`), exit: say(`-${id}`) });
const service = fromPromise(async () => 1);

/** A machine whose states say when they are entered and left. */
function machineOf(config: object, actors: object = {}): AnyStateMachine {
  const machine = createMachine({ id: 'm', ...config } as never);
  return machine.provide({ actors } as never) as AnyStateMachine;
}

/** What the effects of a step come to, in short. */
function shortOf(effect: Effect): string {
  switch (effect.type) {
    case 'reply':
      return formatReply(effect.reply);
    case 'start':
      return `start ${effect.actor}/${effect.id}=${effect.src}`;
    case 'set':
      return `set ${effect.id}`;
    default:
      return effect.type;
  }
}

interface Found {
  readonly value: unknown;
  readonly effects: readonly string[];
  readonly children: readonly string[];
  readonly status: string;
}

function nearest(machine: AnyStateMachine, stored: object): Found | undefined {
  const engine = createEngine(machine);
  const found = engine.nearest({ status: 'active', children: {}, history: {}, ...stored }, {});
  if (found === undefined) return undefined;
  const { next, effects } = found.step;
  if (next.status === 'active') expect(engine.restore(engine.persist(next), {})).toBeDefined();
  return {
    value: next.value,
    effects: effects.map(shortOf),
    children: Object.keys(next.children),
    status: next.status,
  };
}

describe('the nearest to a stored snapshot', () => {
  const machine = machineOf({
    initial: 'a',
    states: {
      a: told('a'),
      shop: {
        ...told('shop'),
        initial: 'cart',
        states: {
          cart: told('cart'),
          pay: {
            ...told('pay'),
            initial: 'card',
            states: { card: told('card'), cash: told('cash') },
          },
        },
      },
      both: {
        ...told('both'),
        type: 'parallel',
        states: {
          left: { ...told('left'), initial: 'l1', states: { l1: told('l1'), l2: told('l2') } },
          right: { ...told('right'), initial: 'r1', states: { r1: told('r1'), r2: told('r2') } },
          bare: told('bare'),
        },
      },
      past: { type: 'history', target: 'a' },
      end: { ...told('end'), type: 'final' },
    },
  });

  it.each<[what: string, stored: unknown, value: unknown, effects: string[]]>([
    ['what is whole', { shop: { pay: 'cash' } }, { shop: { pay: 'cash' } }, []],
    ['a leaf that is gone', { shop: { pay: 'gone' } }, { shop: { pay: 'card' } }, ['+card']],
    ['a state in the middle that is gone', { shop: { gone: 'x' } }, { shop: 'cart' }, ['+cart']],
    ['a leaf that has states now', 'shop', { shop: 'cart' }, ['+cart']],
    ['a state that has none any more', { a: { x: 'y' } }, 'a', []],
    ['a state of which nothing is left', 'gone', 'a', ['+a']],
    ['a history state, where nobody rests', 'past', 'a', ['+a']],
    ['what has become the end', 'end', 'end', ['+end', '-end']],
    ['a name of Object.prototype', { constructor: 'x' }, 'a', ['+a']],
    ['null', null, 'a', ['+a']],
    [
      'a region that was not there',
      { both: { left: 'l2', bare: {} } },
      { both: { left: 'l2', right: 'r1', bare: {} } },
      ['+right', '+r1'],
    ],
    [
      'a region that was not there and has no states',
      { both: { left: 'l2', right: 'r2' } },
      { both: { left: 'l2', right: 'r2', bare: {} } },
      ['+bare'],
    ],
    [
      'a region that is gone',
      { both: { left: 'l2', right: 'r2', bare: {}, gone: 'x' } },
      { both: { left: 'l2', right: 'r2', bare: {} } },
      [],
    ],
    [
      'gaps in two regions',
      { both: { left: 'gone', right: { r2: { deeper: {} } }, bare: {} } },
      { both: { left: 'l1', right: 'r2', bare: {} } },
      ['+l1'],
    ],
    [
      'a state that is parallel now',
      { both: 'left' },
      { both: { left: 'l1', right: 'r1', bare: {} } },
      ['+l1', '+right', '+r1', '+bare'],
    ],
  ])('is found for %s', (_what, value, found, effects) => {
    const { value: at, effects: done } = nearest(machine, { value }) ?? {};
    expect(at).toEqual(found);
    expect((done ?? []).toSorted()).toEqual([...effects, ...ends(done)].toSorted());
  });

  /** A machine that comes to its end clears its timers. */
  function ends(done: readonly string[] | undefined): string[] {
    return (done ?? []).filter((effect) => effect === 'clear');
  }

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'x'],
    ['one that has ended', { status: 'done', value: 'x', children: {}, history: {} }],
  ])('is not looked for in %s', (_what, stored) => {
    expect(createEngine(machine).nearest(stored, {})).toBeUndefined();
  });

  it('ends the dialogue where the state has become its end', () => {
    expect(nearest(machine, { value: 'end' })?.status).toBe('done');
  });

  it('ends a parallel state whose regions have all become ends', () => {
    const ended = machineOf({
      type: 'parallel',
      states: Object.fromEntries(
        ['x', 'y'].map((key) => [key, { initial: 'a', states: { a: {}, z: { type: 'final' } } }]),
      ),
    });
    expect(nearest(ended, { value: { x: 'z', y: 'z' } })?.status).toBe('done');
    expect(nearest(ended, { value: { x: 'z', y: 'a' } })?.status).toBe('active');
  });

  it('goes on where something waits for the end that a state has become', () => {
    const waiting = machineOf({
      initial: 'a',
      states: {
        a: { initial: 'x', onDone: 'b', states: { x: {}, y: { type: 'final' } } },
        b: told('b'),
      },
    });
    expect(nearest(waiting, { value: { a: 'y' } })).toMatchObject({ value: 'b', effects: ['+b'] });
  });

  it('runs initial and eventless transitions, assigns, and sets the delays of what it enters', () => {
    const busy = createMachine({
      id: 'm',
      initial: 'a',
      context: { n: 0 },
      states: {
        a: {
          initial: 'x',
          after: { 500: 'a' },
          states: {
            x: {
              entry: assign({ n: 1 }),
              always: { guard: ({ context }) => context.n === 1, target: 'y' },
            },
            y: { after: { 1000: 'x' } },
          },
        },
      },
    }) as unknown as AnyStateMachine;
    const engine = createEngine(busy);
    const stored = { status: 'active', value: { a: 'gone' }, children: {}, history: {} };
    const { step } = engine.nearest(stored, { n: 0, kept: true }) ?? {};
    expect(step?.next.value).toEqual({ a: 'y' });
    expect(step?.next.context).toEqual({ n: 1, kept: true });
    expect(step?.effects.map(shortOf)).toEqual(['set xstate.after.1000.m.a.y']);
  });

  it('enters what a history state remembers, as far as that is there and fits together', () => {
    const history = {
      initial: 'a',
      states: {
        a: { initial: 'past', states: { past: { type: 'history', target: 'x' }, x: {}, y: {} } },
      },
    };
    const at = (remembered: object): unknown =>
      nearest(machineOf(history), { value: { a: 'gone' }, history: remembered })?.value;
    expect(at({ 'm.a.past': ['m.a.y'] })).toEqual({ a: 'y' });
    expect(at({ 'm.a.past': ['m.a.gone'] })).toEqual({ a: 'x' });
    expect(at({ 'm.a.past': ['m.a.x', 'm.a.y'] })).toEqual({ a: 'x' });
    expect(at({ 'm.a.past': ['m'] })).toEqual({ a: 'x' });
    expect(at({ 'm.gone': ['m.a.y'], 'm.a': ['m.a.y'], 'm.a.past': 7 })).toEqual({ a: 'x' });
  });
});

describe('what a stored snapshot had invoked', () => {
  const invoking = (src: string, actors: object = { load: service, fetch: service }) =>
    machineOf(
      {
        initial: 'a',
        states: {
          a: told('a'),
          wait: {
            ...told('wait'),
            invoke: { id: 's', src },
            initial: 'x',
            states: { x: {}, y: {} },
          },
        },
      },
      actors,
    );
  const running = { s: { src: 'load' } };

  it('goes on where its state is kept', () => {
    expect(nearest(invoking('load'), { value: { wait: 'gone' }, children: running })).toEqual({
      value: { wait: 'x' },
      effects: [],
      children: ['s'],
      status: 'active',
    });
  });

  it('is started where it has another name now, or was not there', () => {
    for (const children of [running, {}, { s: { src: 'gone' } }, { s: null }]) {
      expect(nearest(invoking('fetch'), { value: { wait: 'y' }, children })).toEqual({
        value: { wait: 'y' },
        effects: ['start /s=fetch'],
        children: ['s'],
        status: 'active',
      });
    }
  });

  it('is dropped where its state is gone, or no such thing is provided', () => {
    const { children } = nearest(invoking('load'), { value: 'gone', children: running }) ?? {};
    expect(children).toEqual([]);
    const gone = { other: { src: 'gone' } };
    expect(nearest(invoking('load'), { value: 'a', children: gone })?.children).toEqual([]);
  });

  it('goes on where an action has spawned it and nothing else is gone', () => {
    const spawned = { other: { src: 'load' } };
    expect(nearest(invoking('load'), { value: 'a', children: spawned })?.children).toEqual([
      'other',
    ]);
    expect(nearest(invoking('load'), { value: 'gone', children: spawned })?.children).toEqual([]);
  });

  const inner = machineOf({
    id: 'inner',
    initial: 'i',
    states: { i: told('i'), j: { ...told('j'), initial: 'k', states: { k: told('k') } } },
  });
  const outer = invoking('sub', { sub: inner, load: service });
  const child = (value: unknown, more: object = {}): object => ({
    s: {
      src: 'sub',
      snapshot: { status: 'active', value, children: {}, history: {}, context: { c: 1 }, ...more },
    },
  });

  it('is a sub-dialogue of which the same holds', () => {
    const engine = createEngine(outer);
    const stored = {
      status: 'active',
      value: { wait: 'gone' },
      history: {},
      children: child({ j: 'gone' }),
    };
    const { step } = engine.nearest(stored, {}) ?? {};
    expect(step?.effects.map(shortOf)).toEqual(['+k']);
    const { children } = engine.persist(step?.next as never);
    expect(children['s']?.snapshot).toMatchObject({ value: { j: 'k' }, context: { c: 1 } });
  });

  it('starts anew where it is a sub-dialogue now, or was another', () => {
    expect(nearest(outer, { value: { wait: 'y' }, children: { s: { src: 'sub' } } })).toMatchObject(
      {
        effects: ['+i'],
        children: ['s'],
      },
    );
    const wasSub = nearest(invoking('load'), { value: { wait: 'y' }, children: child('i') });
    expect(wasSub?.effects).toEqual(['start /s=load']);
  });

  it('does not start again when it had come to its end', () => {
    const ended = nearest(outer, {
      value: { wait: 'y' },
      children: child('gone', { status: 'done' }),
    });
    expect(ended).toMatchObject({ effects: [], children: [] });
  });
});

describe('whether what was pending has its place', () => {
  const engine = createEngine(
    machineOf(
      {
        initial: 'a',
        states: {
          a: { after: { 10: 'b' }, invoke: { id: 's', src: 'load' } },
          b: { after: { 20: 'a' } },
        },
      },
      { load: service },
    ),
  );
  const { next } = engine.first(undefined, {});
  it.each([
    [true, { actor: '', id: 'x', event: { type: 'xstate.after.10.m.a' } }],
    [false, { actor: '', id: 'x', event: { type: 'xstate.after.20.m.b' } }],
    [false, { actor: '', id: 'x', event: { type: 'xstate.after.30.m.a' } }],
    [true, { actor: '', id: 'x', event: { type: 'reminder' } }],
    [false, { actor: 'gone', id: 'x', event: { type: 'reminder' } }],
    [true, { actor: '', id: 's', src: 'load' }],
    [false, { actor: '', id: 's', src: 'gone' }],
    [false, { actor: '', id: 'gone', src: 'load' }],
  ])('%s: %o', (expected, pending) => {
    expect(engine.expects(next, pending)).toBe(expected);
  });
});

interface Tree {
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly initial: number;
  readonly invoke: string | undefined;
  readonly after: boolean;
  readonly states: Readonly<Record<string, Tree>>;
}

/** Any machine over a few names, so that two of them have much in common. */
const tree = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    type: fc.constantFrom('atomic', 'compound', 'compound', 'parallel', 'final', 'history'),
    initial: fc.nat(3),
    invoke: fc.constantFrom(undefined, undefined, undefined, 's1', 's2', 'sub'),
    after: fc.boolean(),
    states: fc.oneof(
      { depthSize: 'medium', maxDepth: 3 },
      fc.constant({}),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('tree'), { minKeys: 1 }),
    ),
  }),
})).tree;

function toConfig(
  { type, initial, invoke, after, states }: Tree,
  key: string,
  isRoot = false,
): object {
  const keys = Object.keys(states).filter((each) => states[each]?.type !== 'history');
  const first = keys[initial % Math.max(keys.length, 1)];
  if (!isRoot && type === 'history') return { type, history: after ? 'deep' : 'shallow' };
  if (!isRoot && type === 'final') return { type, ...told(key) };
  const parts = {
    ...told(key),
    ...(invoke && { invoke: { src: invoke } }),
    ...(after && first && { after: { 10: `.${first}` } }),
    on: Object.fromEntries(keys.map((each) => [`message.${each}`, `.${each}`])),
  };
  if (type === 'atomic' || first === undefined)
    return { ...told(key), ...(invoke && { invoke: parts.invoke }) };
  const inner = Object.fromEntries(
    Object.entries(states).map(([each, state]) => [each, toConfig(state, each)]),
  );
  return type === 'parallel'
    ? { ...parts, type, states: inner }
    : { ...parts, initial: first, states: inner };
}

describe('for any old and any new dialogue', () => {
  const build = (outer: Tree, inner: Tree): AnyStateMachine =>
    machineOf(toConfig(outer, 'm', true), {
      s1: service,
      s2: service,
      sub: machineOf(
        { ...toConfig({ ...inner, invoke: undefined }, 'sub', true) },
        { s1: service, s2: service, sub: service },
      ),
    });

  /** Any place that a dialogue can be brought to by messages. */
  const play = (
    machine: AnyStateMachine,
    messages: readonly string[],
  ): StoredSnapshot | undefined => {
    const engine = createEngine(machine);
    let { next } = engine.first(undefined, {});
    for (const key of messages) {
      if (next.status !== 'active') return undefined;
      ({ next } = engine.step(next, { type: `message.${key}` }, {}));
    }
    return next.status === 'active' ? engine.persist(next) : undefined;
  };

  it('the nearest is found, restores, and is the same where nothing has changed', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        fc.tuple(tree, tree),
        fc.tuple(tree, tree),
        fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 }),
        (before, after, messages) => {
          const old = build(...before);
          let stored: StoredSnapshot | undefined;
          try {
            stored = play(old, messages);
          } catch {
            return; // A loop of ends, or a history of nothing: not what is asked here.
          }
          if (stored === undefined) return;
          const same = createEngine(old);
          expect(same.restore(stored, {})?.value).toEqual(stored.value);
          const engine = createEngine(build(...after));
          const found = engine.nearest(JSON.parse(JSON.stringify(stored)), {});
          expect(found).toBeDefined();
          const next = found?.step.next;
          if (next === undefined || next.status !== 'active') return;
          compared += 1;
          const restored = engine.restore(engine.persist(next), {});
          expect(restored?.value).toEqual(next.value);
          expect(restored?._nodes.map(({ id }) => id).toSorted()).toEqual(
            next._nodes.map(({ id }) => id).toSorted(),
          );
          // It is at rest: to look for the nearest again finds the same, and has nothing to enter.
          expect(engine.nearest(engine.persist(next), {})?.step.next.value).toEqual(next.value);
        },
      ),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(100);
  });
});
