import { commandIntents, hear, keywords, setupDialogue } from 'colloquy';
import * as answers from './answers.ts';

interface Data extends answers.Answers {
  /** The rounds that this user has begun. The number outlives a round: the context of a finished dialogue stays. */
  rounds: number;
}

const words = setupDialogue({
  types: {} as { context: Data },
  intents: { ...commandIntents, forget: keywords('forget me', 'delete my answers') },
});
const { ask, assign, choose, clear, confirm, expireIn, reply } = words;

export default words.createDialogue({
  id: 'survey',
  version: '1',
  context: { rounds: 0 },
  initial: 'begin',
  on: words.commands({
    help: { say: 'Answer the question, or say “restart”, “stop” or “forget me”.' },
    restart: '.begin',
    cancel: '.unfinished',
    forget: '.forgotten',
  }),
  states: {
    begin: {
      entry: [
        clear(...answers.KEYS),
        assign({ rounds: ({ context }) => context.rounds + 1 }),
        // A round that is not finished by tomorrow is deleted.
        expireIn({ days: 1 }),
      ],
      always: 'consent',
    },
    consent: confirm({
      question: ({ context: { rounds } }) =>
        rounds === 1
          ? 'May we ask how you get around? It takes a minute.'
          : `Welcome to round ${rounds}. May we ask you again?`,
      yes: 'age',
      no: 'forgotten',
    }),
    age: ask({
      question: 'How old are you?',
      parse: answers.age,
      assign: 'age',
      target: [{ guard: ({ value }) => value < 18, target: 'grade' }, { target: 'place' }],
      attempts: 3,
      otherwise: 'unfinished',
    }),

    // By age: some go to school …
    grade: ask({
      question: 'Which grade are you in?',
      parse: answers.grade,
      assign: 'grade',
      target: 'travel',
    }),
    // … and some go to work, if at all.
    place: choose({
      question: 'Where do you work?',
      options: [
        { value: 'office', label: 'Away', synonyms: ['office', 'school', 'shop'] },
        { value: 'home', label: 'At home', synonyms: ['home', 'from home'] },
        { value: 'both', label: 'Both' },
      ],
      assign: 'place',
      target: { office: 'travel', home: 'email', both: 'travel' },
    }),

    // Branches by the answer.
    travel: choose({
      question: ({ context }) => `How do you get to ${context.grade ? 'school' : 'work'}?`,
      // “by” is no filler, because “by Friday” is not “on Friday”. So the synonyms name what people say.
      options: [
        { value: 'car', synonyms: ['by car'] },
        { value: 'train', synonyms: ['by train'] },
        { value: 'bike', synonyms: ['by bike', 'bicycle', 'cycling'] },
      ],
      assign: 'travel',
      target: { car: 'wouldSwitch', train: 'rating', bike: 'minutes' },
    }),
    wouldSwitch: confirm({
      question: 'Would you take the train if it was as quick?',
      assign: 'wouldSwitch',
      yes: 'minutes',
      no: 'minutes',
    }),
    rating: ask({
      question: 'From 1 to 10: how well do the trains keep time?',
      parse: answers.outOfTen,
      assign: 'rating',
      target: 'minutes',
      attempts: 2,
      // A question that the user may skip.
      otherwise: 'minutes',
    }),
    minutes: ask({
      question: 'How many minutes does it take?',
      parse: answers.minutes,
      assign: 'minutes',
      target: 'email',
    }),

    email: ask({
      question: 'Where shall we send the results? An email address, or “skip”.',
      parse: answers.email,
      assign: 'email',
      target: 'summary',
      on: { 'message.text': { guard: hear('skip', 'no'), target: 'summary' } },
    }),
    summary: confirm({
      question: ({ context }) => `${answers.summaryOf(context)}\nIs that right?`,
      yes: 'thanks',
      // Another path through the questions deletes the answers of the former path.
      no: { target: 'age', actions: clear(...answers.KEYS) },
    }),
    thanks: { type: 'final', entry: [reply('Thank you!'), expireIn({ days: 365 })] },
    unfinished: words.done('Never mind. Say hello to begin again.'),
    forgotten: { type: 'final', entry: [reply('We keep nothing about you.'), words.forget()] },
  },
});
