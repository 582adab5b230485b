import { createRunner, setupDialogue } from 'colloquy';
import { recordConversations } from 'colloquy/studio';

/** Talks and records without an end, and says how far it is. A test kills it. */
const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
const runner = createRunner(
  createDialogue({
    id: 'talk',
    context: {},
    on: { 'message.text': { actions: reply('x'.repeat(2000)) } },
  }),
);
const [, , file = ''] = process.argv;
recordConversations(runner, { file, redact: false, maxBytes: 200_000 });
for (let count = 1; ; count += 1) {
  await runner.handle(`user-${count % 7}`, `message ${count}`);
  if (count % 50 === 0) process.stdout.write(`${count}\n`);
}
