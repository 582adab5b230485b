import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { setupDialogue, text } from 'colloquy';
import { takes } from 'colloquy/testing';
import { PageOfDesk, START } from './session-desk.ts';

/** A dialogue with a model that finds the intent `order`, and a service. It counts how often each runs. */
function counted() {
  const ran = { service: 0, stub: 0, model: 0 };
  const { ask, assign, createDialogue, done, reply } = setupDialogue({
    types: {} as { context: { what?: string; number?: number } },
    actors: {
      book: fromPromise<number, { what: string }>(async ({ input }) => {
        ran.service += 1;
        if (input.what === 'nothing') throw new Error('sold out');
        return ran.service;
      }),
    },
    intents: { order: {} },
  });
  const dialogue = createDialogue({
    id: 'counted',
    context: {},
    initial: 'open',
    states: {
      open: {
        entry: reply('What may it be?'),
        on: {
          'intent.order': { target: 'what' },
          'message.text': { actions: reply('Please order.') },
        },
      },
      what: ask({ question: 'What?', parse: text(), assign: 'what', target: 'booking' }),
      booking: {
        invoke: {
          src: 'book',
          input: ({ context }) => ({ what: context.what ?? '' }),
          onDone: { target: 'booked', actions: assign({ number: ({ event }) => event.output }) },
          onError: { target: 'what', actions: reply('Sold out.') },
        },
      },
      booked: {
        entry: reply(({ context }) => `Number ${context.number}.`),
        on: { 'message.text': { target: 'over' } },
        after: { 60_000: { actions: reply('It is coming.') } },
      },
      over: done('Bye.'),
    },
  });
  const recognize = async ({ text: said }: { text?: string }) => {
    ran.model += 1;
    return said === 'order' ? [{ intent: 'order' }] : [];
  };
  const settings = { recognize: recognize as never };
  const stubbed = {
    ...settings,
    services: {
      book: takes({ seconds: 20 }, () => {
        ran.stub += 1;
        return 70 + ran.stub;
      }),
    },
  };
  return { ran, dialogue, settings, stubbed };
}

const TALK = ['hi', 'order', 'tea'];

