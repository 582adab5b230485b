import { commandIntents, setupDialogue, text } from 'colloquy';
import { post } from './post.ts';
import { type Standup, textOf } from './standup.ts';

const { ask, choose, clear, commands, confirm, createDialogue, done, reply, service } =
  setupDialogue({
    types: {} as { context: Standup },
    actors: { post },
    intents: commandIntents,
  });

const answer = text({ maxLength: 500 });
const timeout = { after: { minutes: 10 }, say: 'Your stand-up is waiting for you.' } as const;

/** Asks three questions, and posts the answers where the team reads them. */
export default createDialogue({
  id: 'standup',
  version: '1',
  context: {},
  initial: 'begin',
  on: commands({
    help: { say: 'Answer the question, or say “back”, “start over” or “cancel”.' },
    restart: '.begin',
    cancel: '.dropped',
  }),
  states: {
    begin: { entry: clear('yesterday', 'today', 'blocker'), always: 'yesterday' },
    yesterday: ask({
      question: 'What did you do yesterday?',
      parse: answer,
      // The team has to know whose stand-up it is.
      assign: ({ value, event }) => ({ yesterday: value, who: event.from?.id }),
      target: 'today',
      timeout,
    }),
    today: ask({
      question: 'And what will you do today?',
      parse: answer,
      assign: 'today',
      back: 'yesterday',
      target: 'blocked',
      timeout,
    }),
    blocked: choose({
      question: 'Does anything block you?',
      options: [
        { value: 'nothing', label: 'Nothing', synonyms: ['no'] },
        { value: 'something', label: 'Something', synonyms: ['yes'] },
      ],
      back: 'today',
      target: { nothing: { target: 'sure', actions: clear('blocker') }, something: 'blocker' },
      timeout,
    }),
    blocker: ask({
      question: 'What is it?',
      parse: answer,
      assign: 'blocker',
      back: 'blocked',
      target: 'sure',
      timeout,
    }),
    sure: confirm({
      question: ({ context }) => `${textOf(context)}\n\nShall I post it?`,
      back: 'blocked',
      yes: 'posting',
      no: 'begin',
      timeout,
    }),
    posting: service({
      src: 'post',
      input: ({ context }) => context,
      retries: 3,
      timeout: { seconds: 10 },
      busy: 'I am posting it.',
      done: 'posted',
      failed: { target: 'sure', actions: reply('Slack does not take it right now.') },
    }),
    posted: done('Your team can read it.'),
    dropped: done('Another time, then.'),
  },
});
