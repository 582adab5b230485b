import { setupDialogue } from 'colloquy';

const words = setupDialogue({ types: {} as { context: {} } });

/** Who is handed over never comes back. */
export const noWayOut = words.createDialogue({
  id: 'handover',
  context: {},
  initial: 'menu',
  states: {
    menu: words.confirm({
      question: 'Shall I help you?',
      yes: 'bye',
      no: 'person',
      attempts: 2,
      otherwise: 'person',
    }),
    person: {
      entry: words.reply({ type: 'handoff' }),
      on: { 'message.*': { actions: words.reply({ type: 'handoff' }) } },
    },
    bye: words.done('Bye.'),
  },
});
