import { commandIntents, hear, keywords, now, setupDialogue, text, until } from 'colloquy';
import { phone } from 'colloquy/dialogue/parsers/phone';
import { dateTime } from 'colloquy/parsers';
import { type Patient, offer, tell, tellTime, timeZone } from './texts.ts';

type Contact = NonNullable<Patient['contact']>;

const asking = setupDialogue({
  types: {} as { context: Partial<Contact>; output: Contact },
  intents: commandIntents,
});

/** Asks for a name and a number. It speaks the language of the dialogue around it. */
const contact = asking.createDialogue({
  id: 'contact',
  context: {},
  initial: 'name',
  states: {
    name: asking.ask({ question: tell('askName'), parse: text(), assign: 'name', target: 'phone' }),
    phone: asking.ask({
      question: tell('askPhone'),
      parse: phone({ country: 'CN' }),
      assign: 'phone',
      back: 'name',
      target: 'end',
    }),
    end: asking.done(),
  },
  output: ({ context: { name = '', phone: number = '' } }) => ({ name, phone: number }),
});

/** Milliseconds until nine o'clock at the clinic on the day before the visit. */
const untilReminder = ({ context: { at = new Date(0) } }: { readonly context: Patient }) =>
  until({ from: at, days: -1, time: '9:00', timeZone });

const { assign, choose, clear, commands, createDialogue, done, form, reply } = setupDialogue({
  types: {} as { context: Patient },
  words: { timeZone },
  actors: { contact },
  intents: { ...commandIntents, english: keywords('English', '英语'), chinese: keywords('中文') },
  delays: {
    reminder: untilReminder,
    visit: ({ context: { at = new Date(0) } }) => at.getTime() - now(),
  },
});

const speakChinese = assign({ locale: 'zh-CN' });

/** Makes appointments in English and Chinese, reminds of them, and moves or cancels them. */
export default createDialogue({
  id: 'clinic',
  version: '1',
  context: {},
  initial: 'hello',
  on: commands({
    help: {},
    cancel: '.dropped',
    english: { actions: assign({ locale: 'en' }) },
    chinese: { actions: speakChinese },
  }),
  states: {
    hello: {
      on: {
        'message.*': [
          { guard: hear(/\p{Script=Han}/u), target: 'booking', actions: speakChinese },
          { target: 'booking' },
        ],
      },
    },
    booking: form({
      slots: {
        department: {
          label: tell('department'),
          question: tell('askDepartment'),
          options: offer('eyes', 'skin', 'teeth'),
        },
        at: { label: tell('at'), question: tell('askAt'), parse: dateTime({ future: true }) },
        contact: {
          label: tell('contact'),
          dialogue: 'contact',
          format: (who) => `${who.name}, ${who.phone}`,
        },
      },
      keep: true,
      target: 'booked',
      otherwise: 'person',
      timeout: [{ after: { minutes: 10 } }, { after: { hours: 1 }, target: 'dropped' }],
    }),
    booked: {
      entry: reply(tellTime('booked')),
      after: { visit: 'visited' },
      on: { 'intent.cancel': 'cancelled' },
      initial: 'waiting',
      states: {
        waiting: {
          always: { guard: (about) => untilReminder(about) < 0, target: 'reminded' },
          after: { reminder: { target: 'reminded', actions: reply(tellTime('reminder')) } },
          on: { 'message.*': 'manage' },
        },
        reminded: { on: { 'message.*': 'manage' } },
        manage: choose({
          question: tell('manage'),
          options: offer('keep', 'move', 'cancel'),
          target: {
            keep: 'waiting',
            move: { target: '#clinic.booking', actions: clear('at') },
            cancel: '#clinic.cancelled',
          },
          timeout: { after: { minutes: 10 }, target: 'waiting' },
        }),
      },
    },
    cancelled: { type: 'final', entry: [clear('at'), reply(tell('cancelled'))] },
    visited: done(tell('visited')),
    dropped: done(tell('dropped')),
    person: done(tell('person')),
  },
});
