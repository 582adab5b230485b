import { migrateTo, renameService, renameSlot, renameState, setupDialogue } from 'colloquy';
import { fromPromise } from 'xstate';
import { patience, people, timeout } from './v1.ts';

const { choose, createDialogue, done, form, service } = setupDialogue({
  types: {} as { context: { guests?: number; table?: string } },
  actors: { reserve: fromPromise(async () => 'T2') },
});

export default createDialogue({
  id: 'booking',
  version: '2',
  context: {},
  initial: 'menu',
  states: {
    menu: choose({ question: 'Menu', options: ['book'], target: 'details', otherwise: 'end' }),
    details: form({ slots: { guests: people }, target: 'looking', otherwise: 'end', timeout }),
    looking: service({ src: 'reserve', assign: 'table', done: 'end', failed: 'end', ...patience }),
    end: done(({ context }) => `Table ${context.table} for ${context.guests}.`),
  },
});

/** Takes the users of version 1 along, wherever they are. */
export const migrate = {
  1: migrateTo(
    '2',
    renameState('hello', 'menu'),
    renameState('table', 'details'),
    renameState('finding', 'looking'),
    renameSlot('details', 'people', 'guests'),
    renameService('find', 'reserve'),
  ),
};
