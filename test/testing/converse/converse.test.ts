import { converse, takes } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { weather } from './dialogues.ts';

describe('a conversation', () => {
  it('is a few lines', async () => {
    const chat = converse(weather);
    expect(await chat.say('hi')).toEqual(['Which city?']);
    chat.expectReply('Which city?').expectState('city').expectTimer({ minutes: 10 });
    await chat.say('Oslo');
    expect(await chat.say('3')).toEqual([
      'There will be rain in Oslo.',
      'Once more?\n1. Yes, please\n2. No',
    ]);
    chat.expectState('again').expectContext({ city: 'Oslo', days: 3 });
    expect(await chat.choose('No')).toEqual(['Bye.']);
    expect(chat.done).toBe(true);
    await chat.advance({ hours: 2 });
    chat.expectExpired();
  });
  it('goes through services, seeds and crashes', async () => {
    const chat = converse(weather, {
      services: { forecast: takes({ seconds: 10 }, async ({ city }) => `sun in ${city}`) },
    });
    await chat.say('hi');
    await chat.say('Oslo');
    await chat.say('3');
    expect(chat.outcome).toBe('waiting');
    await chat.until('again');
    chat.expectReply('There will be sun in Oslo.');
    await chat.seed('again', { city: 'Bergen' });
    chat.fail('forecast');
    await chat.crash();
    await chat.choose(1);
    chat.expectState('told');
  });
});
