import { not } from 'xstate';
import { words } from './setup.ts';

const { emit, reply } = words;

/** The region that watches services: it shows the typing indicator, and says so when a service takes long. */
export const typing = words.createStateConfig({
  initial: 'idle',
  states: {
    idle: { always: { guard: 'isBusy', target: 'busy' } },
    busy: {
      // A program receives this by runner.on('emit', …).
      entry: emit({ type: 'typing', on: true }),
      exit: emit({ type: 'typing', on: false }),
      always: { guard: not('isBusy'), target: 'idle' },
      after: { 2000: { actions: reply('One moment …') } },
    },
  },
});
