import { createContextStore, createRunner } from 'colloquy';
import { createForwardClock, runTerminal } from 'colloquy/channels/terminal';
import quiz from './dialogue.ts';

const clock = createForwardClock();
const store = createContextStore({ clock });
const runner = createRunner(quiz, { store });
await runner.start();
await runTerminal(runner, {
  clock,
  reset: (openid) => store.delete(openid),
  // Everybody sits at one keyboard: “Ann: join” is what Ann says.
  parse(line) {
    const [, name = '', text = ''] = /^(\p{L}[\p{L}\d]*)[:：] *(.+)$/u.exec(line) ?? [];
    return name === '' ? undefined : { type: 'message.text', text, from: { id: name, name } };
  },
});
await runner.stop();
await store.close();
