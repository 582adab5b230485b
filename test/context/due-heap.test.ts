import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Due, DueHeap } from '../../src/internal/due-heap.ts';

interface Entry extends Due {
  readonly name: number;
}

const SIZE = 40;
const commands = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constant('set'), fc.nat(SIZE - 1), fc.integer()) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('delete'), fc.nat(SIZE - 1), fc.constant(0)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('pop'), fc.constant(0), fc.constant(0)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('early'), fc.nat(SIZE - 1), fc.nat(3)) },
  ),
  { maxLength: 300 },
);

describe('the index of due times', () => {
  it('behaves as a sorted list, and every entry knows its place', () => {
    fc.assert(
      fc.property(commands, (steps) => {
        const index = new DueHeap<Entry>();
        const entries = Array.from({ length: SIZE }, (_, name) => ({ slot: -1, name }));
        const model = new Map<Entry, number>();
        for (const [step, name, at] of steps) {
          const entry = step === 'pop' ? index.first : entries[name];
          if (entry === undefined) continue;
          if (step === 'set' || step === 'early') {
            index.set(entry, at);
            model.set(entry, at);
          } else {
            index.delete(entry);
            model.delete(entry);
          }
          expect(index.size).toBe(model.size);
          expect(index.firstAt).toBe(Math.min(...model.values()));
          const places = [...model.keys()].map(({ slot }) => slot).sort((a, b) => a - b);
          expect(places).toEqual(Array.from({ length: model.size }, (_, place) => place));
          for (const other of entries) {
            expect(index.at(other)).toBe(model.get(other) ?? Number.POSITIVE_INFINITY);
            if (!model.has(other)) expect(other.slot).toBe(-1);
          }
        }
        const drained: number[] = [];
        for (let { first } = index; first !== undefined; { first } = index) {
          drained.push(index.firstAt);
          index.delete(first);
        }
        expect(drained).toEqual([...model.values()].sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps its order while it grows to thousands and shrinks again', () => {
    const index = new DueHeap();
    const entries = Array.from({ length: 5000 }, () => ({ slot: -1 }));
    for (const [place, entry] of entries.entries()) index.set(entry, (place * 7919) % 5000);
    const drained: number[] = [];
    for (let { first } = index; first !== undefined; { first } = index) {
      drained.push(index.firstAt);
      index.delete(first);
    }
    expect(drained).toEqual(Array.from({ length: 5000 }, (_, at) => at));
  });

  it('is empty after a clear, and accepts every entry again', () => {
    const index = new DueHeap();
    const entries = [3, 1, 2].map((at) => ({ entry: { slot: -1 }, at }));
    for (const { entry, at } of entries) index.set(entry, at);
    index.clear();
    expect([index.size, index.first, entries.map(({ entry }) => entry.slot)]).toEqual([
      0,
      undefined,
      [-1, -1, -1],
    ]);
    for (const { entry, at } of entries) index.set(entry, at);
    expect([index.size, index.firstAt]).toEqual([3, 1]);
  });
});
