import { describe, expect, test } from 'vitest';
import { createWebhook } from 'colloquy/channels/webhook';
import { createManualClock } from 'colloquy/testing';
import type { Channel } from '../../src/channels/channel.ts';
import { ColloquyError, PersistError } from '../../src/errors.ts';
import { toReply } from '../../src/reply-check.ts';
import { post, stubRunner, textChannel } from './stubs.ts';

const retrying: Pick<Channel, 'limits'> = {
  limits: { answerMs: 5000, redelivery: { withinMs: 15_000, attempts: 3 } },
};

type Outcome = { readonly outcome: string; readonly said?: string; readonly error?: unknown };

/** A webhook that holds, and a platform that gives up each attempt when it says so. */
function setUp() {
  const clock = createManualClock();
  const errors: unknown[] = [];
  const runner = stubRunner();
  const running: ((outcome: Outcome) => void)[] = [];
  Object.assign(runner, {
    handle: (...[openid, message, options]: Parameters<typeof runner.handle>) => {
      runner.calls.push({ openid, message, options });
      return new Promise((resolve) => {
        running.push(({ said, ...turn }) =>
          resolve({ ...turn, replies: said === undefined ? [] : [toReply(said)] }),
        );
      });
    },
  });
  const handler = createWebhook(runner, textChannel(retrying), {
    clock,
    hold: true,
    onError: (error) => errors.push(error),
  });
  const answers: string[] = [];
  /** Makes an attempt, and resolves when it has arrived; its answer is noted as `1: 200 ok`. */
  async function attempt(name: string): Promise<AbortController> {
    const client = new AbortController();
    void handler(post('hi', { signal: client.signal })).then(async (response) => {
      const body = await response.text();
      const isRead = !client.signal.aborted;
      if (isRead) answers.push(`${name}: ${response.status} ${body}`.trim());
    });
    await clock.advance(0);
    await clock.advance(0);
    return client;
  }
  /** Ends the turn that runs. */
  async function end(outcome: Outcome): Promise<void> {
    expect(running).not.toEqual([]);
    running.shift()?.(outcome);
    await clock.advance(0);
    await clock.advance(0);
  }
  const replied = (said: string): Outcome => ({ outcome: 'replied', said });
  return { clock, runner, errors, answers, attempt, end, replied };
}

