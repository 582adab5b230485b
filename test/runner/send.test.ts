import {
  DeliveryError,
  type RunnerOptions,
  createContextStore,
  createRunner,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type Fault, createManualClock, faulty } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import { createWorld, deferred, texts } from './world.ts';

let shipped = deferred<string>();
const words = setupDialogue({
  types: {} as { context: { paid: number } },
  actors: { ship: fromPromise(() => shipped.promise) },
  intents: { cancel: {} },
});
const pay = words.assign({ paid: ({ context }) => context.paid + 1 });

/** Asks at once; takes a payment while it waits for one, and then ships. */
const shop = words.createDialogue({
  id: 'shop',
  context: { paid: 0 },
  initial: 'asking',
  on: {
    'event.delivery': { actions: words.reply('It is on its way.') },
    'event.enter': { actions: words.reply('Welcome back.') },
    'event.poll': {
      actions: words.assign(() => {
        throw new Error('no such order');
      }),
    },
    'intent.cancel': { actions: words.reply('Cancelled.') },
    'event.leave': { actions: [words.reply('All is forgotten.'), words.forget()] },
  },
  states: {
    asking: {
      entry: words.reply('What would you like?'),
      on: { 'message.text': { target: 'paying', actions: words.reply('Please pay.') } },
    },
    paying: {
      on: {
        'event.payment': {
          target: 'shipping',
          actions: [pay, words.reply(({ context }) => `Paid (${context.paid}).`)],
        },
      },
    },
    shipping: {
      invoke: {
        src: 'ship',
        onDone: { target: 'paying', actions: words.reply(({ event }) => event.output) },
      },
    },
  },
});

const PAYMENT = { type: 'event.payment', key: 'order-7' } as const;
const DELIVERY = { type: 'event.delivery' } as const;

function start(disk = createDisk(), options: RunnerOptions = {}) {
  const clock = createManualClock();
  let fault: Fault | undefined;
  const persister = faulty(memory(disk), {
    clock,
    choose: ({ method }) => (method === 'save' ? fault : undefined),
  });
  const store = createContextStore({ clock, persister });
  const runner = createRunner(shop, { ...options, store });
  const said: string[] = [];
  const errors: unknown[] = [];
  runner.on('error', ({ error }) => errors.push((error as { code?: unknown }).code));
  store.on('error', ({ error }) => errors.push((error as { code?: unknown }).code));
  onTestFinished(() => store.close());
  const listen = (): void => void runner.on('reply', ({ reply }) => said.push(...texts([reply])));
  const failSaves = (next: Fault | undefined): void => {
    fault = next;
  };
  return { clock, store, runner, disk, said, errors, listen, failSaves };
}

/** A world in which ann has ordered. */
async function ordered(options: Parameters<typeof createWorld>[1] = {}) {
  shipped = deferred();
  const world = createWorld(shop, options);
  await world.runner.handle('ann', 'hi');
  await world.runner.handle('ann', 'tea');
  return world;
}

