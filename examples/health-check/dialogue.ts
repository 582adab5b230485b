import { type QuestionDefinition, commandIntents, integer, setupDialogue, text } from 'colloquy';
import { date, yesNo } from 'colloquy/parsers';
import { type Row, rows } from './rows.ts';

type Answer = string | number | boolean | null;

interface Patient {
  answers?: Record<string, Answer>;
}

const parsers = { text: text(), number: integer({ min: 0 }), day: date(), 'yes or no': yesNo() };

const question = ({ id, ask, kind, only, optional }: Row): QuestionDefinition<Patient, Answer> => ({
  key: id,
  question: ask,
  ...(typeof kind === 'string' ? { parse: parsers[kind] } : { options: kind }),
  required: !optional,
  ...(only && { when: ({ context }) => context.answers?.[only.if] === only.is }),
});

const { clear, commands, createDialogue, done, expireIn, questions } = setupDialogue({
  types: {} as { context: Patient },
  intents: commandIntents,
});

/** Forty questions, of which each patient is asked those that apply. */
export default createDialogue({
  id: 'health-check',
  version: '1',
  context: {},
  initial: 'asking',
  on: commands({
    help: { say: 'Answer, or say “skip”, “back”, “start over”, or “stop” for a pause.' },
    cancel: { target: '.paused', actions: expireIn({ days: 30 }) },
    restart: { target: '.asking', actions: clear('answers') },
  }),
  states: {
    asking: questions({
      questions: rows.map(question),
      answers: 'answers',
      progress: true,
      timeout: { after: { hours: 1 }, say: 'Shall we go on? If not now, say “stop”.' },
      target: 'thanks',
    }),
    paused: done('We keep your answers for 30 days. Write to us to go on.'),
    thanks: done('Thank you. See you soon!'),
  },
});
