import { commandIntents, setupDialogue } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { n?: number } }, intents: commandIntents });

/** The typing indicator of the one region begins again each time that the user cancels in the other. */
export const restartedRegion = words.createDialogue({
  id: 'desk',
  context: {},
  type: 'parallel',
  on: { 'intent.cancel': '.talk.ready' },
  states: {
    talk: {
      initial: 'ready',
      states: {
        ready: { on: { 'message.*': 'busy' } },
        busy: { on: { 'message.*': { actions: words.reply('One moment.') } } },
      },
    },
    clock: {
      initial: 'fresh',
      states: {
        fresh: { after: { 60_000: 'late' } },
        late: { after: { 60_000: 'fresh' } },
      },
    },
  },
});
