import { describe, expect, it, onTestFinished } from 'vitest';
import { surviveSource } from './source-crash.ts';
import { MISSING, inFolder, onRedis } from './subjects.ts';

const SECONDS = 1000;

// `npm run test:crash -- --on source` (or `source-redis`, `ilink`) does the same over a hundred kills, with another seed each time.
describe('a bot that asks for its messages and is killed between two frames', () => {
  it(
    'loses no message on LMDB, and takes none twice, over twelve kills',
    async () => {
      const subject = await inFolder('lmdb');
      onTestFinished(() => subject.close());
      const { persister } = subject;
      const survived = await surviveSource({
        platform: 'telegram',
        persister,
        processes: 1,
        kills: 12,
        seed: 1,
      });
      expect(survived).toMatchObject({ breaches: [], complaints: '' });
      expect(survived.givenAgain).toBeGreaterThan(0);
      expect(survived.saidAgain).toBeLessThanOrEqual(12 * 6);
    },
    120 * SECONDS,
  );

  it(
    'loses no message of iLink on LMDB, and takes none twice, over twelve kills',
    async () => {
      const subject = await inFolder('lmdb');
      onTestFinished(() => subject.close());
      const { persister } = subject;
      const platform = 'ilink';
      const survived = await surviveSource({
        platform,
        persister,
        processes: 1,
        kills: 12,
        seed: 1,
      });
      expect(survived).toMatchObject({ breaches: [], complaints: '' });
      expect(survived.givenAgain).toBeGreaterThan(0);
      // iLink shows a reply with the same id once; one that had to wait for another token has another id.
      expect(survived.saidAgain).toBeLessThanOrEqual(12);
    },
    120 * SECONDS,
  );

  it(
    'loses no message on Redis, and takes none twice, where another process takes over, over four kills',
    async ({ skip }) => {
      const subject = await onRedis();
      if (subject === undefined) {
        expect(process.env['CI'], 'what CI runs has Redis').not.toBe('true');
        return skip(MISSING.redis);
      }
      onTestFinished(() => subject.close());
      const { persister } = subject;
      const survived = await surviveSource({
        platform: 'telegram',
        persister,
        processes: 2,
        kills: 4,
        seed: 1,
      });
      expect(survived).toMatchObject({ breaches: [], complaints: '' });
    },
    180 * SECONDS,
  );
});
