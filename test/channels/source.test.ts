import { ColloquyError, createContextStore, createRunner } from 'colloquy';
import { type SourceChannel, createSource } from 'colloquy/channels/source';
import { createWebhook } from 'colloquy/channels/webhook';
import { createDisk, memory } from 'colloquy/persist/memory';
import { writeBehind } from 'colloquy/persist/write-behind';
import { type Fault, createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PREFIX, Platform, createSourceWorld, echo } from './source-world.ts';
import { stubRunner } from './stubs.ts';

const SECOND = 1000;

describe('a source', () => {
  it('takes what users say, and pushes what is said to them', async () => {
    const { pass, platform, start, heard } = createSourceWorld();
    start();
    for (const [user, text] of [
      ['ann', 'one'],
      ['bob', 'two'],
      ['ann', 'three'],
    ] as const) {
      platform.say(user, text);
    }
    await pass();
    expect(platform.shown).toEqual(['ann: one', 'bob: two', 'ann: three']);
    expect(platform.confirmed).toBe(3);
    expect(await heard('ann')).toEqual(['one', 'three']);
  });

  it('takes a message again whose reply could not be stored, though the platform gives it once', async () => {
    const { pass, platform, start, heard } = createSourceWorld();
    let writes = 0;
    start({
      choose: ({ method }) => {
        if (method !== 'lease.save') return undefined;
        writes += 1;
        // The first one is the turn of the message.
        return writes === 2 ? { outcome: 'refused' } : undefined;
      },
    });
    platform.say('ann', 'one');
    await pass(SECOND);
    expect(platform.confirmed).toBe(1);
    expect(await heard('ann')).toEqual(['one']);
    expect(platform.shown).toEqual(['ann: one']);
  });

  it.each(['load', 'save'] as const)(
    'goes on where the persister never answers a %s of its place',
    async (missed) => {
      const { pass, platform, start, heard } = createSourceWorld();
      let isMissed = false;
      const first = start({
        choose: ({ method, openid }) => {
          if (method !== missed || openid?.startsWith(PREFIX) === true || isMissed)
            return undefined;
          isMissed = true;
          return { outcome: 'unanswered' };
        },
      });
      platform.say('ann', 'one');
      await pass(20 * SECOND);
      platform.say('ann', 'two');
      await pass(20 * SECOND);
      expect(isMissed).toBe(true);
      expect(await heard('ann')).toEqual(['one', 'two']);
      expect(platform.shown).toEqual(['ann: one', 'ann: two']);
      expect(first.errors).toEqual(['timeout']);
    },
  );

  it('continues where it was after a clean end, and asks for nothing twice', async () => {
    const { pass, platform, start } = createSourceWorld({ shared: false });
    const first = start();
    platform.say('ann', 'one');
    await pass();
    await first.stop();
    platform.say('ann', 'two');
    const second = start();
    await pass();
    expect(platform.shown).toEqual(['ann: one', 'ann: two']);
    expect([...first.errors, ...second.errors]).toEqual([]);
  });

  it('takes a message again that was committed when the process was killed, and counts it once', async () => {
    const { pass, platform, start, heard } = createSourceWorld();
    const first = start({
      // The process dies between the commit of the message and that of the cursor.
      choose: ({ method, openid }) => {
        if (method !== 'save' || openid?.startsWith('~') !== true) return undefined;
        first.kill();
        return { outcome: 'dropped' };
      },
    });
    platform.say('ann', 'one');
    await pass();
    expect(platform.confirmed).toBe(0);
    start();
    await pass(30 * SECOND);
    expect(platform.confirmed).toBe(1);
    expect(await heard('ann')).toEqual(['one']);
    expect(platform.shown).toEqual(['ann: one']);
  });

  it('confirms nothing that is not committed, tries it again, and keeps the order of its user', async () => {
    const { pass, platform, start, heard } = createSourceWorld({ shared: false });
    let refuses = true;
    start({
      choose: ({ method, openid }) =>
        method === 'save' && openid === 'line:ann' && refuses ? { outcome: 'refused' } : undefined,
    });
    for (const text of ['one', 'two']) platform.say('ann', text);
    platform.say('bob', 'three');
    await pass(20 * SECOND);
    expect(platform.confirmed).toBe(0);
    expect(platform.shown).toEqual(['bob: three']);
    refuses = false;
    await pass(30 * SECOND);
    expect(await heard('ann')).toEqual(['one', 'two']);
    expect(platform.shown).toEqual(['bob: three', 'ann: one', 'ann: two']);
    expect(platform.confirmed).toBe(3);
  });

  it('goes on where the answer to the save of its cursor was lost', async () => {
    const { pass, platform, start } = createSourceWorld({ shared: false });
    let lost = 0;
    const { errors } = start({
      choose: ({ method, openid }) => {
        const isLost = method === 'save' && openid?.startsWith('~') === true && lost === 0;
        if (isLost) lost += 1;
        return isLost ? { outcome: 'lost' } : undefined;
      },
    });
    platform.say('ann', 'one');
    await pass(10 * SECOND);
    platform.say('ann', 'two');
    await pass(10 * SECOND);
    expect(lost).toBe(1);
    expect(platform.confirmed).toBe(2);
    expect(platform.shown).toEqual(['ann: one', 'ann: two']);
    expect(errors.length).toBeLessThanOrEqual(1);
  });

  it('confirms what is written behind when it is written', async () => {
    const { pass, platform, start } = createSourceWorld({ shared: false });
    const disk = createDisk();
    const first = start({ store: { persister: writeBehind(memory(disk), { behindMs: 5000 }) } });
    platform.say('ann', 'one');
    await pass();
    expect(platform.confirmed).toBe(1);
    // Nobody waited for the five seconds, and it is on the disk.
    expect([...disk.records.keys()]).toContain('line:ann');
    await first.stop();
  });
});