describe('undo', () => {
  it('takes back the last thing that was done, of any kind, down to the beginning', async () => {
    const { dialogue, settings } = counted();
    const page = new PageOfDesk({ dialogue, settings });
    await page.say('ann', ...TALK);
    await page.ask('advance', { by: 'next' });
    expect(page.said.at(-1)).toBe('It is coming.');
    expect(await page.ask('undo', {})).toEqual({ turn: 3 });
    expect(page.said.at(-1)).toBe('Number 1.');
    expect(page.desk.session.clock.now).toBe(START);
    expect(await page.ask('undo', {})).toEqual({ turn: 2 });
    expect(page.state('ann')).toBe('what');
    await page.ask('undo', {});
    expect(await page.ask('undo', {})).toEqual({ turn: 0 });
    expect(page.view('ann')).toBeUndefined();
    await expect(page.ask('undo', {})).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('takes a message back that still waits for a service', async () => {
    const { dialogue, stubbed } = counted();
    const page = new PageOfDesk({ dialogue, settings: stubbed });
    expect(await page.say('ann', ...TALK)).toBe('waiting');
    expect(page.view('ann')?.services).toMatchObject([{ src: 'book' }]);
    await page.ask('undo', {});
    expect(page.view('ann')?.services).toEqual([]);
    await page.ask('advance', { by: 60_000 });
    expect(page.turns).toHaveLength(2);
  });
});

describe('a fork', () => {
  it('goes on from behind a turn, and what comes after it never happened', async () => {
    const { dialogue, settings } = counted();
    const page = new PageOfDesk({ dialogue, settings });
    await page.say('ann', ...TALK, 'thanks');
    await page.say('bob', 'hi');
    expect(await page.ask('fork', { turn: 2 })).toEqual({ turn: 2 });
    expect(page.turns).toHaveLength(2);
    expect(page.state('ann')).toBe('what');
    expect(page.view('bob')).toBeUndefined();
    await page.say('ann', 'coffee');
    expect(page.turns.map(({ turn }) => turn)).toEqual([1, 2, 3]);
    await expect(page.ask('fork', { turn: 9 })).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('runs neither the service nor the model again that ran before: their outcomes are known', async () => {
    const { ran, dialogue, settings } = counted();
    const page = new PageOfDesk({ dialogue, settings });
    await page.say('ann', ...TALK);
    const before = { ...ran };
    expect(before).toEqual({ service: 1, stub: 0, model: 1 });
    for (const turn of [1, 2, 0]) {
      await page.ask('fork', { turn });
      await page.say('ann', ...TALK.slice(turn));
      expect(page.said.at(-1)).toBe('Number 1.');
    }
    expect(ran).toEqual(before);
  });

  it('runs what was never asked, and what a page sets to another mode', async () => {
    const { ran, dialogue, settings } = counted();
    const page = new PageOfDesk({ dialogue, settings });
    await page.say('ann', ...TALK);
    await page.ask('fork', { turn: 2 });
    await page.say('ann', 'coffee');
    expect(page.said.at(-1)).toBe('Number 2.');
    await page.ask('fork', { turn: 2 });
    await page.ask('service', { name: 'book', mode: 'fail' });
    await page.say('ann', 'tea');
    expect(page.said).toContain('Sold out.');
    expect(ran.service).toBe(2);
  });

  it('lets a service that runs there end as it ended, at the same moment', async () => {
    const { ran, dialogue, stubbed } = counted();
    const page = new PageOfDesk({ dialogue, settings: stubbed });
    await page.say('ann', ...TALK);
    await page.ask('advance', { by: 10_000 });
    const [pending] = page.turns.slice(-1);
    expect(pending?.outcome).toBe('pending');
    await page.ask('advance', { by: 10_000 });
    expect(page.said.at(-1)).toBe('Number 71.');
    await page.ask('fork', { turn: pending?.turn ?? 0 });
    expect(page.said.at(-1)).not.toBe('Number 71.');
    await page.ask('advance', { by: 'next' });
    expect(page.said.at(-1)).toBe('Number 71.');
    expect(page.desk.session.clock.now).toBe(START + 20_000);
    expect(ran.stub).toBe(1);
  });

  it('knows how a service failed, too', async () => {
    const { ran, dialogue, settings } = counted();
    const page = new PageOfDesk({ dialogue, settings });
    await page.say('ann', 'hi', 'order', 'nothing');
    expect(page.said).toContain('Sold out.');
    await page.ask('fork', { turn: 2 });
    await page.say('ann', 'nothing');
    expect(page.said).toContain('Sold out.');
    expect(ran.service).toBe(1);
  });

  it('fires a timer of its time once', async () => {
    const { dialogue, settings } = counted();
    const page = new PageOfDesk({ dialogue, settings });
    await page.say('ann', ...TALK);
    await page.ask('advance', { by: 'next' });
    await page.ask('fork', { turn: 3 });
    await page.ask('advance', { by: 3_600_000 });
    expect(page.said.filter((each) => each === 'It is coming.')).toHaveLength(1);
  });
});

describe('what is kept to go back to', () => {
  it('is the moment behind 1000 turns at most', async () => {
    const { dialogue, settings } = counted();
    const page = new PageOfDesk({ dialogue, settings });
    for (let count = 0; count < 1010; count += 1) await page.say('ann', 'x');
    await expect(page.ask('fork', { turn: 5 })).rejects.toMatchObject({ code: 'bad_request' });
    expect(await page.ask('fork', { turn: 900 })).toEqual({ turn: 900 });
    expect(await page.ask('fork', { turn: 0 })).toEqual({ turn: 0 });
  });
});