describe('a webhook that holds', () => {
  test('gives the turn the time of all attempts, and the newest attempt its replies', async () => {
    const { clock, runner, answers, attempt, end, replied } = setUp();
    const first = await attempt('1');
    await clock.advance(5000);
    first.abort();
    await attempt('2');
    await clock.advance(2000);
    expect(answers).toEqual([]);
    await end(replied('seven seconds later'));
    expect(answers).toEqual(['2: 200 seven seconds later']);
    expect(runner.calls).toHaveLength(1);
    expect(runner.calls[0]?.options.deadlineMs).toBe(14_500);
    await clock.advance({ minutes: 1 });
    expect(runner.said).toEqual([]);
  });

  test('answers at once where the turn ends in time', async () => {
    const { clock, answers, attempt, end, replied } = setUp();
    await attempt('1');
    await clock.advance(100);
    await end(replied('quick'));
    expect(answers).toEqual(['1: 200 quick']);
  });

  test('acknowledges older attempts, whose platform may still be reading', async () => {
    const { clock, answers, attempt, end, replied } = setUp();
    await attempt('1');
    await clock.advance(4900);
    await attempt('2');
    await end(replied('said'));
    expect(answers.toSorted()).toEqual(['1: 200 ok', '2: 200 said']);
  });

  test('acknowledges the last attempt in time; what is said later is pushed or kept', async () => {
    const { clock, runner, answers, attempt, end, replied } = setUp();
    for (const name of ['1', '2']) {
      const client = await attempt(name);
      await clock.advance(5000);
      client.abort();
    }
    await attempt('3');
    await clock.advance(4499);
    expect(answers).toEqual([]);
    await clock.advance(1);
    expect(answers).toEqual(['3: 200 ok']);
    await end(replied('at the last moment'));
    expect(runner.said).toEqual([
      { openid: 'user', replies: [toReply('at the last moment')], id: 'id' },
    ]);
  });

  test('acknowledges where the runner says that it takes longer still', async () => {
    const { clock, runner, answers, attempt, end } = setUp();
    for (const name of ['1', '2']) {
      const client = await attempt(name);
      await clock.advance(5000);
      client.abort();
    }
    await attempt('3');
    await end({ outcome: 'pending' });
    expect(answers).toEqual(['3: 200 ok']);
    expect(runner.said).toEqual([]);
  });

  test('keeps what was said between two attempts for the second', async () => {
    const { clock, runner, answers, attempt, end, replied } = setUp();
    const first = await attempt('1');
    await clock.advance(5000);
    first.abort();
    await end(replied('just missed'));
    expect(answers).toEqual([]);
    await attempt('2');
    await clock.advance(0);
    expect(answers).toEqual(['2: 200 just missed']);
    expect(runner.calls).toHaveLength(1);
    await clock.advance({ minutes: 1 });
    expect(runner.said).toEqual([]);
  });

  test('says it in another way where the second never comes', async () => {
    const { clock, runner, attempt, end, replied } = setUp();
    (await attempt('1')).abort();
    await end(replied('missed'));
    await clock.advance(9999);
    expect(runner.said).toEqual([]);
    await clock.advance(1);
    expect(runner.said).toMatchObject([{ replies: [toReply('missed')] }]);
  });

  test('says it in another way where no attempt came while the turn ran on', async () => {
    const { clock, runner, attempt, end, replied } = setUp();
    await attempt('1');
    await clock.advance(12_000);
    await end(replied('missed'));
    expect(runner.said).toMatchObject([{ replies: [toReply('missed')] }]);
  });

  test('lets an attempt that is made again have the recorded replies', async () => {
    const { clock, runner, answers, attempt, end, replied } = setUp();
    await attempt('1');
    await end(replied('lost on its way'));
    await clock.advance(5000);
    await attempt('2');
    await end({ outcome: 'duplicate', said: 'lost on its way' });
    expect(runner.calls).toHaveLength(2);
    expect(answers).toEqual(['1: 200 lost on its way', '2: 200 lost on its way']);
  });

  test('tells every attempt that the message has to come again where it was not taken in', async () => {
    const { clock, runner, answers, attempt, end, replied } = setUp();
    await attempt('1');
    await clock.advance(4900);
    await attempt('2');
    const error = new PersistError('unavailable', 'away', { retryable: true });
    await end({ outcome: 'failed', error });
    expect(answers.toSorted()).toEqual(['1: 503', '2: 503']);
    await clock.advance(5100);
    await attempt('3');
    await end(replied('now'));
    // Of fifteen seconds, ten are over.
    expect(runner.calls.map(({ options }) => options.deadlineMs)).toEqual([14_500, 4500]);
    expect(answers).toContain('3: 200 now');
  });

  test('reports a reply that has no request any more and could not be kept', async () => {
    const { clock, runner, errors, attempt, end, replied } = setUp();
    const fault = new PersistError('unavailable', 'away');
    Object.assign(runner, { say: () => Promise.reject(fault) });
    await attempt('1');
    await clock.advance(12_000);
    await end(replied('missed'));
    expect(errors).toEqual([
      fault,
      expect.toSatisfy((error) => ColloquyError.is(error, 'reply_not_sent')),
    ]);
  });

  test('holds ten thousand messages, and answers more as if it held none', async () => {
    const clock = createManualClock();
    const runner = stubRunner(() => new Promise(() => {}));
    let next = 0;
    const channel = textChannel();
    const handler = createWebhook(
      runner,
      textChannel({
        ...retrying,
        async receive(request) {
          const reception = await channel.receive(request);
          if (reception.type !== 'messages') return reception;
          const id = `m${(next += 1)}`;
          return { ...reception, messages: reception.messages.map((one) => ({ ...one, id })) };
        },
      }),
      { clock, hold: true },
    );
    for (let count = 0; count < 10_001; count += 1) void handler(post('hi'));
    await clock.advance(0);
    const deadlines = runner.calls.map(({ options }) => options.deadlineMs);
    expect(deadlines.filter((ms) => ms === 14_500)).toHaveLength(10_000);
    expect(deadlines.at(-1)).toBe(4500);
  });
});

test.each([
  ['nothing', {}],
  ['a deadline only', { answerMs: 5000 }],
  ['a redelivery without a number of attempts', { redelivery: { withinMs: 1 } }],
])('a platform of which a channel declares %s cannot be held', (_, limits) => {
  expect(() => createWebhook(stubRunner(), textChannel({ limits }), { hold: true })).toThrow(
    expect.toSatisfy((error) => ColloquyError.is(error, 'cannot_hold')) as Error,
  );
});
