import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { confirm, integer, setupDialogue } from 'colloquy';
import { Ways } from '../../src/studio/session/ways.ts';
import { PageOfDesk, START } from './session-desk.ts';

const { ask, createDialogue, done, reply } = setupDialogue({
  types: {} as { context: { people?: number } },
  actors: { book: fromPromise<{ ok: boolean }, number>(async () => ({ ok: false })) },
});

/** The state `late` is behind a service that the real one never gives, and a timer. */
const table = createDialogue({
  id: 'table',
  context: {},
  initial: 'people',
  states: {
    people: ask({
      question: 'How many?',
      parse: integer({ min: 1, max: 9 }),
      assign: 'people',
      target: 'booking',
    }),
    booking: {
      invoke: {
        src: 'book',
        input: ({ context }) => context.people ?? 0,
        onDone: [
          { guard: ({ event }) => event.output.ok, target: 'booked' },
          { target: 'people', actions: reply('Full.') },
        ],
        onError: 'people',
      },
    },
    booked: {
      entry: reply('Booked.'),
      after: { 60_000: 'late' },
      on: { 'message.text': 'asked' },
    },
    late: { entry: reply('Are you coming?'), on: { 'message.text': 'over' } },
    asked: ask({ question: 'Sure?', parse: confirm(), target: 'over' }),
    over: done('Bye.'),
    island: {},
  },
});

const explore = { services: { book: [{ ok: true }] } };

describe('the way to a state', () => {
  it('is a short conversation, with time, and plays as a new user', async () => {
    const page = new PageOfDesk({ dialogue: table, explore });
    const { messages, lines } = await page.ask('path', { box: 'table:late' });
    expect(messages.at(-1)).toEqual({ advance: 60_000 });
    expect(lines.join('\n')).toContain('~ book gives {"ok":true}');
    const { openid } = await page.ask('play', { messages });
    expect(openid).toBe('visitor-1');
    expect(page.state(openid)).toBe('late');
    expect(page.desk.session.clock.now).toBe(START + 60_000);
    expect((await page.ask('play', { messages })).openid).toBe('visitor-2');
  });

  it('knows what a service gave before, where the config names nothing', async () => {
    const settings = { services: { book: () => ({ ok: true }) } };
    const page = new PageOfDesk({ dialogue: table, settings });
    const unknown = page.ask('path', { box: 'table:booked' });
    await expect(unknown).rejects.toMatchObject({
      code: 'no_way',
      message: expect.stringContaining('what book gives'),
    });
    await page.say('ann', 'hi', '4');
    const { messages } = await page.ask('path', { box: 'table:booked' });
    expect(messages).toHaveLength(2);
  });

  it('is refused for a state that nothing leads to, and for what is no state', async () => {
    const page = new PageOfDesk({ dialogue: table, explore });
    const island = page.ask('path', { box: 'table:island' });
    await expect(island).rejects.toMatchObject({ code: 'no_way' });
    const none = page.ask('path', { box: 'nowhere' });
    await expect(none).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('remembers the services of the last 100', () => {
    const ways = new Ways();
    const stepsOf = (number: number) => [{ type: 'message.text', text: `${number}` } as const];
    const calls = [{ service: 'book', ms: 0, ending: { output: { ok: true } } }];
    for (let number = 0; number <= 100; number += 1) ways.remember(stepsOf(number), calls);
    expect(ways.stubsFor(stepsOf(0))).toEqual([]);
    expect(ways.stubsFor(stepsOf(1))).toMatchObject([{ service: 'book' }]);
  });
});

describe('what could be said next', () => {
  it('is the options of the question, samples and what states take', async () => {
    const page = new PageOfDesk({ dialogue: table, explore: { samples: ['a table for 4'] } });
    const labels = async (): Promise<readonly string[]> =>
      (await page.ask('next', { openid: 'ann' })).inputs.map(({ label }) => label);
    expect(await labels()).toContain('hello');
    await page.say('ann', 'hi');
    expect(await labels()).toEqual(expect.arrayContaining(['1', '9', 'a table for 4']));
    await page.ask('crash', {});
    expect(await labels()).toContain('9');
  });

  it('is shown by the label of a button, and pressed as the user sees it', async () => {
    const page = new PageOfDesk();
    await page.say('ann', 'hi', '20');
    const { inputs } = await page.ask('next', { openid: 'ann' });
    const again = inputs.find(({ label }) => label === 'Try again');
    expect(again).toBeDefined();
    if (again !== undefined) await page.say('ann', again.message);
    expect(page.state('ann')).toBe('people');
  });
});

describe('a preview', () => {
  const choices = {
    type: 'choices',
    text: 'Sure?',
    options: [{ value: 'yes', label: 'Yes' }, { value: 'no' }],
  } as const;

  it.each([
    ['wechat', { parts: [{ MsgType: 'text', Content: 'Sure?\n1. Yes\n2. no' }] }],
    ['wecom', { parts: [{ MsgType: 'text', Content: 'Sure?\n1. Yes\n2. no' }] }],
    ['telegram', { parts: [{ method: 'sendMessage', parameters: { text: 'Sure?' } }] }],
    ['slack', { parts: [{ text: expect.stringContaining('Sure?') }] }],
    ['terminal', { parts: ['Sure?\n1. Yes\n2. no'] }],
  ])('shows what %s makes of a reply', async (channel, expected) => {
    const page = new PageOfDesk();
    expect(await page.ask('preview', { channel, reply: choices })).toMatchObject(expected);
  });

  it('says why a channel cannot say it', async () => {
    const page = new PageOfDesk();
    const reply = { type: 'handoff' } as const;
    for (const channel of ['telegram', 'slack']) {
      expect(await page.ask('preview', { channel, reply })).toEqual({
        parts: [],
        unsent: 'not_supported',
      });
    }
    const image = { type: 'image', url: 'https://example.com/a.png' } as const;
    expect(await page.ask('preview', { channel: 'wechat', reply: image })).toMatchObject({
      unsent: 'needs_media_id',
    });
    const pigeon = page.ask('preview', { channel: 'pigeon', reply });
    await expect(pigeon).rejects.toMatchObject({ code: 'bad_request' });
    const poem = page.ask('preview', { channel: 'wechat', reply: { type: 'poem' } as never });
    await expect(poem).rejects.toMatchObject({ code: 'bad_reply' });
  });
});
