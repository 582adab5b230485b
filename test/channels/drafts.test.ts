import { DeliveryError } from 'colloquy';
import { jsonWebhook } from 'colloquy/channels/json';
import { createWebhook } from 'colloquy/channels/webhook';
import { wechat } from 'colloquy/channels/wechat';
import { wecom } from 'colloquy/channels/wecom';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, test } from 'vitest';
import type { Channel } from '../../src/channels/channel.ts';
import { ColloquyError } from '../../src/errors.ts';
import { type Draft, openScreen } from './drafting.ts';
import { stubRunner, textChannel } from './stubs.ts';

const never = (): Promise<void> => new Promise(() => {});

describe('a webhook with `drafts`', () => {
  it('shows the newest draft about once a second, and the reply takes its place', async () => {
    const { clock, send, run, seen } = openScreen();
    await send('ann', 'ask');
    for (const text of ['It', 'It is', 'It is half', 'It is half past', 'It is half past nine']) {
      await run().draft(text);
      await clock.advance({ milliseconds: 400 });
    }
    await run().end('It is half past nine.');
    await clock.advance({ minutes: 5 });
    expect(seen).toEqual([
      '0.3 ann (It)',
      '1.3 ann (It is half past)',
      '2 ann: It is half past nine.',
    ]);
  });

  it('shows nothing of a service that ends before a person looks', async () => {
    const { clock, send, run, seen } = openScreen();
    await send('ann', 'ask');
    await run().draft('It');
    await clock.advance({ milliseconds: 299 });
    await run().end('It is late.');
    await clock.advance({ minutes: 5 });
    expect(seen).toEqual(['0.299 ann: It is late.']);
  });

  it.each([undefined, false])('shows nothing unless it is asked to', async (drafts) => {
    const { clock, send, run, seen } = openScreen({ drafts });
    await send('ann', 'ask');
    await run().draft('It');
    await clock.advance({ minutes: 5 });
    expect(seen).toEqual([]);
  });

  it('makes no call for a text that is there already', async () => {
    const { clock, send, run, seen } = openScreen();
    await send('ann', 'ask');
    await run().draft('It');
    await clock.advance({ seconds: 3 });
    await run().draft('It');
    await clock.advance({ seconds: 1 });
    expect(seen).toEqual(['0.3 ann (It)']);
  });

  it('keeps the pause of its channel, and a short one without any', async () => {
    for (const [draftMs, second] of [
      [3000, 3.3],
      [0, 0.5],
    ] as const) {
      const { clock, send, run, seen } = openScreen({ limits: { draftMs } });
      await send('ann', 'ask');
      await run().draft('It');
      await clock.advance({ milliseconds: 300 });
      await run().draft('It is');
      await clock.advance({ seconds: 4 });
      expect(seen).toEqual(['0.3 ann (It)', `${second} ann (It is)`]);
    }
  });

  it('makes one call at a time, and counts the pause from its end', async () => {
    let under = 0;
    const clock = createManualClock();
    const { send, run, seen } = openScreen({
      clock,
      async onDraft() {
        under += 1;
        expect(under).toBe(1);
        await new Promise<void>((resolve) => void clock.wake(clock.now() + 4000, resolve));
        under -= 1;
      },
    });
    await send('ann', 'ask');
    for (let at = 0; at < 12; at += 1) {
      await run().draft(`${at}`);
      await clock.advance({ seconds: 1 });
    }
    expect(seen.filter((line) => line.includes('('))).toEqual([
      '0.3 ann (0)',
      '5.3 ann (5)',
      '10.3 ann (10)',
    ]);
  });

  it('delays no reply by a call that hangs, and aborts the call when the service ends', async () => {
    const drafts: Draft[] = [];
    const { clock, send, run, seen, errors } = openScreen({
      async onDraft(draft) {
        drafts.push(draft);
        if (draft.text !== '') await never();
      },
    });
    await send('ann', 'ask');
    await run().draft('It');
    await clock.advance({ seconds: 2 });
    expect(drafts[0]?.signal.aborted).toBe(false);
    await run().end('It is late.');
    expect(drafts[0]?.signal.aborted).toBe(true);
    await clock.advance({ minutes: 5 });
    expect(seen).toEqual(['0.3 ann (It)', '2 ann: It is late.']);
    expect(errors).toEqual([]);
  });

  it('gives up a call that has no answer after ten seconds, and reports it once', async () => {
    const { clock, send, run, seen, errors } = openScreen({ onDraft: never });
    await send('ann', 'ask');
    for (const text of ['It', 'It is']) {
      await run().draft(text);
      await clock.advance({ seconds: 11 });
    }
    await run().end('It is late.');
    await clock.advance({ minutes: 5 });
    expect(seen).toEqual(['0.3 ann (It)', '22 ann: It is late.']);
    expect(errors).toMatchObject([{ code: 'push_timeout' }]);
  });

  it.each<[string, () => Promise<void>]>([
    ['is refused', async () => Promise.reject(new DeliveryError('blocked', 'no'))],
    [
      'throws at once',
      () => {
        throw new Error('no');
      },
    ],
  ])('reports a call that %s once, and makes no other for this run', async (_what, onDraft) => {
    const { clock, send, run, seen, errors } = openScreen({ onDraft });
    await send('ann', 'ask');
    for (const text of ['It', 'It is']) {
      await run().draft(text);
      await clock.advance({ seconds: 2 });
    }
    await run().end('It is late.');
    await clock.advance({ seconds: 6 });
    expect(seen).toEqual(['0.3 ann (It)', '4 ann: It is late.']);
    expect(errors).toHaveLength(1);
    await send('ann', 'ask');
    await run(1).draft('Still');
    await clock.advance({ seconds: 1 });
    expect(errors).toHaveLength(2);
  });

  it('waits for as long as the platform asks it to, and does not report that', async () => {
    let calls = 0;
    const { clock, send, run, seen, errors } = openScreen({
      async onDraft() {
        calls += 1;
        if (calls > 1) return;
        throw new DeliveryError('rate_limited', 'slower', {
          retryable: true,
          details: { retryAfterMs: 3000 },
        });
      },
    });
    await send('ann', 'ask');
    await run().draft('It');
    await clock.advance({ seconds: 2 });
    await run().draft('It is');
    await clock.advance({ seconds: 2 });
    expect(seen).toEqual(['0.3 ann (It)', '3.3 ann (It is)']);
    expect(errors).toEqual([]);
  });

  it.each([
    ['by leaving the state without a word', 'stop', ['0.3 ann (It)', '7 ann ()']],
    ['by leaving it with a reply', 'halt', ['0.3 ann (It)', '5 ann: Well.']],
  ])('ends %s, and takes off what no reply replaced', async (_how, text, expected) => {
    const { clock, send, run, seen } = openScreen();
    await send('ann', 'ask');
    await run().draft('It');
    await clock.advance({ seconds: 5 });
    await send('ann', text);
    await run().draft('It is');
    await clock.advance({ minutes: 5 });
    expect(seen).toEqual(expected);
  });

  it('ends with a service that fails, and with the runner', async () => {
    for (const how of ['fails', 'stops']) {
      const { clock, send, run, runner, seen } = openScreen();
      await send('ann', 'ask');
      await run().draft('It');
      await clock.advance({ seconds: 5 });
      if (how === 'fails') await run().end(new Error('down'));
      else await runner.stop();
      await clock.advance({ minutes: 5 });
      expect(seen.slice(1)).toEqual([how === 'fails' ? '5 ann: failed' : '7 ann ()']);
    }
  });

  it('is taken off where the service takes it back, and comes back', async () => {
    const { clock, send, run, seen } = openScreen();
    await send('ann', 'ask');
    await run().draft('It');
    await clock.advance({ seconds: 1 });
    await run().draft('');
    await clock.advance({ seconds: 3 });
    await run().draft('No');
    await clock.advance({ seconds: 1 });
    expect(seen).toEqual(['0.3 ann (It)', '3 ann ()', '4.3 ann (No)']);
  });

  it('shows it again after a reply in between, which took its place', async () => {
    const { clock, send, run, runner, seen } = openScreen();
    await send('ann', 'ask');
    await run().draft('It');
    await clock.advance({ seconds: 5 });
    await send('ann', 'hello?');
    await clock.advance({ seconds: 2 });
    await runner.say('ann', 'Your parcel is here.');
    await clock.advance({ seconds: 2 });
    expect(seen).toEqual([
      '0.3 ann (It)',
      '5 ann: one moment',
      '5.3 ann (It)',
      '7 ann: Your parcel is here.',
      '7.3 ann (It)',
    ]);
  });

  it('shows of two services the one that began first, until it is over', async () => {
    const { clock, send, run, seen } = openScreen();
    await send('ann', 'both');
    await run(0).draft('left');
    await run(1).draft('right');
    await clock.advance({ seconds: 1 });
    await run(1).draft('right on');
    await run(0).end('');
    await run(1).draft('right on!');
    await clock.advance({ seconds: 5 });
    await run(1).end('');
    await clock.advance({ seconds: 5 });
    expect(seen).toEqual(['0.3 ann (left)', '1.3 ann (right on!)', '8 ann ()']);
  });

  it('shows the draft of the next service in place of that of the one before', async () => {
    const { clock, send, run, seen } = openScreen();
    await send('ann', 'chain');
    await run(0).draft('I look');
    await clock.advance({ seconds: 1 });
    await run(0).end('');
    await clock.advance({ seconds: 1 });
    await run(1).draft('I found');
    await clock.advance({ seconds: 1 });
    await run(1).end('I found it.');
    await clock.advance({ minutes: 1 });
    expect(seen).toEqual(['0.3 ann (I look)', '2 ann (I found)', '3 ann: I found it.']);
  });

  it('shows each user their own', async () => {
    const { clock, send, run, seen } = openScreen();
    await send('ann', 'ask');
    await send('bob', 'ask');
    await run(0).draft('for ann');
    await run(1).draft('for bob');
    await clock.advance({ seconds: 1 });
    expect(seen).toEqual(['0.3 ann (for ann)', '0.3 bob (for bob)']);
  });

  it('continues after the deadline of the answer', async () => {
    const { clock, send, run, seen } = openScreen();
    await send('ann', 'ask');
    await run().draft('It');
    await clock.advance({ seconds: 6 });
    await run().draft('It is');
    await clock.advance({ seconds: 1 });
    await run().end('It is late.');
    expect(seen).toEqual(['0.3 ann (It)', '6 ann (It is)', '7 ann: It is late.']);
  });

  it('is not repeated by a redelivery, which gets the committed reply', async () => {
    const { clock, send, run, seen } = openScreen();
    await send('ann', 'ask', '1');
    await run().draft('It was');
    await clock.advance({ seconds: 1 });
    await run().end('It is late.');
    await send('ann', 'ask', '1');
    await clock.advance({ minutes: 1 });
    expect(seen).toEqual(['0.3 ann (It was)', '1 ann: It is late.', '1 ann: It is late.']);
  });

  it('is shown by the process that runs the service: after a crash, by the next one', async () => {
    const before = openScreen();
    await before.send('ann', 'ask');
    await before.run().draft('It was');
    await before.clock.advance({ seconds: 1 });
    // It dies here: nothing of it is heard any more.
    const { clock, disk } = before;
    const after = openScreen({ clock, disk });
    await after.runner.start();
    await clock.advance({ seconds: 40 });
    await after.run().draft('It is');
    await clock.advance({ seconds: 1 });
    await after.run().end('It is late.');
    await clock.advance({ minutes: 1 });
    expect(after.seen).toEqual(['40.3 ann (It is)', '41 ann: It is late.']);
  });

  it('is shown by the process that runs the service, of two on one persister', async () => {
    const one = openScreen({ isShared: true });
    const { clock, disk } = one;
    const other = openScreen({ clock, disk, isShared: true });
    await other.runner.start();
    await one.send('ann', 'ask');
    await one.run().draft('It');
    await clock.advance({ seconds: 6 });
    await other.send('ann', 'hello?');
    await clock.advance({ seconds: 6 });
    await one.run().draft('It is');
    await clock.advance({ seconds: 2 });
    await other.send('ann', 'stop');
    await clock.advance({ seconds: 6 });
    await one.run().draft('It is la');
    await clock.advance({ seconds: 1 });
    await one.run().end('It is late.');
    await clock.advance({ minutes: 1 });
    expect(other.seen).toEqual(['6 ann: one moment']);
    // That the state was left in the other process, this one learns at its next sign of life: then it shows and says nothing.
    expect(one.seen).toEqual(['0.3 ann (It)', '12 ann (It is)', '17 ann ()']);
  });

  it('is for the users of its channel alone, of several on a runner', async () => {
    const { clock, runner, send, run, seen } = openScreen();
    createWebhook(runner, textChannel({ prefix: 'bob' }), { clock });
    await send('bob', 'ask');
    await run().draft('It');
    await clock.advance({ seconds: 1 });
    expect(seen).toEqual([]);
  });
});

test.each<[string, Channel]>([
  ['a channel of your own', textChannel()],
  ['json', jsonWebhook({ secret: 's', push: { url: 'https://you.example' } })],
  ['wechat', wechat({ token: 'TheToken' })],
  [
    'wecom',
    wecom({
      token: 'TheToken',
      corpId: 'c',
      agentId: 1,
      encodingAESKey: 'a'.repeat(43),
      push: { accessToken: { get: async () => '', renew: async () => '' } },
    }),
  ],
])('`drafts` is refused for a channel that has none: %s', (_name, channel) => {
  expect(() => createWebhook(stubRunner(), channel, { drafts: true })).toThrow(
    expect.toSatisfy((error) => ColloquyError.is(error, 'cannot_draft')) as Error,
  );
  expect(() => createWebhook(stubRunner(), channel, { drafts: false })).not.toThrow();
});
