import { type Clock, createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createWebhook } from 'colloquy/channels/webhook';
import { createManualClock } from 'colloquy/testing';
import { expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import { post, stubClock, stubRunner, textChannel } from './stubs.ts';

/** Looks something up for ten seconds. */
function slow(clock: Clock) {
  const { createDialogue, reply } = setupDialogue({
    types: {} as { context: object },
    actors: {
      lookUp: fromPromise<void>(
        () => new Promise((resolve) => void clock.wake(clock.now() + 10_000, () => resolve())),
      ),
    },
  });
  return createDialogue({
    id: 'slow',
    context: {},
    initial: 'idle',
    states: {
      idle: { on: { 'message.text': 'looking' } },
      looking: {
        invoke: { src: 'lookUp', onDone: { target: 'idle', actions: reply('Found.') } },
      },
    },
  });
}

it('a webhook goes by the clock of its runner, and that by the one of its store', async () => {
  const clock = createManualClock();
  const store = createContextStore({ clock });
  const runner = createRunner(slow(clock), { store });
  onTestFinished(() => store.close());
  expect(runner.clock).toBe(clock);
  const channel = textChannel({ limits: { answerMs: 5000 } });
  const answering = createWebhook(runner, channel)(post('hi'));
  let status: number | undefined;
  void answering.then((response) => (status = response.status));
  await clock.advance(4400);
  expect(status).toBeUndefined();
  await clock.advance(200);
  expect(await (await answering).text()).toBe('ok');
});

it('a webhook goes by the clock that it is given', async () => {
  const runner = { ...stubRunner(), clock: stubClock(1) };
  await createWebhook(runner, textChannel(), { clock: stubClock(2) })(post('hi'));
  expect(runner.calls[0]?.options.receivedAt).toBe(2);
});
