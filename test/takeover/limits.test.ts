import { createRunner, formatReply } from 'colloquy';
import { type TakeoverNote, createDesk } from 'colloquy/takeover';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { type TakeoverContext, heardTalking, withRefusal } from '../../src/takeover/held-lines.ts';
import { newMail } from '../../src/takeover/mail.ts';
import { shopWith } from './shop.ts';

const waiting = (customer: string): TakeoverNote => ({ kind: 'waiting', customer, lines: [] });

/** The desk of Bob, and what reaches the bot of his customers. */
async function deskOver(send: () => Promise<{ outcome: string }>) {
  const desk = createDesk({ operators: ['bob'] });
  const office = createRunner(desk.dialogue);
  const pushed: string[] = [];
  office.on('reply', ({ reply }) => void pushed.push(formatReply(reply)));
  office.on('error', () => {});
  desk.connect({ send, on: () => {} }, office);
  const note = (about: TakeoverNote): Promise<unknown> =>
    office.send('bob', { type: 'event.customer', note: about });
  return { office, note, pushed };
}

describe('the limits of a takeover', () => {
  it('are the last 50 lines and 32 768 bytes of what was said', async () => {
    const chat = converse(shopWith());
    const bob = chat.operator('bob');
    await chat.say('hi');
    await chat.say('human');
    await bob.take();
    for (let said = 1; said <= 60; said += 1) await bob.say(`line ${said}`);
    await bob.giveBack('solved');
    const { lines = [] } = chat.context.end ?? {};
    expect(lines).toHaveLength(50);
    expect(lines.at(-1)?.text).toBe('line 60');
    await chat.say('human');
    for (let said = 1; said <= 10; said += 1) await bob.say('x'.repeat(8000));
    await bob.giveBack('solved');
    const bytes = JSON.stringify(chat.context.end?.lines).length;
    expect(bytes).toBeLessThanOrEqual(32_768);
    expect(bytes).toBeGreaterThan(24_000);
  });

  it('are 40 messages that no operator could be told, after which the customer reads so', async () => {
    const chat = converse(shopWith());
    const bob = chat.operator('bob');
    await chat.say('hi');
    await chat.say('human');
    await bob.take();
    chat.fail('human.tell', new Error('The desk is down.'), { times: 1000 });
    for (let said = 1; said <= 40; said += 1) expect(await chat.say(`${said}`)).toEqual([]);
    expect(await chat.say('41')).toEqual([
      'Nobody has read your last messages yet. Please wait a little before you write more.',
    ]);
  });

  it('are 50 notes in all, of which the last ten are no messages, and 131 072 bytes', () => {
    let context: TakeoverContext = { customer: 'ann', by: 'bob', lines: [], mail: newMail() };
    for (let tries = 1; tries <= 60; tries += 1) {
      context = {
        ...context,
        ...heardTalking(context, { type: 'message.text', text: 'x' } as object as { type: string }),
      };
    }
    expect(context.mail.items).toHaveLength(40);
    for (let tries = 1; tries <= 60; tries += 1) {
      context = { ...context, ...withRefusal(context, 'eve', 'taken', 'bob') };
    }
    expect(context.mail.items).toHaveLength(50);
    context = { ...context, mail: newMail() };
    for (let tries = 1; tries <= 60; tries += 1) {
      context = { ...context, ...withRefusal(context, 'eve', 'result', 'x'.repeat(20_000)) };
    }
    expect(context.mail.items).toHaveLength(6);
  });

  it('is a text of 8192 bytes for operators, and the rest is cut off', async () => {
    const chat = converse(shopWith({}, 'x'.repeat(40_000)));
    await chat.say('hi');
    await chat.say('human');
    await chat.say('x'.repeat(20_000));
    await chat.operator('bob').take();
    const [text = ''] = chat.operator('bob').heard;
    expect(text.endsWith('… (cut)')).toBe(true);
    expect(new TextEncoder().encode(JSON.stringify(text)).length).toBeLessThanOrEqual(8192);
  });
});

describe('the limits of a desk', () => {
  it('are the first 50 customers who wait', async () => {
    const { office, note } = await deskOver(async () => ({ outcome: 'silent' }));
    await office.handle('bob', 'hi');
    for (let at = 1; at <= 60; at += 1) await note(waiting(`c${at}`));
    expect((await office.inspect('bob'))?.context.waiting).toHaveLength(50);
    await office.stop();
  });

  it('let an operator leave a conversation that is out of reach', async () => {
    const { office, note } = await deskOver(async () => ({ outcome: 'failed' }));
    await office.handle('bob', 'hi');
    await note(waiting('ann'));
    await office.handle('bob', 'ann');
    const said = async (text: string): Promise<string[]> =>
      (await office.handle('bob', text)).replies.map(formatReply);
    expect(await said('Hello?')).toEqual(['One moment, please.']);
    expect(await said('/leave')).toEqual(['Another operator may take ann now.']);
    expect(await said('hi')).toEqual(['No customer is waiting.']);
    await office.stop();
  });

  it('keep an operator in the list whose request has no room', async () => {
    const { office, note } = await deskOver(async () => ({ outcome: 'failed' }));
    await office.handle('bob', 'hi');
    await note({ kind: 'taken', customer: 'ann', by: 'bob', lines: [] });
    for (let said = 1; said <= 20; said += 1) await office.handle('bob', `${said}`);
    await note({ kind: 'ended', customer: 'ann', by: 'bob', reason: 'idle' });
    await note(waiting('carl'));
    expect((await office.handle('bob', 'carl')).replies.map(formatReply)).toEqual([
      'Your last messages have not arrived yet. Please wait a little before you write more.',
    ]);
    expect((await office.inspect('bob'))?.context).toMatchObject({
      waiting: [{ customer: 'carl' }],
    });
    await office.stop();
  });

  it('are 20 messages that have not reached the conversation, after which the operator reads so', async () => {
    const { office, note } = await deskOver(async () => ({ outcome: 'failed' }));
    await office.handle('bob', 'hi');
    await note({ kind: 'taken', customer: 'ann', by: 'bob', lines: [] });
    for (let said = 1; said <= 20; said += 1) {
      expect((await office.handle('bob', `${said}`)).replies).toEqual([]);
    }
    expect((await office.handle('bob', '21')).replies.map(formatReply)).toEqual([
      'Your last messages have not arrived yet. Please wait a little before you write more.',
    ]);
    await office.stop();
  });
});