it('no more than a hundred turns of a source run at a time; the next one begins when one has ended', async () => {
  const clock = createManualClock();
  const platform = new Platform(clock);
  const ends: (() => void)[] = [];
  const runner = stubRunner(async () => {
    await new Promise<void>((resolve) => ends.push(resolve));
    return [];
  });
  const source = createSource(runner, platform.channel(undefined, 150), { clock });
  for (let user = 0; user < 150; user += 1) platform.say(`user ${user}`, 'hi');
  await clock.advance(1);
  expect(runner.calls).toHaveLength(100);
  ends[0]?.();
  await clock.advance(1);
  expect(runner.calls).toHaveLength(101);
  const stopping = source.stop();
  for (const end of ends) end();
  await stopping;
});

describe('the end of a source', () => {
  it('finishes what it has taken, and takes nothing more', async () => {
    const clock = createManualClock();
    const platform = new Platform(clock);
    let finish = (): void => {};
    const runner = stubRunner(async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return ['done'];
    });
    const source = createSource(runner, platform.channel(), { clock });
    platform.say('ann', 'one');
    await clock.advance(0);
    let isStopped = false;
    const stopping = source.stop().then(() => (isStopped = true));
    platform.say('ann', 'two');
    await clock.advance(0);
    expect(isStopped).toBe(false);
    finish();
    await stopping;
    expect(runner.said.map(({ id }) => id)).toEqual(['0']);
    expect(platform.confirmed).toBe(1);
    await source.stop();
    await source.ended;
  });

  it('comes at once where the platform does not answer', async () => {
    const { start, pass, platform } = createSourceWorld();
    for (let i = 0; i < 20; i += 1) platform.faults.push(new Error('down'));
    const { stop, errors } = start();
    await pass(10 * SECOND);
    await stop();
    expect(errors).toContain('Error: down');
  });
});

describe('after an error', () => {
  const failed = (details: object = {}) =>
    new ColloquyError('source_failed', 'x', { retryable: true, details: { ...details } });

  it('it asks again, after longer and longer pauses', async () => {
    const { pass, platform, start } = createSourceWorld({ shared: false });
    for (let i = 0; i < 12; i += 1) platform.faults.push(failed());
    const { errors } = start();
    platform.say('ann', 'one');
    await pass(600 * SECOND);
    const pauses = platform.askedAt.slice(1, 12).map((at, i) => at - (platform.askedAt[i] ?? 0));
    for (const [index, pause] of pauses.entries()) {
      const longest = Math.min(1000 * 2 ** index, 60_000);
      expect(pause).toBeGreaterThanOrEqual(longest / 2);
      expect(pause).toBeLessThanOrEqual(longest);
    }
    expect(errors).toHaveLength(12);
    expect(platform.shown).toEqual(['ann: one']);
  });

  it('it asks no earlier than the platform says', async () => {
    const { pass, platform, start } = createSourceWorld({ shared: false });
    platform.faults.push(failed({ retryAfterMs: 45_000 }));
    start();
    await pass(60 * SECOND);
    expect((platform.askedAt[1] ?? 0) - (platform.askedAt[0] ?? 0)).toBe(45_000);
  });

  it('of the program, it ends for good and says so', async () => {
    const { pass, platform, start } = createSourceWorld();
    platform.faults.push(new ColloquyError('source_refused', 'x'));
    const { source, errors } = start();
    await pass(300 * SECOND);
    await expect(source.ended).rejects.toMatchObject({ code: 'source_refused' });
    expect(errors).toEqual(['source_refused']);
    expect(platform.askedAt).toHaveLength(1);
  });
});

