import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lanes } from '../../src/context/lanes.ts';
import { atRest } from '../../src/internal/async.ts';

type Kind = 'value' | 'throw' | 'resolve' | 'reject';

const tasks = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b', '__proto__'),
    kind: fc.constantFrom<Kind>('value', 'throw', 'resolve', 'reject'),
    turns: fc.nat(3),
  }),
  { minLength: 1, maxLength: 30 },
);

describe('lanes', () => {
  it('run the tasks of a key one by one in order, and each caller receives the result of its task', async () => {
    await fc.assert(
      fc.asyncProperty(tasks, async (list) => {
        const lanes = new Lanes();
        const started: Record<string, number[]> = Object.create(null) as Record<string, number[]>;
        const running = new Set<string>();
        const results = list.map(async ({ key, kind, turns }, number) =>
          lanes.run(key, () => {
            expect(running.has(key)).toBe(false);
            (started[key] ??= []).push(number);
            if (kind === 'value') return number;
            if (kind === 'throw') throw new RangeError(String(number));
            running.add(key);
            return (async () => {
              for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
              running.delete(key);
              if (kind === 'reject') throw new RangeError(String(number));
              return number;
            })();
          }),
        );
        const settled = await Promise.allSettled(results);
        for (const [number, result] of settled.entries()) {
          const failed = ['throw', 'reject'].includes(list[number]?.kind ?? '');
          if (failed)
            expect(result).toEqual({ status: 'rejected', reason: new RangeError(String(number)) });
          else expect(result).toEqual({ status: 'fulfilled', value: number });
        }
        for (const numbers of Object.values(started)) {
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        }
        await lanes.drained();
        expect(lanes.busy).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('of different keys do not wait for each other', async () => {
    const lanes = new Lanes();
    const hung = new Promise<void>(() => undefined);
    void lanes.run('a', () => hung);
    expect(await lanes.run('b', () => Promise.resolve('through'))).toBe('through');
    await atRest();
    expect([lanes.isBusy('a'), lanes.isBusy('b')]).toEqual([true, false]);
  });

  it('run an idle key’s task at once, and return its value without a promise', () => {
    const lanes = new Lanes();
    expect(lanes.run('a', () => 7)).toBe(7);
    expect(
      () =>
        void lanes.run('a', () => {
          throw new RangeError('no');
        }),
    ).toThrow(RangeError);
    expect(lanes.busy).toBe(0);
  });

  it('run a task that the running one adds after it', async () => {
    const lanes = new Lanes();
    const order: string[] = [];
    let inner: unknown;
    void lanes.run('a', () => {
      inner = lanes.run('a', () => order.push('inner'));
      order.push('outer');
    });
    await inner;
    expect(order).toEqual(['outer', 'inner']);
  });

  it('count the waiting tasks, and report when none is left', async () => {
    const lanes = new Lanes();
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    void lanes.run('a', () => gate);
    void lanes.run('a', () => gate);
    void lanes.run('b', () => gate);
    expect([lanes.busy, lanes.waiting('a'), lanes.waiting('b'), lanes.waiting('c')]).toEqual([
      2, 1, 0, 0,
    ]);
    const drained: number[] = [];
    for (const number of [1, 2]) void lanes.drained().then(() => drained.push(number));
    await atRest();
    expect(drained).toEqual([]);
    open();
    await atRest();
    expect([drained, lanes.busy, lanes.waiting('a')]).toEqual([[1, 2], 0, 0]);
    await lanes.drained();
  });

  it('run ten thousand tasks of one key without a deep stack', async () => {
    const lanes = new Lanes();
    let ran = 0;
    const first = lanes.run('a', () => Promise.resolve());
    const rest = Array.from({ length: 10_000 }, () => lanes.run('a', () => (ran += 1)));
    await Promise.all([first, ...rest]);
    expect(ran).toBe(10_000);
  });
});
