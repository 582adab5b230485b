import { ColloquyError, createContextStore, createRunner, setupDialogue } from 'colloquy';
import type { Persister } from 'colloquy';
import { createSource } from 'colloquy/channels/source';
import { ilink } from 'colloquy/channels/ilink';
import { telegram } from 'colloquy/channels/telegram';

/** A bot that asks for its messages, and is killed: it remembers what it has heard, and says it when it is asked for a list. */

interface Heard {
  readonly heard: readonly string[];
}

const words = setupDialogue({ types: {} as { context: Heard } });
const isList = ({ event }: { event: { type: string } }): boolean =>
  'text' in event && event.text === 'list';
const dialogue = words.createDialogue({
  id: 'hearing',
  version: '1',
  context: { heard: [] },
  on: {
    'message.text': [
      { guard: isList, actions: words.reply(({ context }) => `list ${context.heard.join(' ')}`) },
      {
        actions: [
          words.assign({ heard: ({ context, event }) => [...context.heard, event.text] }),
          words.reply(({ event }) => `heard ${event.text}`),
        ],
      },
    ],
  },
});

const [platform, baseUrl = '', token = '', module = '', options = '{}'] = process.argv.slice(2);
const { openPersister } = (await import(module)) as {
  openPersister(options: unknown): Persister | Promise<Persister>;
};
const store = createContextStore<Heard>({ persister: await openPersister(JSON.parse(options)) });
const runner = createRunner(dialogue, { store });
/** What may happen while another process is being killed passes by itself. */
const complain = (error: unknown): void => {
  if (!(ColloquyError.is(error) && error.retryable)) process.stderr.write(`${String(error)}\n`);
};
runner.on('error', ({ error }) => complain(error));
store.on('error', ({ error }) => complain(error));
const channel = platform === 'ilink' ? ilink({ token, baseUrl }) : telegram({ token, baseUrl });
createSource(runner, channel, { onError: complain });
await runner.start();
// A process without a parent has no user to serve.
process.on('disconnect', () => process.exit());
