import { not } from 'xstate';
import { words } from './setup.ts';

const { emit, reply } = words;

/** The region that keeps an eye on services: it shows that somebody is typing, and says so when it takes long. */
export const typing = words.createStateConfig({
  initial: 'idle',
  states: {
    idle: { always: { guard: 'isBusy', target: 'busy' } },
    busy: {
      // Whoever runs the dialogue hears of it by runner.on('emit', …).
      entry: emit({ type: 'typing', on: true }),
      exit: emit({ type: 'typing', on: false }),
      always: { guard: not('isBusy'), target: 'idle' },
      after: { 2000: { actions: reply('One moment …') } },
    },
  },
});
