import { describe, expect, it } from 'vitest';
import { setupDialogue, text } from 'colloquy';
import { MINUTE, PageOfDesk, START } from './session-desk.ts';

const { ask, assign, createDialogue, done, reply } = setupDialogue({
  types: {} as { context: { name?: string; born?: Date; visits?: number } },
  events: { paid: {} as { order: string } },
});

/** Two timers at once, and an event from outside. */
const shop = createDialogue({
  id: 'shop',
  context: {},
  initial: 'name',
  states: {
    name: ask({
      question: 'Who are you?',
      parse: text(),
      assign: 'name',
      target: 'waiting',
    }),
    waiting: {
      entry: [
        reply(({ context }) => `Hello ${context.name}.`),
        assign({ born: () => new Date(0), visits: 1 }),
      ],
      after: { 60_000: { actions: reply('A minute.') }, 3_600_000: { actions: reply('An hour.') } },
      on: {
        'event.paid': { target: 'paid', actions: reply('Thank you.') },
        'message.text': { actions: reply(({ context }) => `Still ${context.name}.`) },
      },
    },
    paid: done('Bye.'),
  },
});

const opened = async (): Promise<PageOfDesk> => {
  const page = new PageOfDesk({ dialogue: shop });
  await page.say('ann', 'hi', 'Ann');
  return page;
};

describe('what is said', () => {
  it('gets an outcome, and a page sees the turn, the conversation and the clock', async () => {
    const page = new PageOfDesk({ dialogue: shop });
    expect(await page.say('ann', 'hi')).toBe('replied');
    expect(page.turns).toMatchObject([{ turn: 1, cause: 'message', outcome: 'replied' }]);
    expect(page.state('ann')).toBe('name');
    expect(page.events).toContainEqual({
      name: 'clock',
      data: expect.objectContaining({ now: START, isVirtual: true }),
    });
  });

  it('comes of several users side by side, and of any kind', async () => {
    const page = await opened();
    await page.say('bob', { type: 'message.image', mediaId: 'x' }, 'Bob', 'and again');
    expect(page.said.slice(-2)).toEqual(['Hello Bob.', 'Still Bob.']);
    expect(page.view('ann')?.context).toMatchObject({ name: 'Ann' });
  });

  it('is refused if it is no message, and then nothing has happened', async () => {
    const page = await opened();
    const refused = page.ask('say', { openid: 'ann', message: { type: 'nonsense' } as never });
    await expect(refused).rejects.toMatchObject({ code: 'bad_message' });
    expect(await page.ask('undo', {})).toEqual({ turn: 1 });
  });

  it('may be reported by a program', async () => {
    const page = await opened();
    const event = { type: 'event.paid', order: '7' } as never;
    expect(await page.ask('send', { openid: 'ann', event })).toEqual({ outcome: 'replied' });
    expect(page.turns.at(-1)).toMatchObject({ cause: 'event', outcome: 'replied' });
    expect(page.said.slice(-2)).toEqual(['Thank you.', 'Bye.']);
  });
});

describe('time', () => {
  it('stands still until a page sets it forward, and stops at what is due', async () => {
    const page = await opened();
    expect(await page.ask('advance', { by: 59_000 })).toEqual({ now: START + 59_000 });
    expect(page.said).not.toContain('A minute.');
    await page.ask('advance', { by: 'next' });
    expect(page.said.at(-1)).toBe('A minute.');
    expect(await page.ask('advance', { by: 'next' })).toEqual({ now: START + 60 * MINUTE });
    expect(page.said.at(-1)).toBe('An hour.');
  });

  it('only goes forward, ten years at most', async () => {
    const page = await opened();
    for (const by of [-1, Number.NaN, 1e15, 'soon' as never]) {
      await expect(page.ask('advance', { by })).rejects.toMatchObject({ code: 'bad_duration' });
    }
  });

  it('stands where nothing is due', async () => {
    const page = new PageOfDesk({ dialogue: shop });
    expect(await page.ask('advance', { by: 'next' })).toEqual({ now: START });
  });

  it('stands still while one timer fires before its time; the others wait for theirs', async () => {
    const page = await opened();
    const [minute, hour] = page.view('ann')?.timers ?? [];
    if (minute === undefined || hour === undefined) throw new Error('There are two timers.');
    const { actor, id } = hour;
    expect(await page.ask('fire', { openid: 'ann', actor, id })).toEqual({ now: START });
    expect(page.turns.at(-1)).toMatchObject({ cause: 'timer', at: START });
    expect(page.said.at(-1)).toBe('An hour.');
    expect(page.view('ann')?.timers).toEqual([minute]);
    const again = page.ask('fire', { openid: 'ann', actor, id });
    await expect(again).rejects.toMatchObject({ code: 'bad_request' });
  });
});

