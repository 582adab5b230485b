import { expect, it } from 'vitest';
import { Soak, heapUsed, judge } from './soak.ts';

it('the heap stays flat under large replies, redeliveries and failing listeners', async () => {
  const soak = new Soak({ users: 50, max: 25, maxWeight: 2 * 1024 * 1024 });
  const samples: number[] = [];
  for (let round = 0; round < 30; round += 1) {
    await soak.round();
    samples.push(heapUsed());
  }
  await soak.end();
  const { messages, duplicates, said, errors } = soak.counts;
  expect([messages, duplicates, said]).toEqual([1500, 150, 75]);
  expect(errors).toBeGreaterThan(100);
  expect(judge(samples)).toMatchObject({ isFlat: true });
});

it.each([
  ['grows by a tenth', (n: number) => 100 + n / 5, false],
  ['grows at first alone', (n: number) => Math.min(n, 10) + 100, true],
  ['goes up and down', (n: number) => 100 + (n % 7), true],
])('a heap that %s is judged', (_what, sampleAt, isFlat) => {
  const samples = Array.from({ length: 50 }, (_, n) => sampleAt(n));
  expect(judge(samples).isFlat).toBe(isFlat);
});

it('too few samples are refused', () => {
  expect(() => judge([1, 2, 3])).toThrow('ten samples');
});
