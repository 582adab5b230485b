import { type Persister, createContextStore, createRunner, setupDialogue } from 'colloquy';
import { type WebUser, createWebChat } from 'colloquy/channels/web';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { atRest } from '../../../src/internal/async.ts';
import { RoomLog } from '../../../src/channels/web/room-log.ts';
import { UserLine } from '../../../src/channels/web/user-line.ts';
import { UserLines } from '../../../src/channels/web/user-lines.ts';
import { BrowserPage } from './browser-page.ts';

const { createDialogue, reply } = setupDialogue({ types: {} });
const isText =
  (text: string) =>
  ({ event }: { event: { text: string } }) =>
    event.text === text;

/** Says who said what; tells a person a secret, or says something to all and to Bob a minute later. */
const talk = createDialogue({
  id: 'talk',
  initial: 'idle',
  states: {
    idle: {
      on: {
        'message.text': [
          {
            guard: isText('secret'),
            actions: [
              reply(({ event }) => ({ type: 'text', text: 'A card', to: event.from?.id ?? '' })),
              reply('Cards are out.'),
            ],
          },
          { guard: isText('later'), target: 'later' },
          { actions: reply(({ event }) => `${event.from?.name} said ${event.text}`) },
        ],
      },
    },
    later: {
      after: {
        60_000: {
          target: 'idle',
          actions: [reply({ type: 'text', text: 'For Bob', to: 'bob' }), reply('For all')],
        },
      },
    },
  },
});

function openRoom(options: { clock?: ManualClock; persister?: Persister; greet?: boolean } = {}) {
  const { clock = createManualClock(), persister, greet = false } = options;
  const store = createContextStore({ clock, ...(persister && { persister }) });
  const runner = createRunner(talk, { store });
  const errors: unknown[] = [];
  runner.on('error', ({ error }) => errors.push(error));
  const getUser = ({ headers }: Request): WebUser => {
    const [id = '', room] = (headers.get('x-user') ?? '').split('@');
    return { id, name: id.toUpperCase(), room };
  };
  const chat = createWebChat(runner, { getUser, greet, onError: (error) => errors.push(error) });
  onTestFinished(() => {
    chat.close();
    return store.close();
  });
  const page = (user: string): BrowserPage => {
    const own = new BrowserPage(chat);
    own.headers = { ...own.headers, 'x-user': user };
    return own;
  };
  /** A page with a stream. */
  const open = async (user: string): Promise<BrowserPage> => {
    const own = page(user);
    await own.open();
    return own;
  };
  const kill = async (): Promise<void> => {
    chat.close();
    await runner.stop();
    await store.close();
  };
  return { clock, runner, errors, chat, page, open, kill };
}