describe('the context', () => {
  it('is written over, and the conversation goes on with it', async () => {
    const page = await opened();
    const { context = {} } = page.view('ann') ?? {};
    const shown = JSON.parse(JSON.stringify({ ...context, name: 'Eve' })) as typeof context;
    await page.ask('context', { openid: 'ann', context: shown });
    expect(page.view('ann')?.context).toEqual({ name: 'Eve', born: new Date(0), visits: 1 });
    await page.say('ann', 'x');
    expect(page.said.at(-1)).toBe('Still Eve.');
    await page.ask('context', { openid: 'ann', context: { name: 'Joe' } });
    expect(page.view('ann')?.context).toEqual({ name: 'Joe' });
  });

  it('is plain data of a user who is there', async () => {
    const page = await opened();
    const odd = { name: () => 'Ann' };
    const refused = page.ask('context', { openid: 'ann', context: odd });
    await expect(refused).rejects.toMatchObject({ code: 'context_not_plain' });
    const nobody = page.ask('context', { openid: 'eve', context: {} });
    await expect(nobody).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('is deleted with everything else of a user', async () => {
    const page = await opened();
    await page.ask('forget', { openid: 'ann' });
    expect(page.view('ann')).toBeUndefined();
    expect(page.events).toContainEqual({ name: 'gone', data: { openid: 'ann' } });
    await page.say('ann', 'hi');
    expect(page.said.at(-1)).toBe('Who are you?');
  });
});

describe('faults', () => {
  it('deliver the message of a turn once more, and it counts once', async () => {
    const page = await opened();
    expect(await page.ask('redeliver', { turn: 2 })).toEqual({ outcome: 'duplicate' });
    expect(await page.ask('redeliver', { turn: 1 })).toEqual({ outcome: 'duplicate' });
    expect(page.view('ann')?.seen.count).toBe(2);
    const unknown = page.ask('redeliver', { turn: 99 });
    await expect(unknown).rejects.toMatchObject({ code: 'bad_request' });
    await page.ask('advance', { by: 'next' });
    const timer = page.ask('redeliver', { turn: page.turns.at(-1)?.turn ?? 0 });
    await expect(timer).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('deliver two messages in the other order', async () => {
    const page = new PageOfDesk({ dialogue: shop });
    const messages = ['one', 'two', 'three'];
    expect(await page.ask('reorder', { openid: 'ann', messages })).toEqual({
      outcomes: ['replied', 'replied', 'replied'],
    });
    expect(page.said).toEqual(['Who are you?', 'Hello two.', 'Still two.']);
    const one = page.ask('reorder', { openid: 'ann', messages: ['one'] });
    await expect(one).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('end the process without a word: what was committed is there, and timers go on', async () => {
    const page = await opened();
    await page.ask('crash', {});
    await page.say('ann', 'x');
    expect(page.said.at(-1)).toBe('Still Ann.');
    await page.ask('advance', { by: MINUTE });
    expect(page.said.at(-1)).toBe('A minute.');
    expect(page.said.filter((each) => each === 'A minute.')).toHaveLength(1);
  });

  it('make the persister fail a number of times', async () => {
    const page = await opened();
    await page.ask('break', { what: 'save', times: 2 });
    expect(await page.say('ann', 'x')).toBe('failed');
    expect(await page.say('ann', 'x')).toBe('failed');
    expect(page.turns.at(-1)?.error?.code).toBe('unavailable');
    expect(await page.say('ann', 'x')).toBe('replied');
    await page.ask('break', { what: 'load', times: 1 });
    expect(await page.say('bob', 'x')).toBe('failed');
    for (const times of [0, 1.5, 1e9]) {
      const refused = page.ask('break', { what: 'save', times });
      await expect(refused).rejects.toMatchObject({ code: 'bad_request' });
    }
  });
});
