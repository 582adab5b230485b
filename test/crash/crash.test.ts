import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type CrashSubject, survive } from './crash.ts';

const SECONDS = 1000;

async function inFolder(fixture: string): Promise<CrashSubject> {
  const path = await mkdtemp(join(tmpdir(), 'colloquy-crash-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return { persister: { module: new URL(fixture, import.meta.url).href, options: { path } } };
}

// `npm run test:crash` does the same two hundred times, by another chance each time.
it(
  'over twenty killed processes no turn is lost, none counts twice and every timer fires once',
  async () => {
    const survived = await survive(await inFolder('lmdb.fixture.ts'), { kills: 20, seed: 1 });
    expect(survived).toMatchObject({ breaches: [], errors: [] });
    expect(survived.acknowledged).toBeGreaterThan(200);
    expect(survived.redelivered).toBeGreaterThan(0);
    expect(survived.timers).toBeGreaterThan(20);
  },
  120 * SECONDS,
);

it(
  'a persister that answers before it has written is found out',
  async () => {
    const subject = await inFolder('forgetful.fixture.ts');
    const { breaches } = await survive(subject, { kills: 4, seed: 1 });
    expect(breaches).toContainEqual(expect.stringMatching(/^message \d+: 0 times$/));
  },
  60 * SECONDS,
);
