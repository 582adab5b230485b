import { createContextStore, createRunner } from 'colloquy';
import { createForwardClock, runTerminal } from 'colloquy/channels/terminal';
import desk from './dialogue.ts';

const clock = createForwardClock();
const store = createContextStore({ clock });
const runner = createRunner(desk, { store });

// Yours tells the program in which the colleagues sit.
runner.on('emit', ({ event }) => console.log('to the colleagues:', event));

// And that program reports here what they do.
const send = async (event: Parameters<typeof runner.send>[1]): Promise<readonly string[]> => {
  const { outcome } = await runner.send('you', event);
  return [outcome];
};
await runner.start();
await runTerminal(runner, {
  clock,
  reset: (openid) => store.delete(openid),
  commands: {
    join: {
      usage: '/join Ann',
      does: 'has a colleague join',
      run: (agent) => send({ type: 'event.joined', agent }),
    },
    agent: {
      usage: '/agent Good day.',
      does: 'has the colleague say something',
      run: (text) => send({ type: 'event.said', text }),
    },
    leave: {
      usage: '/leave',
      does: 'has the colleague leave',
      run: () => send({ type: 'event.left' }),
    },
  },
});
await runner.stop();
await store.close();
