import { describe, expect, it } from 'vitest';
import { setupDialogue } from 'colloquy';
import { PageOfDesk } from './session-desk.ts';

const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
const dialogue = createDialogue({
  id: 'parrot',
  context: {},
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': {
          actions: reply(({ event }) => `heard ${event.text.replaceAll('\n', '|')}`),
        },
      },
    },
  },
});

describe('a session that gathers', () => {
  const open = () => new PageOfDesk({ dialogue, settings: { gather: { quietMs: 1000 } } });

  it('takes a burst when time is set forward, and undoes it part by part', async () => {
    const page = open();
    await page.say('ann', 'a');
    await page.say('ann', 'b');
    expect(page.said).toEqual([]);
    await page.ask('advance', { by: 'next' });
    expect(page.said).toEqual(['heard a|b']);
    await page.ask('undo', {});
    expect(page.said).toEqual([]);
    await page.ask('undo', {});
    await page.ask('advance', { by: 'next' });
    expect(page.said).toEqual(['heard a']);
  });

  it('keeps the parts over a crash', async () => {
    const page = open();
    await page.say('ann', 'a');
    await page.ask('crash', {});
    await page.say('ann', 'b');
    await page.ask('advance', { by: 'next' });
    expect(page.said).toEqual(['heard a|b']);
  });
});
