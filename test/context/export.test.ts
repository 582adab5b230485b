import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';

const words = setupDialogue({
  types: {} as { context: { secret?: string } },
  actors: { hang: fromPromise(({ input }: { input: string }) => new Promise(() => input)) },
});
const dialogue = words.createDialogue({
  id: 'telling',
  version: '1',
  context: {},
  initial: 'open',
  states: {
    open: {
      on: {
        'message.text': {
          target: 'told',
          actions: [
            words.assign({ secret: ({ event }) => event.text }),
            words.reply(({ event }) => `You said ${event.text}.`),
          ],
        },
      },
    },
    told: {
      invoke: { src: 'hang', input: ({ context }) => `about ${context.secret}` },
      after: { 60_000: { actions: words.reply(({ context }) => `Remember ${context.secret}.`) } },
    },
  },
});

async function converse(shared: boolean) {
  const clock = createManualClock();
  const disk = createDisk();
  const store = createContextStore({ clock, persister: memory(disk, { shared, clock }) });
  const runner = createRunner(dialogue, { store });
  runner.on('error', () => undefined);
  runner.on('reply', () => Promise.reject(new Error('no network')));
  onTestFinished(() => store.close());
  const turn = runner.handle('ann-42', 'CANARY', { id: 'id-7' });
  await clock.advance({ seconds: 5 });
  await turn;
  await clock.advance({ minutes: 1 });
  return { clock, disk, store, runner };
}

describe.each([
  ['one process', false],
  ['several processes', true],
])('the data about a user, by %s', (_, shared) => {
  it('can be exported in full', async () => {
    const { store } = await converse(shared);
    const data = await store.export('ann-42');
    expect(data).toMatchObject({
      openid: 'ann-42',
      context: { secret: 'CANARY' },
      dialogue: { id: 'telling', version: '1', snapshot: { value: 'told' } },
      timers: [],
      services: [{ src: 'hang', input: 'about CANARY' }],
      seen: [{ id: 'id-7', replies: [{ type: 'text', text: 'You said CANARY.' }] }],
      outbox: [{ type: 'text', text: 'Remember CANARY.' }],
    });
    expect(await store.export('bob')).toBeUndefined();
  });

  it('can be erased everywhere, and no later write restores it', async () => {
    const { store, disk, clock, runner } = await converse(shared);
    const raw = (): string => JSON.stringify([[...disk.records], [...(disk.leases ?? [])]]);
    expect(raw()).toContain('CANARY');
    const running = store.update('ann-42', async (context) => {
      await Promise.resolve();
      context.set('secret', 'CANARY again');
    });
    const erased = store.erase('ann-42');
    await clock.advance({ seconds: 1 });
    await running;
    expect(await erased).toBe(true);
    await clock.advance({ minutes: 10 });
    expect(raw()).not.toMatch(/CANARY|ann-42|id-7/);
    expect(await store.exists('ann-42')).toBe(false);
    expect(await store.erase('ann-42')).toBe(false);
    await runner.stop();
  });
});

it('a store counts its records, due times, lanes, leases and unwritten records', async () => {
  const { store, clock } = await converse(true);
  expect(store.stats()).toEqual({ records: 1, due: 1, lanes: 0, leases: 0, unwritten: 0 });
  await store.erase('ann-42');
  await clock.advance({ seconds: 1 });
  expect(store.stats()).toEqual({ records: 0, due: 0, lanes: 0, leases: 0, unwritten: 0 });
});