describe('an event from outside', () => {
  it('is a turn of its user, whose replies are pushed and not returned', async () => {
    const { runner, said, data } = await ordered();
    const sent = await runner.send('ann', PAYMENT, { id: 'p-1' });
    expect(sent).toEqual({ openid: 'ann', id: 'p-1', outcome: 'replied' });
    expect(said).toEqual(['ann: Paid (1).']);
    expect(await data('ann')).toEqual({ paid: 1 });
  });

  it('does not wait for a service that it starts: what that brings is pushed, too', async () => {
    const { runner, said, clock } = await ordered();
    expect((await runner.send('ann', PAYMENT)).outcome).toBe('replied');
    shipped.resolve('Shipped.');
    await clock.advance(0);
    expect(said).toEqual(['ann: Paid (1).', 'ann: Shipped.']);
  });

  it('counts once for each id, also if it is sent twice at once', async () => {
    const { runner, clock, listen, said } = start();
    listen();
    await runner.handle('ann', 'hi');
    const sendIt = () => runner.send('ann', DELIVERY, { id: 'd' });
    const both = await Promise.all([sendIt(), sendIt()]);
    expect(both.map(({ outcome }) => outcome)).toEqual(['replied', 'duplicate']);
    await clock.advance({ minutes: 1 });
    expect((await sendIt()).outcome).toBe('duplicate');
    await clock.advance({ minutes: 1 });
    expect(said).toEqual(['It is on its way.']);
  });

  it('does not share its ids with messages', async () => {
    const { runner } = await ordered();
    expect((await runner.handle('ann', DELIVERY, { id: '1' })).outcome).toBe('replied');
    expect((await runner.send('ann', DELIVERY, { id: '1' })).outcome).toBe('replied');
    expect((await runner.handle('ann', DELIVERY, { id: '1' })).outcome).toBe('duplicate');
  });

  it('keeps its place among the messages of its user', async () => {
    const { runner, data } = createWorld(shop);
    shipped = deferred();
    const turns = await Promise.all([
      runner.handle('ann', 'hi'),
      runner.send('ann', PAYMENT),
      runner.handle('ann', 'tea'),
      runner.send('ann', PAYMENT),
    ]);
    expect(turns.map(({ outcome }) => outcome)).toEqual([
      'replied',
      'unhandled',
      'replied',
      'replied',
    ]);
    expect(await data('ann')).toEqual({ paid: 1 });
  });

  it('leaves the replies that wait for the user’s next message where they are', async () => {
    const { runner, clock } = start();
    let isClosed = true;
    runner.on('reply', () => {
      if (isClosed) throw new DeliveryError('push_closed', 'The user has to write first.');
    });
    await runner.handle('ann', 'hi');
    await runner.send('ann', DELIVERY);
    await clock.advance({ minutes: 1 });
    isClosed = false;
    await runner.send('ann', { type: 'event.enter' });
    await clock.advance({ minutes: 1 });
    expect((await runner.inspect('ann'))?.unsent).toBe(2);
    expect(texts((await runner.handle('ann', 'tea')).replies)).toEqual([
      'It is on its way.',
      'Welcome back.',
      'Please pay.',
    ]);
  });

  it('is shed if too much is waiting, and may be sent again', async () => {
    const gate = deferred();
    const { runner, store, clock } = createWorld(shop, { lanes: { waiting: 0 } });
    const update = store.update('ann', async () => gate.promise);
    const turns: unknown[] = [];
    runner.on('turn', ({ outcome, cause, id }) => turns.push([outcome, cause, id]));
    expect((await runner.send('ann', DELIVERY, { id: 'd' })).outcome).toBe('shed');
    expect(turns).toEqual([['shed', 'event', 'd']]);
    gate.resolve();
    await update;
    await clock.advance(0);
    expect((await runner.send('ann', DELIVERY, { id: 'd' })).outcome).toBe('unhandled');
  });
});

describe('an event from outside is unspoken, and so', () => {
  it('starts no conversation that begins with a question, and leaves no trace', async () => {
    const { runner, disk } = start(undefined, { onUnhandled: () => 'What?' });
    for (const event of [DELIVERY, PAYMENT, { type: 'event.enter', spoken: true } as const]) {
      expect((await runner.send('ann', event, { id: 'e' })).outcome).toBe('unhandled');
    }
    expect((await runner.send('ann', { type: 'intent.cancel' })).outcome).toBe('unhandled');
    expect(disk.records.size).toBe(0);
  });

  it('starts one that says nothing before it, and whose first state names it', async () => {
    const gate = words.createDialogue({
      id: 'gate',
      context: { paid: 0 },
      on: { 'event.payment': { actions: [pay, words.reply('Thank you.')] } },
    });
    const { runner, said } = createWorld(gate);
    expect((await runner.send('bob', PAYMENT)).outcome).toBe('replied');
    expect(said).toEqual(['bob: Thank you.']);
  });

  it('reaches a state that names it, for each type of event', async () => {
    const { runner, said } = await ordered();
    await runner.send('ann', { type: 'event.enter' });
    await runner.send('ann', { type: 'intent.cancel', values: {} });
    expect((await runner.send('ann', { type: 'event.follow' })).outcome).toBe('unhandled');
    expect(said).toEqual(['ann: Welcome back.', 'ann: Cancelled.']);
  });
});