describe('of several processes that share a persister', () => {
  it('one asks; when it ends, another one does, at once', async () => {
    const { pass, platform, start } = createSourceWorld();
    const first = start();
    await pass();
    start();
    await pass(300 * SECOND);
    await first.stop();
    platform.say('ann', 'one');
    await pass(2 * SECOND);
    expect(platform.shown).toEqual(['ann: one']);
    expect(platform.mostAtOnce).toBe(1);
  });

  it('another one takes over six seconds after it was killed', async () => {
    const { pass, platform, start } = createSourceWorld();
    const first = start();
    await pass();
    start();
    await pass(300 * SECOND);
    first.kill();
    platform.say('ann', 'one');
    await pass(7 * SECOND);
    expect(platform.shown).toEqual(['ann: one']);
  });

  it('one that cannot renew its lease ends before another one begins', async () => {
    const { pass, platform, start } = createSourceWorld();
    let isCut = false;
    const first = start({
      choose: ({ method }) =>
        isCut && method === 'lease.take' ? { outcome: 'dropped' } : undefined,
    });
    await pass();
    start();
    await pass(60 * SECOND);
    isCut = true;
    await pass(60 * SECOND);
    platform.say('ann', 'one');
    await pass();
    expect(platform.mostAtOnce).toBe(1);
    expect(first.errors).toContain('source_taken');
    expect(platform.shown).toEqual(['ann: one']);
    isCut = false;
  });

  it('one whose release is carried out late keeps what it has taken since', async () => {
    const { pass, platform, start } = createSourceWorld();
    let isSlow = true;
    const choose = ({ method }: { readonly method: string }): Fault | undefined => {
      if (!isSlow || method !== 'lease.release') return undefined;
      isSlow = false;
      return { beforeMs: 20 * SECOND };
    };
    platform.faults.push(new ColloquyError('source_failed', 'x', { retryable: true }));
    start({ choose });
    await pass(15 * SECOND);
    start();
    await pass(60 * SECOND);
    expect(isSlow).toBe(false);
    expect(platform.mostAtOnce).toBe(1);
  });
});

describe('what a source keeps', () => {
  it('is no conversation: it is not due, no user has its key, and no event tells of it', async () => {
    const { pass, disk, platform, start } = createSourceWorld({ shared: false });
    const { runner } = start();
    platform.say('ann', 'one');
    await pass();
    const keys = [...disk.records.keys()];
    expect(keys.toSorted()).toEqual(['line:ann', '~colloquy:source:line:']);
    expect(runner.stats().records).toBe(1);
    await pass(20 * 7 * 86_400 * SECOND);
    expect([...disk.records.keys()]).toEqual(['~colloquy:source:line:']);
    await expect(runner.handle('~colloquy:source:line:', 'hi')).rejects.toMatchObject({
      code: 'bad_openid',
    });
  });

  it('begins as new where it cannot be read, and says so', async () => {
    const { pass, disk, platform, start } = createSourceWorld();
    await memory(disk).save(
      { openid: '~colloquy:source:line:', body: '{"version":9}', wakeAt: 1e15 },
      undefined,
    );
    const { errors } = start();
    platform.say('ann', 'one');
    await pass();
    expect(errors).toEqual(['corrupt']);
    expect(platform.confirmed).toBe(1);
  });
});

describe('it is refused', () => {
  const channel = () => new Platform(createManualClock()).channel();
  const runnerOf = () => {
    const store = createContextStore();
    onTestFinished(() => store.close());
    return createRunner(echo, { store });
  };

  it('beside a webhook with the same users', async () => {
    const runner = runnerOf();
    createWebhook(runner, { ...channel(), receive: async () => ({ type: 'reject', status: 401 }) });
    expect(() => createSource(runner, channel())).toThrow(
      expect.objectContaining({ code: 'channel_taken' }),
    );
  });

  it.each([
    ['a channel that only takes requests', { name: 'x', prefix: 'x:' }, {}],
    ['an option that there is not', channel(), { hold: true }],
    ['no channel', undefined, {}],
  ])('with %s', (_, given, options) => {
    expect(() => createSource(runnerOf(), given as SourceChannel, options as object)).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
  });

  it('with typing that the channel cannot show', () => {
    expect(() => createSource(runnerOf(), channel(), { typing: true })).toThrow(
      expect.objectContaining({ code: 'cannot_type' }),
    );
  });
});
