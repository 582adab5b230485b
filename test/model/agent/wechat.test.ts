import { type Chat, converse, createManualClock, scripted } from 'colloquy/testing';
import { throughWechat } from 'colloquy/testing/wechat';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { deskOf, refunds } from './desk.ts';

/** The desk on an account that waits five seconds for an answer, with a model that takes longer. */
function openShop() {
  const clock = createManualClock();
  const model = scripted(
    [
      { takes: { seconds: 8 }, answer: 'I look it up. Which order is it?' },
      { calls: [{ name: 'refund', input: { order: 'A1', amount: 5 } }] },
      { takes: { seconds: 6 }, answer: 'You have your money back.' },
    ],
    { clock },
  );
  const output = {
    description: 'when the customer has all they want',
    schema: z.object({ isSolved: z.boolean() }),
  };
  const desk = deskOf({ model, more: { output } });
  return { chat: converse(desk, { clock, channel: throughWechat(), openid: 'o_1' }), model };
}

/** The user sends something, WeChat waits for five seconds, and then for nothing more. */
async function sayAndWait(chat: Chat, text: string): Promise<readonly string[]> {
  const said = chat.say(text);
  await chat.advance({ seconds: 5 });
  return said;
}

describe('an agent behind an account that waits five seconds', () => {
  it('says later what its model was too slow for, and pays once, after a yes', async () => {
    const { chat, model } = openShop();
    expect(await sayAndWait(chat, 'my lamp broke')).toEqual([]);
    expect(await chat.advance({ seconds: 4 })).toEqual(['I look it up. Which order is it?']);
    expect((await chat.say('A1'))[0]).toContain('Give 5 back for A1?');
    expect(refunds).toEqual([]);
    expect(await sayAndWait(chat, '好的')).toEqual([]);
    expect(refunds).toHaveLength(1);
    expect(await chat.advance({ seconds: 2 })).toEqual(['You have your money back.']);
    model.assertComplete();
  });

  it('pays once although WeChat delivers the yes again', async () => {
    const { chat } = openShop();
    await sayAndWait(chat, 'my lamp broke');
    await chat.advance({ seconds: 4 });
    await chat.say('A1');
    await sayAndWait(chat, 'yes');
    await chat.redeliver();
    await chat.advance({ seconds: 5 });
    expect(refunds).toHaveLength(1);
  });

  it('is left by a command while its model works, and pays nothing', async () => {
    const { chat } = openShop();
    await sayAndWait(chat, 'my lamp broke');
    expect(await chat.say('cancel')).toEqual(['Off.']);
    expect(await chat.advance({ seconds: 30 })).toEqual([]);
    expect(refunds).toEqual([]);
  });
});
