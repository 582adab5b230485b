import { commandIntents, integer, setupDialogue, text } from 'colloquy';
import { askModel } from './model.ts';
import { type Report, open } from './tickets.ts';

const { assign, clear, commands, confirm, createDialogue, done, emit, form, reply, service } =
  setupDialogue({
    types: {} as {
      context: Report & { ticket?: string; agent?: string };
      values: { report: Report };
      emitted: { type: 'called' } | { type: 'said'; text: string };
    },
    actors: { open },
    intents: { ...commandIntents, report: {}, human: {} },
    events: { joined: {} as { agent: string }, said: {} as { text: string }, left: {} as object },
    recognize: askModel,
  });

/** A model fills a form out of whole sentences, and a person takes over where that is not enough. */
export default createDialogue({
  id: 'help-desk',
  version: '1',
  context: {},
  initial: 'ready',
  on: {
    ...commands({ help: { say: 'Tell me what is broken.' }, cancel: '.bye', restart: '.ready' }),
    'intent.human': '.waiting',
  },
  states: {
    ready: {
      entry: clear('device', 'problem', 'days', 'ticket', 'agent'),
      on: {
        'intent.report': 'report',
        'message.*': { actions: reply('Good day. What is broken?') },
      },
    },
    report: form({
      slots: {
        device: { question: 'Which device is it?', options: ['kettle', 'toaster'] },
        problem: { question: 'What is wrong with it?', parse: text({ maxLength: 500 }) },
        days: { question: 'For how many days?', parse: integer({ min: 0, units: ['days', '天'] }) },
      },
      otherwise: 'waiting',
      timeout: { after: { minutes: 10 }, say: 'Are you still there?' },
      target: 'opening',
    }),
    opening: service({
      src: 'open',
      input: ({ context }) => context,
      assign: 'ticket',
      retries: 2,
      timeout: { seconds: 10 },
      busy: 'One moment, I am writing it down.',
      done: { target: 'noted', actions: reply(({ event }) => `This is ticket ${event.output}.`) },
      failed: 'waiting',
    }),
    noted: confirm({ question: 'Is that enough for now?', yes: 'bye', no: 'waiting' }),
    waiting: {
      entry: [reply('I am calling a colleague.'), emit({ type: 'called' })],
      on: {
        'event.joined': {
          target: 'talking',
          actions: assign({ agent: ({ event }) => event.agent }),
        },
        'message.*': { actions: reply('A colleague will be with you soon.') },
      },
      after: { 300_000: { target: 'bye', actions: reply('Nobody is free. We will call you.') } },
    },
    talking: {
      entry: reply(({ context }) => `${context.agent} is here.`),
      on: {
        'event.said': { actions: reply(({ context, event }) => `${context.agent}: ${event.text}`) },
        'event.left': 'noted',
        // Whatever the words mean, they are for the colleague.
        'intent.*': undefined,
        'message.text': { actions: emit(({ event }) => ({ type: 'said', text: event.text })) },
        'message.*': { actions: reply('Only texts reach your colleague.') },
      },
    },
    bye: done('Goodbye.'),
  },
});
