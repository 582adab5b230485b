import { describe, expect, it, onTestFinished } from 'vitest';
import { type CrashSubject, survive } from './crash.ts';
import { MISSING, type OpenSubject, inFolder, onPostgres, onRedis } from './subjects.ts';

const SECONDS = 1000;

function closed(subject: OpenSubject): CrashSubject {
  onTestFinished(() => subject.close());
  return subject;
}

// `npm run test:crash` does the same over two hundred kills, with another seed each time.
it.each(['lmdb', 'sqlite'] as const)(
  'over twenty killed processes on %s no turn is lost, none counts twice and every timer fires once',
  async (name) => {
    const subject = closed(await inFolder(name));
    const survived = await survive(subject, { kills: 20, seed: 1 });
    expect(survived).toMatchObject({ breaches: [], errors: [], passing: 0 });
    expect(survived.acknowledged).toBeGreaterThan(200);
    expect(survived.redelivered).toBeGreaterThan(0);
    expect(survived.timers).toBeGreaterThan(20);
  },
  120 * SECONDS,
);

// `npm run test:crash -- --on redis` (or `postgres`) kills the server twenty times.
describe.each([
  ['Redis', onRedis, MISSING.redis],
  ['PostgreSQL', onPostgres, MISSING.postgres],
])('over four killed servers of %s', (name, open, missing) => {
  it(
    'no turn is lost, none counts twice and every timer fires once',
    async ({ skip }) => {
      const subject = await open();
      if (subject === undefined) {
        expect(process.env['CI'], `what CI runs has ${name}`).not.toBe('true');
        return skip(missing);
      }
      const survived = await survive(closed(subject), { kills: 4, seed: 1 });
      expect(survived).toMatchObject({ breaches: [], errors: [] });
      expect(survived.acknowledged).toBeGreaterThan(40);
      expect(survived.timers).toBeGreaterThan(10);
    },
    180 * SECONDS,
  );
});

it(
  'the crash test finds out a persister that answers before it has written',
  async () => {
    const subject = closed(await inFolder('forgetful'));
    const { breaches } = await survive(subject, { kills: 4, seed: 1 });
    expect(breaches).toContainEqual(expect.stringMatching(/^message \d+: 0 times$/));
  },
  60 * SECONDS,
);
