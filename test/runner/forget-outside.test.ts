import { DeliveryError, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { fromPromise } from 'xstate';
import { type World, createWorld, deferred } from './world.ts';

let found = deferred<string>();
const { assign, createDialogue, forget, reply } = setupDialogue({
  types: {} as { context: { name?: string } },
  events: { left: {}, closed: {}, searched: {}, muted: {} },
  actors: { find: fromPromise(() => found.promise) },
});
const bye = [reply('Bye.'), forget()];

/** A dialogue that forgets its user at many occasions, and says so. */
const account = createDialogue({
  id: 'account',
  context: {},
  initial: 'on',
  on: {
    'event.left': { actions: bye },
    'event.closed': '.over',
    'event.searched': '.finding',
    'event.muted': '.waiting',
    'message.text': { actions: [assign({ name: 'Ann Secret' }), reply('Hello.')] },
    'message.link': { actions: bye },
  },
  states: {
    on: {},
    finding: {
      invoke: { src: 'find', onDone: { target: 'on', actions: [reply('Bye.'), forget()] } },
    },
    waiting: { after: { 60_000: { target: 'on', actions: bye } } },
    over: { type: 'final', entry: bye },
  },
});

/** Where users are stored, with the number of their records there, and of the leases on them. */
const places = {
  'in memory': () => ({ world: createWorld(account), left: () => [0, 0] }),
  'over a persister': () => {
    const disk = createDisk();
    const world = createWorld(account, { storeOptions: { persister: memory(disk) } });
    return { world, left: () => [disk.records.size, 0] };
  },
  'with leases': () => {
    const disk = createDisk();
    const clock = createManualClock();
    const persister = memory(disk, { shared: true, clock });
    const world = createWorld(account, { clock, storeOptions: { persister } });
    return { world, left: () => [disk.records.size, disk.leases?.size ?? 0] };
  },
};

type Way = (world: World, id: { id?: string }) => Promise<unknown>;

const ways: Record<string, Way> = {
  'an event from outside': ({ runner }, id) => runner.send('u', { type: 'event.left' }, id),
  'one that ends the dialogue': ({ runner }, id) => runner.send('u', { type: 'event.closed' }, id),
  'a service that one started': async ({ runner }, id) => {
    await runner.send('u', { type: 'event.searched' }, id);
    found.resolve('x');
  },
  'a timer that one set': async ({ runner, clock }, id) => {
    await runner.send('u', { type: 'event.muted' }, id);
    await clock.advance({ minutes: 1 });
  },
  'a message whose caller has left': async ({ runner, store, clock }, id) => {
    const gate = deferred();
    const update = store.update('u', () => gate.promise);
    const link = { type: 'message.link', url: 'https://x' } as const;
    const turn = runner.handle('u', link, { ...id, deadlineMs: 10 });
    await clock.advance({ seconds: 1 });
    expect((await turn).outcome).toBe('pending');
    gate.resolve();
    await update;
  },
};

const table = Object.entries(places).flatMap(([where, place]) =>
  Object.entries(ways).map(([by, way]) => [by, where, place, way] as const),
);

describe.each(table)('a user who is forgotten by %s, %s,', (_by, _where, place, way) => {
  it.each([
    ['had a conversation', true],
    ['were unknown', false],
  ])('leaves no record if they %s, and is told once', async (_, isKnown) => {
    found = deferred();
    const { world, left } = place();
    const { runner, store, clock, said, errors } = world;
    if (isKnown) await runner.handle('u', 'hi');
    const flushed: string[] = [];
    store.on('flush', ({ openid }) => flushed.push(openid));
    await way(world, {});
    await clock.advance({ seconds: 5 });
    expect(await store.exists('u')).toBe(false);
    expect([store.size, left(), said, errors]).toEqual([0, [0, 0], ['u: Bye.'], []]);
    expect(flushed.length).toBeLessThanOrEqual(1);
    await clock.advance({ hours: 3 });
    expect(said).toEqual(['u: Bye.']);
  });

  it('leaves nothing but the id of the event, for as long as it may come again', async () => {
    found = deferred();
    const { world, left } = place();
    const { runner, store, clock, said, errors } = world;
    await runner.handle('u', 'hi', { id: 'm' });
    const flushed: string[] = [];
    const saved: string[] = [];
    await way(world, { id: 'e' });
    store.on('flush', ({ openid }) => flushed.push(openid));
    store.on('save', ({ openid }) => saved.push(openid));
    await clock.advance({ seconds: 5 });
    expect([await store.exists('u'), await runner.inspect('u')]).toEqual([false, undefined]);
    expect((await store.open('u')).toJSON()).toEqual({});
    await clock.advance({ minutes: 10, seconds: 1 });
    expect([store.size, left(), said, errors]).toEqual([0, [0, 0], ['u: Bye.'], []]);
    expect([saved, flushed.length <= 1]).toEqual([[], true]);
  });
});

describe.each(Object.entries(places))('a user who is forgotten %s', (_where, place) => {
  it.each([
    ['while a reply to them is being delivered', false],
    ['while one waits for their next message', true],
  ])('%s, is told of once, and leaves no record', async (_, isClosed) => {
    const { world, left } = place();
    const { runner, store, clock } = world;
    const gate = deferred();
    const flushed: string[] = [];
    const saved: string[] = [];
    await runner.handle('u', 'hi', { id: 'm' });
    const off = runner.on('reply', async () => {
      if (isClosed) throw new DeliveryError('push_closed', 'The user has to write first.');
      await gate.promise;
    });
    await runner.say('u', 'News.');
    await clock.advance({ seconds: 1 });
    store.on('flush', ({ openid }) => flushed.push(openid));
    await runner.send('u', { type: 'event.left' }, { id: 'e' });
    store.on('save', ({ openid }) => saved.push(openid));
    gate.resolve();
    off();
    await clock.advance({ seconds: 5 });
    expect([await store.exists('u'), flushed, saved]).toEqual([false, ['u'], []]);
    await clock.advance({ minutes: 10, seconds: 1 });
    expect([store.size, left()]).toEqual([0, [0, 0]]);
  });

  it('may get a reply afterwards, and is forgotten only once', async () => {
    const { world, left } = place();
    const { runner, store, clock, said } = world;
    await runner.handle('u', 'hi', { id: 'm' });
    await runner.send('u', { type: 'event.left' }, { id: 'e' });
    const flushed: string[] = [];
    store.on('flush', ({ openid }) => flushed.push(openid));
    await runner.say('u', 'News.');
    await clock.advance({ seconds: 5 });
    expect([said, flushed, await store.exists('u')]).toEqual([['u: Bye.', 'u: News.'], [], false]);
    await clock.advance({ minutes: 10, seconds: 1 });
    expect([store.size, left()]).toEqual([0, [0, 0]]);
  });
});
