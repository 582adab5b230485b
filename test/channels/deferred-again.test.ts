import { createRunner, formatReply, setupDialogue } from 'colloquy';
import { createWebhook } from 'colloquy/channels/webhook';
import { createManualClock } from 'colloquy/testing';
import { expect, it, onTestFinished } from 'vitest';
import { createContextStore } from '../../src/context/store.ts';
import { DeliveryError } from '../../src/errors.ts';
import { createDisk, memory } from '../../src/persist/memory.ts';
import { post, textChannel } from './stubs.ts';

const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });

/** Says three things to each text, each with the text. */
const dialogue = createDialogue({
  id: 'three',
  context: {},
  on: {
    'message.text': {
      actions: [1, 2, 3].map((number) => reply(({ event }) => `${event.text} ${number}`)),
    },
  },
});

/** What a user reads: an answer has room for one text, and a push is refused until the platform is open. */
function chat() {
  const clock = createManualClock();
  const store = createContextStore({ clock, persister: memory(createDisk()) });
  const runner = createRunner(dialogue, { store });
  runner.on('error', () => {});
  onTestFinished(() => store.close());
  const read: string[] = [];
  const platform = { isOpen: false };
  const channel = textChannel({
    async receive(request) {
      const text = new TextDecoder().decode(await request.readBody());
      return {
        type: 'messages',
        messages: [{ openid: 'user', message: { type: 'message.text', text }, id: text }],
        acknowledge: { status: 200, body: '' },
        render: ([first, ...others]) => ({
          answer: { status: 200, body: first === undefined ? '' : formatReply(first) },
          unsent: others.map((_, index) => ({ index: index + 1, reason: 'full' })),
        }),
      };
    },
    async push(_openid, said) {
      if (!platform.isOpen) throw new DeliveryError('push_closed', 'The user has to write first.');
      read.push(formatReply(said));
    },
  });
  const handler = createWebhook(runner, channel, { clock });
  const send = async (text: string): Promise<void> => {
    const answer = await (await handler(post(text))).text();
    if (answer !== '') read.push(answer);
    await clock.advance(1000);
  };
  return { read, platform, send, runner };
}

it('what waits for the user to write is not lost where a message comes again, and its answer has no room', async () => {
  const { read, platform, send, runner } = chat();
  await send('a');
  await send('a');
  await send('a');
  platform.isOpen = true;
  await send('b');
  await runner.idle('user');
  expect(new Set(read)).toEqual(new Set(['a 1', 'a 2', 'a 3', 'b 1', 'b 2', 'b 3']));
  const later = read.slice(read.lastIndexOf('a 1') + 1);
  expect(later).toEqual(['a 2', 'a 3', 'b 1', 'b 2', 'b 3']);
});
