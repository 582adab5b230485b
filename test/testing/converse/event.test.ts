import { createRunner, setupDialogue } from 'colloquy';
import { converse, createManualClock, playTranscript, recordTranscript } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { fromPromise } from 'xstate';

const { assign, createDialogue, reply } = setupDialogue({
  types: {} as { context: { paid: boolean } },
  actors: { bake: fromPromise(async () => 'Your pizza is ready.') },
});

/** Takes an order, waits for the payment, and bakes. */
const pizzeria = createDialogue({
  id: 'pizzeria',
  context: { paid: false },
  initial: 'ordering',
  on: {
    'event.poll': {
      actions: assign(() => {
        throw new Error('the till is broken');
      }),
    },
  },
  states: {
    ordering: {
      entry: reply('Which pizza?'),
      on: { 'message.text': { target: 'paying', actions: reply('Please pay.') } },
    },
    paying: {
      on: {
        'event.payment': {
          target: 'baking',
          actions: [assign({ paid: true }), reply(({ event }) => `Paid: ${event.key}.`)],
        },
      },
    },
    baking: {
      invoke: {
        src: 'bake',
        onDone: { target: 'over', actions: reply(({ event }) => event.output) },
      },
    },
    over: {},
  },
});

const PAYMENT = { type: 'event.payment', key: 'order-7' } as const;

async function ordered() {
  const chat = converse(pizzeria);
  await chat.say('hi');
  await chat.say('margherita');
  return chat;
}

const PAID = [
  '> hi',
  '< Which pizza?',
  '> margherita',
  '< Please pay.',
  '>> [payment order-7]',
  '< Paid: order-7.',
  '< Your pizza is ready.',
  '',
].join('\n');

describe('an event from outside in a conversation', () => {
  it('gives what is pushed to the user, also after a service', async () => {
    const chat = await ordered();
    expect(await chat.event(PAYMENT)).toEqual(['Paid: order-7.', 'Your pizza is ready.']);
    chat.expectOutcome('replied').expectState('over').expectContext({ paid: true });
    expect(chat.transcript).toBe(PAID);
  });

  it('counts once for each id', async () => {
    const chat = await ordered();
    await chat.event(PAYMENT, { id: 'p-1' });
    expect(await chat.event(PAYMENT, { id: 'p-1' })).toEqual([]);
    chat.expectOutcome('duplicate');
  });

  it('says what came of it where no state takes it, and is no message to redeliver', async () => {
    const chat = converse(pizzeria);
    await chat.event(PAYMENT);
    chat.expectOutcome('unhandled').expectState('(none)');
    expect(chat.transcript).toBe('>> [payment order-7]\n! unhandled\n');
    await expect(chat.redeliver()).rejects.toThrow('There is no message');
  });

  it('throws where the dialogue throws, and where it is refused', async () => {
    const chat = await ordered();
    await expect(chat.event({ type: 'event.poll' })).rejects.toThrow('the till is broken');
    await expect(chat.event({ type: 'event.hologram' } as never)).rejects.toThrow('refused');
  });

  it('is a line of a transcript that can be played', async () => {
    const played = await playTranscript(PAID, pizzeria);
    expect(played.diff).toBe('');
    await expect(playTranscript('>> paid\n', pizzeria)).rejects.toThrow('only a user says');
  });

  it('is a line of a recording', async () => {
    const clock = createManualClock();
    const live = createRunner(pizzeria, { clock });
    const recording = recordTranscript(live, { clock, openid: 'ann' });
    const { runner } = recording;
    await runner.handle('ann', 'hi');
    await runner.send('ann', PAYMENT);
    await runner.handle('ann', 'margherita');
    await runner.send('ann', PAYMENT);
    await runner.idle('ann');
    expect(recording.text.split('\n').slice(1).join('\n')).toBe(
      PAID.replace('> margherita', '>> [payment order-7]\n! unhandled\n> margherita'),
    );
    await runner.stop();
  });
});