describe('the replies to an event from outside', () => {
  it('are committed with it, and are delivered by the next process if this one dies', async () => {
    const { disk, runner } = start();
    await runner.handle('ann', 'hi');
    await runner.send('ann', DELIVERY, { id: 'd' });
    expect(disk.records.get('ann')?.body).toContain('It is on its way.');

    const next = start(disk);
    next.listen();
    await next.runner.start();
    await next.clock.advance({ minutes: 2 });
    expect(next.said).toEqual(['It is on its way.']);
    expect((await next.runner.send('ann', DELIVERY, { id: 'd' })).outcome).toBe('duplicate');
    await next.clock.advance({ minutes: 10 });
    expect(next.said).toEqual(['It is on its way.']);
  });

  it('are said if the conversation is forgotten with it', async () => {
    const { runner, said } = await ordered();
    expect((await runner.send('ann', { type: 'event.leave' })).outcome).toBe('replied');
    expect(said).toEqual(['ann: All is forgotten.']);
  });

  it('are reported as lost where no listener could ever hear them', async () => {
    const store = createContextStore({ clock: createManualClock() });
    onTestFinished(() => store.close());
    const runner = createRunner(shop, { store });
    const errors: unknown[] = [];
    runner.on('error', ({ error }) => errors.push((error as { code?: unknown }).code));
    await runner.handle('ann', 'hi');
    await runner.send('ann', DELIVERY);
    expect(errors).toEqual(['no_reply_listener']);
  });
});

describe('an event from outside that fails', () => {
  it('has changed nothing, tells its sender why and the user nothing, and counts when it is sent again', async () => {
    const { runner, said, errors, failSaves, listen, clock } = start(undefined, {
      onError: () => 'Sorry.',
    });
    listen();
    await runner.handle('ann', 'hi');
    failSaves({ outcome: 'refused' });
    const failed = await runner.send('ann', DELIVERY, { id: 'd' });
    expect(failed).toMatchObject({ outcome: 'failed', error: { retryable: true } });
    expect(errors).toEqual([(failed.error as { code: string }).code]);
    failSaves(undefined);
    expect((await runner.send('ann', DELIVERY, { id: 'd' })).outcome).toBe('replied');
    await clock.advance({ minutes: 1 });
    expect(said).toEqual(['It is on its way.']);
  });

  it('fails again if the dialogue throws', async () => {
    const { runner, said } = await ordered({ onError: () => 'Sorry.' });
    for (let times = 0; times < 2; times += 1) {
      const { outcome, error } = await runner.send('ann', { type: 'event.poll' }, { id: 'q' });
      expect([outcome, (error as { code?: unknown }).code]).toEqual(['failed', 'step_failed']);
    }
    expect(said).toEqual([]);
  });
});

describe('refused at the door, with nothing read or stored:', () => {
  const code = (error: unknown): unknown => (error as { code?: unknown }).code;

  it.each<[string, unknown]>([
    ['a text', 'hi'],
    ['what only a user says', { type: 'message.text', text: 'hi' }],
    ['a button', { type: 'message.action', value: 'yes' }],
    ['a type that the dialogue does not name', { type: 'event.order_paid' }],
    ['an intent that the dialogue does not declare', { type: 'intent.other' }],
    ['a forged service result', { type: 'xstate.done.actor.x' }],
    ['nothing', undefined],
  ])('%s', async (_what, event) => {
    const { runner, disk } = start();
    await expect(runner.send('ann', event as typeof PAYMENT).catch(code)).resolves.toBe(
      'bad_message',
    );
    expect(disk.records.size).toBe(0);
  });

  it('a type that is misspelt, with the names that there are', async () => {
    const { runner } = start();
    const error = await runner.send('ann', { type: 'event.order_paid' } as never).catch(String);
    expect(error).toMatch(
      /the type of an event that the dialogue names, or of an event of the library; the dialogue names .*event\./u,
    );
    expect(await runner.send('ann', null as never).catch(String)).toContain(
      'expected an object with the type of an event, not null',
    );
  });

  it('an openid or an id that is none, and every event after the stop', async () => {
    const { runner } = start();
    await expect(runner.send('', PAYMENT).catch(code)).resolves.toBe('bad_openid');
    await expect(runner.send('ann', PAYMENT, { id: '' }).catch(code)).resolves.toBe('bad_id');
    await runner.stop();
    await expect(runner.send('ann', PAYMENT).catch(code)).resolves.toBe('runner_stopped');
  });
});
