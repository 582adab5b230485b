import { type AnyStateMachine, fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { setupDialogue, text } from 'colloquy';
import { reload } from '../../src/studio/session/reloading.ts';
import type { Hello } from '../../src/studio/wire.ts';
import { PageOfDesk } from './session-desk.ts';

const ran = { book: 0 };

interface Version {
  readonly hello?: string;
  readonly third?: 'name' | 'call';
  readonly hears?: string;
  readonly version?: string;
}

/** Asks two things; its versions have other texts, another state or another name for a state. */
function versionOf({
  hello = 'Who are you?',
  third,
  hears = 'message.text',
  version,
}: Version = {}): AnyStateMachine {
  const { ask, createDialogue, done, reply } = setupDialogue({
    types: {} as { context: { name?: string; what?: string } },
    actors: {
      book: fromPromise<number, string>(async () => {
        ran.book += 1;
        return ran.book;
      }),
    },
  });
  const what = third === 'call' ? 'call' : 'what';
  return createDialogue({
    id: 'order',
    ...(version !== undefined && { version }),
    context: {},
    initial: 'name',
    states: {
      name: ask({ question: hello, parse: text(), assign: 'name', target: 'booking' }),
      booking: {
        invoke: {
          src: 'book',
          input: ({ context }: { context: { name?: string } }) => context.name ?? '',
          onDone: {
            target: what,
            actions: reply(
              ({ event }) => `Number ${String((event as { output?: unknown }).output)}.`,
            ),
          },
        },
      },
      [what]: {
        entry: reply('And what?'),
        on: { [hears]: 'over' },
        after: { 60_000: { actions: reply('Still there?') } },
      },
      ...(third === undefined ? {} : { [third === 'call' ? 'other' : 'third']: {} }),
      over: done('Bye.'),
    } as never,
  }) as never;
}

async function talked(): Promise<PageOfDesk> {
  const page = new PageOfDesk({ dialogue: versionOf() });
  await page.say('ann', 'hi', 'Ann');
  await page.ask('advance', { by: 30_000 });
  return page;
}

/** Saves the file with another version. @returns what the page is told */
async function save(page: PageOfDesk, version: Version): Promise<Hello['reload']> {
  const { session } = page.desk;
  page.desk.reloaded(await reload(session, { ...session.subject, dialogue: versionOf(version) }));
  const [hello] = page.desk.backlog();
  return hello?.name === 'hello' ? hello.data.reload : undefined;
}

describe('a dialogue that is loaded again', () => {
  it('keeps the conversations where states and transitions are the same', async () => {
    const page = await talked();
    expect(await save(page, { hello: 'Your name, please?' })).toMatchObject({ how: 'kept' });
    expect(page.turns).toHaveLength(2);
    expect(page.state('ann')).toBe('what');
    await page.ask('advance', { by: 30_000 });
    expect(page.said.at(-1)).toBe('Still there?');
    await page.say('bob', 'hi');
    expect(page.said.at(-1)).toBe('Your name, please?');
  });

  it('continues with them where they fit another structure', async () => {
    const page = await talked();
    expect(await save(page, { third: 'name' })).toMatchObject({
      how: 'migrated',
      why: 'The conversations fit the new version.',
    });
    expect(page.state('ann')).toBe('what');
    await page.say('ann', 'tea');
    expect(page.said.at(-1)).toBe('Bye.');
  });

  it('says everything again where they do not fit, and runs no service again', async () => {
    const page = await talked();
    const before = ran.book;
    expect(await save(page, { third: 'call' })).toMatchObject({ how: 'replayed' });
    expect(page.state('ann')).toBe('call');
    expect(page.turns.map(({ turn }) => turn)).toEqual([1, 2]);
    expect(page.said).toEqual(['Who are you?', `Number ${before}.`, 'And what?']);
    expect(ran.book).toBe(before);
  });

  it('begins again where it does not take what was said, either', async () => {
    const page = await talked();
    await page.say('ann', 'tea');
    await page.say('bob', 'hi', 'Bob');
    expect(await save(page, { third: 'call', hears: 'event.menu' })).toMatchObject({
      how: 'restarted',
      why: expect.stringContaining("'bob'"),
    });
    expect(page.turns).toEqual([]);
    expect(page.view('ann')).toBeUndefined();
    await page.say('ann', 'hi');
    expect(page.said).toEqual(['Who are you?']);
  });

  it('keeps how services were set, and what can be undone', async () => {
    const page = await talked();
    await page.ask('service', { name: 'book', mode: 'fail' });
    await save(page, { hello: 'Name?' });
    expect(page.desk.session.services.settings).toMatchObject([{ name: 'book', mode: 'fail' }]);
    await page.ask('undo', {});
    expect(await page.ask('undo', {})).toEqual({ turn: 1 });
    expect(page.state('ann')).toBe('name');
  });

  it('is refused where its config does not fit, and the former one goes on', async () => {
    const page = await talked();
    const { session } = page.desk;
    const next = { ...session.subject, settings: { services: { nothing: () => 1 } } };
    await expect(reload(session, next)).rejects.toMatchObject({ code: 'bad_service' });
    await expect(
      reload(session, { ...session.subject, settings: { deadlineMs: -1 } }),
    ).rejects.toMatchObject({ code: 'bad_option' });
    await page.say('ann', 'tea');
    expect(page.said.at(-1)).toBe('Bye.');
  });

  it('restarts a service that was running, under its key, as the same call', async () => {
    const page = new PageOfDesk({ dialogue: versionOf() });
    await page.ask('service', { name: 'book', mode: 'late', lateMs: 10_000 });
    await page.say('ann', 'hi', 'Ann');
    await save(page, { hello: 'Name?' });
    await page.ask('advance', { by: 10_000 });
    expect(page.said.at(-1)).toBe('And what?');
    expect((await page.saved('chat')).match(/~ book/gu)).toHaveLength(1);
  });
});
