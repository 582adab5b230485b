import { expect, it } from 'vitest';
import { surviveBursts } from './burst-crash.ts';
import { MISSING, inFolder, onRedis } from './subjects.ts';

// `npm run test:crash -- --on burst` (or `burst-redis`) does the same over a hundred kills, with another seed each time.
it('over fifteen killed processes on LMDB each text of a burst is in exactly one turn', async () => {
  const subject = await inFolder('lmdb');
  const survived = await surviveBursts(subject, { kills: 15, seed: 1 });
  await subject.close();
  expect(survived).toMatchObject({ breaches: [], errors: [], passing: 0 });
  expect(survived.acknowledged).toBeGreaterThan(100);
  expect(survived.redelivered).toBeGreaterThan(0);
  expect(survived.bursts).toBeGreaterThan(20);
}, 120_000);

it('over three killed servers of Redis as well', async ({ skip }) => {
  const subject = await onRedis();
  if (subject === undefined) {
    expect(process.env['CI'], 'what CI runs has Redis').not.toBe('true');
    return skip(MISSING.redis);
  }
  const survived = await surviveBursts(subject, { kills: 3, seed: 1 });
  await subject.close();
  expect(survived).toMatchObject({ breaches: [], errors: [] });
  expect(survived.bursts).toBeGreaterThan(5);
}, 180_000);