describe('a room', () => {
  it('is one conversation, in which each sees what the others say and all that is answered, in the same order', async () => {
    const { open, runner } = openRoom();
    const [ann, bob] = [await open('ann@tea'), await open('bob@tea')];
    const carl = await open('carl@coffee');
    await ann.say('hi');
    await bob.say('ho');
    await atRest();
    expect(ann.shown).toEqual(['> hi', 'ANN said hi', 'BOB> ho', 'BOB said ho']);
    expect(bob.shown).toEqual(['ANN> hi', 'ANN said hi', '> ho', 'BOB said ho']);
    expect(carl.shown).toEqual([]);
    expect(await runner.standing('web:#tea', [])).toMatchObject({ isKept: true });
  });

  it('is never the conversation of a person, with any name', async () => {
    const { open, page, errors } = openRoom();
    const ann = await open('ann');
    await (await open('bob@ann')).say('hi');
    expect(ann.shown).toEqual([]);
    expect((await page('#tea').post({ type: 'hello' })).status).toBe(500);
    expect((await page('ann@').post({ type: 'hello' })).status).toBe(500);
    expect(errors).toMatchObject([{ code: 'bad_option' }, { code: 'bad_option' }]);
  });

  it('counts messages of two persons that have the same id', async () => {
    const { open } = openRoom();
    const [ann, bob] = [await open('ann@tea'), await open('bob@tea')];
    await ann.say('hi', 'm1');
    await bob.say('ho', 'm1');
    await ann.say('hi', 'm1');
    await atRest();
    expect(ann.shown).toEqual(['> hi', 'ANN said hi', 'BOB> ho', 'BOB said ho']);
    expect(bob.shown).toContain('BOB said ho');
  });

  it('shows what is for one person to this one alone', async () => {
    const { open, errors, clock } = openRoom();
    const [ann, bob] = [await open('ann@tea'), await open('bob@tea')];
    await ann.say('secret');
    await ann.say('later');
    await clock.advance({ minutes: 1 });
    expect(ann.shown).toEqual(['> secret', 'A card', 'Cards are out.', '> later', 'For all']);
    expect(bob.shown).toEqual([
      'ANN> secret',
      'Cards are out.',
      'ANN> later',
      'For Bob',
      'For all',
    ]);
    expect(JSON.stringify(ann.events)).not.toContain('For Bob');
    expect(JSON.stringify(bob.events)).not.toContain('A card');
    expect(errors).toEqual([]);
  });

  it('does not wait for an absent person, who gets it when they connect', async () => {
    const { open, page, clock } = openRoom();
    const ann = await open('ann@tea');
    await ann.say('later');
    await clock.advance({ minutes: 1 });
    expect(ann.shown).toEqual(['> later', 'For all']);
    const bob = page('bob@tea');
    await bob.open();
    expect(bob.shown).toEqual(['ANN> later', 'For Bob', 'For all']);
  });

  it('has for a page that connects again what it has missed, once', async () => {
    const { open, clock } = openRoom();
    const [ann, bob] = [await open('ann@tea'), await open('bob@tea')];
    await ann.say('hi');
    await bob.disconnect();
    await ann.say('ho');
    await ann.say('later');
    await clock.advance({ minutes: 1 });
    await bob.open();
    expect(bob.shown).toEqual([
      ...['ANN> hi', 'ANN said hi', 'ANN> ho', 'ANN said ho'],
      ...['ANN> later', 'For Bob', 'For all'],
    ]);
    expect(ann.shown).toEqual(['> hi', 'ANN said hi', '> ho', 'ANN said ho', '> later', 'For all']);
  });

  it('keeps a reply until each person who is there has acknowledged it, also over a kill', async () => {
    const disk = createDisk();
    const first = openRoom({ persister: memory(disk) });
    const [ann, bob] = [await first.open('ann@tea'), await first.open('bob@tea')];
    await ann.say('later');
    bob.acknowledges = false;
    await first.clock.advance({ minutes: 1 });
    expect((await first.runner.inspect('web:#tea'))?.unsent).toBe(2);
    await first.kill();
    const next = openRoom({ persister: memory(disk), clock: first.clock });
    await next.runner.start();
    for (const page of [ann, bob]) page.chat = next.chat;
    bob.acknowledges = true;
    await ann.open();
    await bob.open();
    await next.clock.advance({ seconds: 1 });
    expect(ann.shown).toEqual(['> later', 'For all']);
    expect(bob.shown).toEqual(['ANN> later', 'For Bob', 'For all']);
    expect((await next.runner.inspect('web:#tea'))?.unsent).toBe(0);
  });

  it('waits only for a time for a person whose page is frozen', async () => {
    const { open, runner, clock } = openRoom({ persister: memory(createDisk()) });
    const [ann, eve] = [await open('ann@tea'), await open('eve@tea')];
    eve.acknowledges = false;
    await ann.say('later');
    await clock.advance({ seconds: 69 });
    expect(ann.shown).toEqual(['> later', 'For all']);
    expect([ann.isConnected, eve.isConnected]).toEqual([true, false]);
    expect((await runner.inspect('web:#tea'))?.unsent).toBe(0);
    await eve.open();
    expect(eve.shown).toEqual(['ANN> later', 'For all']);
  });

  it('takes messages only of pages with a stream, and greets no person', async () => {
    const { page, runner } = openRoom({ greet: true });
    const ann = page('ann@tea');
    expect((await ann.hello()).replies).toEqual([]);
    const message = { type: 'message', id: 'm1', message: { type: 'message.text', text: 'hi' } };
    expect((await ann.post(message)).status).toBe(503);
    const parts = [{ type: 'text', text: 'hi' }];
    const ui = { messages: [{ id: 'u1', role: 'user', parts }] };
    expect((await ann.post(ui)).status).toBe(400);
    expect(runner.stats().records).toBe(0);
  });
});

describe('a room at its limits', () => {
  it('has 256 pages: one more closes the page that connected first', async () => {
    const clock = createManualClock();
    const about = { openid: 'web:#tea', clock, onBeat: () => {}, onEmpty: () => {} };
    const line = new UserLine(about);
    for (let index = 0; index < 256; index += 1) line.open(`p${index}`, false);
    expect(line.has('p0')).toBe(true);
    line.open('p256', false);
    expect([line.size, line.has('p0'), line.has('p1')]).toEqual([256, false, true]);
  });

  it('is one of the last 1000 rooms of which it is kept what was said', async () => {
    const { runner, clock } = openRoom();
    const lines = new UserLines({ runner, prefix: 'web:', clock, report: () => {} });
    const tell = (room: number): void =>
      lines.tell(`web:#${room}`, 'k', () => ({ type: 'draft', text: 'kept' }), {});
    for (let room = 0; room <= 1000; room += 1) tell(room);
    const told = async (room: number): Promise<string> => {
      const page = lines.open({ openid: `web:#${room}`, id: 'ann' });
      page?.close();
      return new Response(page?.body).text();
    };
    expect(await told(0)).not.toContain('kept');
    expect(await told(1)).toContain('kept');
  });
});

describe('what is kept of a room', () => {
  it('is a maximum of 100 lines and of 64 KiB, the newest', () => {
    const log = new RoomLog();
    for (let index = 0; index < 120; index += 1) {
      log.add(String(index), () => ({ type: 'draft', text: String(index) }), {});
    }
    expect(log.eventsFor('ann')).toHaveLength(100);
    expect(log.eventsFor('ann')[0]).toEqual({ type: 'draft', text: '20' });
    const text = 'x'.repeat(30_000);
    for (let index = 0; index < 3; index += 1) {
      log.add(`long ${index}`, () => ({ type: 'draft', text }), { text });
    }
    expect(log.eventsFor('ann')).toHaveLength(2);
  });
});
