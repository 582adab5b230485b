import { commandIntents, keywords, pattern, setupDialogue } from 'colloquy';
import { type AnyStateMachine, fromPromise } from 'xstate';
import type { Booking } from './booking.ts';
import { findName, findPeople, findPhone, readName, readPeople, readPhone } from './finding.ts';
import { visit, visitAnywhere } from './opening.ts';
import type { Tables } from './tables.ts';
import { TIME_ZONE, tell, timeOf } from './texts.ts';

const HOUR_MS = 3_600_000;

/**
 * Books tables in a conversation: greets, fills a form, asks the reservation book, and calls a person if that fails.
 * @param known about every guest from the start, such as a language that all of them speak
 */
export function createRestaurant(tables: Tables, known: Booking = {}): AnyStateMachine {
  const { assign, clear, reply, choose, confirm, form, commands, done, createDialogue } =
    setupDialogue({
      types: {} as { context: Booking },
      words: { timeZone: TIME_ZONE },
      actors: {
        // A service; a state below invokes it by its name. It is aborted when the guest leaves that state.
        findTable: fromPromise(
          ({ input, signal }: { input: { when: Date; people: number }; signal: AbortSignal }) =>
            tables.find(input.when, input.people, signal),
        ),
      },
      intents: {
        ...commandIntents,
        book: pattern(/\b(?:book|reserve|reservation|table|people)\b|[订定]位|预[订定]/iu),
        hours: pattern(/^hours$|opening hours|when (?:do|are) you open|营业时间|几点[开关]门/iu),
        person: pattern(/\b(?:human|a person|real person)\b|人工|真人/iu),
        english: keywords('English', '英语'),
        chinese: keywords('中文', 'Chinese'),
      },
    });

  // What every question does without an answer: a reminder first, later a goodbye.
  const timeout = [
    { after: { minutes: 10 }, say: tell('stillThere') },
    { after: { hours: 1 }, say: tell('goodbye'), target: 'over' },
  ] as const;

  const welcome = { target: 'menu', actions: reply(tell('welcome')) } as const;

  return createDialogue({
    id: 'restaurant',
    version: '1',
    context: known,
    initial: 'hello',
    // These work at any time. Without a target, the open question is asked again afterwards.
    on: commands({
      help: {},
      cancel: { target: '.over', say: tell('cancelled') },
      restart: '.menu',
      // The form goes back from slot to slot by itself; this is the target before the first.
      back: '.menu',
      hours: { say: tell('hours') },
      person: '.person',
      english: { actions: assign({ locale: 'en' }) },
      chinese: { actions: assign({ locale: 'zh-CN' }) },
    }),
    states: {
      // Says nothing, so that it reads the very first message: “a table for four tomorrow at 7pm”.
      hello: {
        // Runs before the actions of the transitions, so that every text is in the guest's language.
        exit: assign(({ context, event }) => ({ locale: languageOf(event) ?? context.locale })),
        on: {
          'intent.book': 'newBooking',
          'intent.hours': 'hours',
          'intent.person': 'person',
          'intent.*': welcome,
          'message.*': welcome,
          'event.follow': welcome,
        },
      },

      menu: choose({
        question: tell('menu'),
        options: (args) => [
          { value: 'book', label: tell('book')(args) },
          { value: 'hours', label: tell('openingHours')(args) },
          { value: 'person', label: tell('person')(args) },
        ],
        on: { 'intent.book': 'newBooking' },
        target: { book: 'newBooking', hours: 'hours', person: 'person' },
        attempts: 3,
        otherwise: 'person',
        timeout,
      }),
      hours: { entry: reply(tell('hours')), always: 'menu' },

      // A guest who comes again has the same name and number, but comes at another time.
      newBooking: {
        entry: clear('people', 'when'),
        always: 'booking',
      },
      booking: form({
        slots: {
          people: {
            label: tell('people'),
            question: tell('askPeople'),
            parse: readPeople,
            // Finds the number in any message, even in the answer to another question: “no, five people”.
            extract: findPeople,
          },
          when: {
            label: tell('when'),
            question: tell('askWhen'),
            parse: visit,
            extract: visitAnywhere,
            format: (_, { context }) => timeOf(context),
          },
          name: {
            label: tell('name'),
            question: tell('askName'),
            parse: readName,
            extract: findName,
          },
          phone: {
            label: tell('phone'),
            question: tell('askPhone'),
            parse: readPhone,
            extract: findPhone,
          },
        },
        // The form asks for empty slots only: after a full evening, for the time alone.
        keep: true,
        target: 'checking',
        attempts: 3,
        otherwise: 'person',
        timeout,
      }),

      checking: {
        entry: reply(tell('checking')),
        invoke: {
          src: 'findTable',
          // The form has filled both.
          input: ({ context: { when = new Date(0), people = 1 } }) => ({ when, people }),
          onDone: [
            {
              guard: ({ event }) => event.output !== undefined,
              target: 'booked',
              actions: assign(({ event }) => event.output ?? {}),
            },
            {
              target: 'booking',
              actions: [reply(tell('full')), clear('when')],
            },
          ],
          onError: 'failed',
        },
        on: {
          'intent.back': 'booking',
          'message.*': { actions: reply(tell('stillChecking')) },
        },
      },
      failed: confirm({
        question: tell('failed'),
        yes: 'checking',
        no: 'person',
        on: { 'intent.back': 'booking' },
        attempts: 3,
        otherwise: 'person',
        timeout,
      }),
      booked: done(tell('booked')),

      // From here on a person talks, and the bot is silent, unless the guest calls it back or time runs out.
      person: {
        entry: [reply(tell('handoff')), reply({ type: 'handoff', to: 'front desk' })],
        on: { 'intent.restart': 'menu', 'intent.*': {}, 'message.*': {} },
        after: { [2 * HOUR_MS]: 'over' },
      },
      over: done(),
    },
  });
}

function languageOf(
  message: { readonly text?: string } | { readonly type: string },
): string | undefined {
  const text = 'text' in message ? (message.text ?? '') : '';
  if (/\p{Script=Han}/u.test(text)) return 'zh-CN';
  return /[a-z]/iu.test(text) ? 'en' : undefined;
}
