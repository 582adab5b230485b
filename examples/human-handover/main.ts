import { talkInTerminal } from '../terminal.ts';
import desk from './dialogue.ts';

// npx tsx examples/human-handover/main.ts
await talkInTerminal(desk, {}, (runner) => {
  // Yours tells the program in which the colleagues sit.
  runner.on('emit', ({ event }) => console.log('to the colleagues:', event));
  const send = async (event: Parameters<typeof runner.send>[1]): Promise<readonly string[]> => {
    const { outcome } = await runner.send('you', event);
    return [outcome];
  };
  return {
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
  };
});
