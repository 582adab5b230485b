import { type Chat, converse } from 'colloquy/testing';
import { setupDialogue } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { dateTime } from '../../../src/dialogue/parsers/date.ts';

interface Data {
  when?: Date;
  people?: number;
}

/** Asks Ann, on a Wednesday morning in Shanghai, when she will come. */
function askedWhen(form: boolean): Chat {
  const words = setupDialogue({
    types: {} as { context: Data },
    words: { timeZone: 'Asia/Shanghai' },
  });
  const question = { question: 'When?', parse: dateTime({ future: true }) };
  const dialogue = words.createDialogue({
    id: 'when',
    context: {},
    initial: 'when',
    states: {
      when: form
        ? words.form({ slots: { when: question }, target: 'end' })
        : words.ask({ ...question, assign: 'when', target: 'end' }),
      end: words.done('Good.'),
    },
  });
  return converse(dialogue, { now: Date.UTC(2026, 10, 18, 2) });
}

describe('a question for a day and time', () => {
  it.each([
    ['ask', false],
    ['a form', true],
  ])(
    'that is asked again for its time takes no other day than the one that is said (%s)',
    async (_, form) => {
      const chat = askedWhen(form);
      await chat.say('hi');
      expect((await chat.say('tomorrow'))[0]).toContain('What time?');
      await chat.say('7 pm');
      expect(chat.context).toHaveProperty('when', new Date('2026-11-19T11:00:00Z'));
    },
  );

  it('takes another time on the same day once the form holds one', async () => {
    const chat = askedWhen(true);
    await chat.say('hi');
    await chat.say('friday at 7pm');
    await chat.say('no');
    await chat.say('when');
    await chat.say('half past eight');
    expect(chat.context).toHaveProperty('when', new Date('2026-11-20T12:30:00Z'));
  });
});
