import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deferred, texts } from './world.ts';

const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
const answering = createDialogue({
  id: 'answering',
  context: {},
  on: { 'message.text': { actions: reply('Yes.') } },
});

function start(options: object, age = 86_400) {
  const clock = createManualClock();
  const store = createContextStore({ clock, age, ...options });
  const runner = createRunner(answering, { store });
  const errors: unknown[] = [];
  runner.on('error', ({ error, openid }) =>
    errors.push(`${openid}: ${(error as { code?: string }).code}`),
  );
  onTestFinished(() => store.close());
  return { clock, store, runner, errors };
}

describe.each([
  ['in memory', () => ({})],
  ['over a persister', () => ({ persister: memory() })],
  [
    'over a persister that is shared',
    () => ({ persister: memory(createDisk(), { shared: true }) }),
  ],
])('a listener of replies that does not settle, %s', (_where, options) => {
  it('is reported after a minute, and the reply is sent again with those behind it, in order', async () => {
    const { clock, runner, errors } = start(options());
    const tries: string[] = [];
    runner.on('reply', ({ reply: said }) => {
      tries.push(...texts([said]));
      return tries.length === 1 ? new Promise(() => undefined) : undefined;
    });
    await runner.say('ann', ['one', 'two']);
    await clock.advance({ seconds: 59 });
    await runner.say('ann', 'three');
    expect([tries, errors]).toEqual([['one'], []]);
    await clock.advance({ seconds: 1 });
    expect(errors).toEqual(['ann: listener_timeout']);
    await clock.advance({ seconds: 10 });
    expect(tries).toEqual(['one', 'one', 'two', 'three']);
  });

  it('holds up neither other users nor the messages of this one', async () => {
    const { clock, runner } = start(options());
    const heard: string[] = [];
    runner.on('reply', ({ openid, reply: said }) => {
      heard.push(`${openid}: ${texts([said]).join()}`);
      return openid === 'ann' ? new Promise(() => undefined) : undefined;
    });
    await runner.say('ann', 'one');
    await runner.say('bob', 'two');
    expect(texts((await runner.handle('ann', 'hi')).replies)).toEqual(['Yes.']);
    await clock.advance(0);
    expect(heard).toEqual(['ann: one', 'bob: two']);
  });

  it('is given up after as many tries as one that throws, and that is reported', async () => {
    const { clock, runner, errors } = start(options());
    runner.on('reply', () => new Promise(() => undefined));
    await runner.say('ann', 'one');
    await clock.advance({ hours: 4 });
    expect(errors.filter((error) => error === 'ann: listener_timeout')).toHaveLength(20);
    expect(errors.at(-1)).toBe('ann: undelivered');
  });

  it('has its reply reported as lost if the conversation expires meanwhile', async () => {
    const { clock, runner, errors } = start(options(), 30);
    runner.on('reply', () => new Promise(() => undefined));
    await runner.say('ann', 'one');
    await clock.advance({ hours: 24 });
    expect(errors).toContain('ann: undelivered');
  });

  it('has taken the reply if it ends late and before the next try', async () => {
    const { clock, runner, errors } = start(options());
    const gate = deferred();
    const tries: string[] = [];
    runner.on('reply', ({ reply: said }) => {
      tries.push(...texts([said]));
      return tries.length === 1 ? gate.promise : undefined;
    });
    await runner.say('ann', ['one', 'two']);
    await clock.advance({ seconds: 60 });
    gate.resolve();
    await clock.advance({ minutes: 10 });
    expect([tries, errors]).toEqual([['one', 'two'], ['ann: listener_timeout']]);
  });

  it('has not taken the reply if it rejects late', async () => {
    const { clock, runner } = start(options());
    const gate = deferred();
    const tries: string[] = [];
    runner.on('reply', ({ reply: said }) => {
      tries.push(...texts([said]));
      return tries.length === 1 ? gate.promise : undefined;
    });
    await runner.say('ann', ['one']);
    await clock.advance({ seconds: 60 });
    gate.reject(new Error('no network'));
    await clock.advance({ minutes: 10 });
    expect(tries).toEqual(['one', 'one']);
  });
});
