import { createWebhook } from 'colloquy/channels/webhook';
import { describe, expect, it } from 'vitest';
import type { Instead } from '../../src/channels/reception.ts';
import type { TurnTaker } from '../../src/channels/turn-taker.ts';
import { PersistError } from '../../src/errors.ts';
import { echoTexts, post, stubClock, stubRunner, textChannel } from './stubs.ts';

type Standing = Awaited<ReturnType<NonNullable<TurnTaker['standing']>>>;

const KEPT: Standing = { isKept: true, isActive: false, hasHeard: false, restedMs: 0 };
const ACTIVE: Standing = { ...KEPT, isActive: true, restedMs: 1000 };
const NOWHERE: Standing = { ...KEPT, isKept: false };

const kept: Instead = { openid: 'other', when: { is: 'kept' } };
const active: Instead = { openid: 'other', when: { is: 'active', withinMs: 1000 } };
const heard: Instead = { openid: 'other', when: { is: 'heard', ids: ['7', '8'] } };

/** To which conversation a message goes, and what the runner was asked. */
async function take(instead: readonly Instead[], standings: Readonly<Record<string, Standing>>) {
  const runner = stubRunner(echoTexts);
  const asked: unknown[] = [];
  const idle: string[] = [];
  const handler = createWebhook(
    {
      ...runner,
      standing: async (openid, ids) => {
        asked.push([openid, ids]);
        const { hasHeard, ...standing } = standings[openid] ?? NOWHERE;
        return { ...standing, hasHeard: hasHeard && ids.length > 0 };
      },
      idle: async (openid) => void idle.push(openid),
    },
    withInstead(instead),
    { clock: stubClock() },
  );
  const works: Promise<unknown>[] = [];
  const response = await handler(post('hi'), { waitUntil: (work) => void works.push(work) });
  await Promise.all(works);
  return { openids: runner.calls.map(({ openid }) => openid), asked, idle, response };
}

function withInstead(instead: readonly Instead[]) {
  const channel = textChannel();
  return {
    ...channel,
    receive: async (request: Parameters<typeof channel.receive>[0]) => {
      const reception = await channel.receive(request);
      return reception.type !== 'messages'
        ? reception
        : { ...reception, messages: reception.messages.map((each) => ({ ...each, instead })) };
    },
  };
}

describe('a message that another conversation may take', () => {
  it.each<[what: string, Instead, Standing, openid: string]>([
    ['that is kept', kept, KEPT, 'other'],
    ['that is under way, where it is enough to be kept', kept, ACTIVE, 'other'],
    ['of which nothing is kept', kept, NOWHERE, 'user'],
    ['that heard this message, and was forgotten', kept, { ...NOWHERE, hasHeard: true }, 'other'],
    ['that is under way', active, ACTIVE, 'other'],
    ['that rests too long', active, { ...ACTIVE, restedMs: 1001 }, 'user'],
    ['that has ended', active, KEPT, 'user'],
    ['that has ended with this very message', active, { ...KEPT, hasHeard: true }, 'other'],
    ['that heard another message', heard, { ...KEPT, hasHeard: true }, 'other'],
    ['that is under way, and did not', heard, ACTIVE, 'user'],
  ])('goes to one %s', async (_what, instead, standing, openid) => {
    const { openids, idle, response } = await take([instead], { other: standing });
    expect(openids).toEqual([openid]);
    expect(idle).toEqual([openid]);
    expect(await response.text()).toBe('hi');
  });

  it('goes to the first of several, and no more are asked', async () => {
    const several = ['a', 'b', 'c'].map((openid) => ({ ...kept, openid }));
    const { openids, asked } = await take(several, { b: KEPT, c: KEPT });
    expect(openids).toEqual(['b']);
    expect(asked).toEqual([
      ['a', ['id']],
      ['b', ['id']],
    ]);
  });

  it('is asked for by its own id and by those it names', async () => {
    expect((await take([heard], {})).asked).toEqual([['other', ['id', '7', '8']]]);
  });

  it('goes where it is addressed to, where the runner cannot tell', async () => {
    const runner = stubRunner(echoTexts);
    await createWebhook(runner, withInstead([kept]), { clock: stubClock() })(post('hi'));
    expect(runner.calls.map(({ openid }) => openid)).toEqual(['user']);
  });

  it.each([
    [new PersistError('persister_unavailable', 'Away.', { retryable: true }), 503],
    [new PersistError('persister_failed', 'Broken.'), 500],
  ])('is not acknowledged where that cannot be read: %s', async (error, status) => {
    const runner = stubRunner(echoTexts);
    const errors: unknown[] = [];
    const handler = createWebhook(
      {
        ...runner,
        standing: async () => {
          throw error;
        },
      },
      withInstead([kept]),
      { clock: stubClock(), onError: (each) => errors.push(each) },
    );
    const response = await handler(post('hi'));
    expect([response.status, await response.text()]).toEqual([status, '']);
    expect(errors).toEqual([error]);
    expect(runner.calls).toEqual([]);
  });
});
