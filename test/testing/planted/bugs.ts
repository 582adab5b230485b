import { type AnyStateMachine, fromPromise } from 'xstate';
import { choice, commandIntents, hear, integer, now, setupDialogue } from 'colloquy';
import type { LintRule } from 'colloquy/testing';

/**
 * Mistakes that authors make in an order of a pizza, each in a small dialogue, beside the same dialogue without it. Which
 * of the means finds which is asserted by a test, and said in docs/exploring.md.
 */
export interface PlantedBug {
  readonly number: number;
  readonly bug: string;
  readonly found: readonly Found[];
  /** Without it, `types.ts` has the bug, or nothing here finds it. */
  readonly make?: (isPlanted: boolean) => AnyStateMachine;
}

/** By the types, by a rule of lint, or by explore: as a failure, or as a place that nothing leads to. */
export type Found =
  | { readonly by: 'types' }
  | { readonly by: 'lint'; readonly rule: LintRule }
  | { readonly by: 'explore'; readonly how: 'threw' | 'unreached' };

interface Order {
  readonly locale?: string;
  readonly cart: readonly string[];
  readonly tries: number;
  readonly size?: string;
  readonly at?: number;
}

interface Args {
  readonly context: Order;
}

const words = setupDialogue({
  types: {} as { context: Order },
  intents: commandIntents,
  actors: { price: fromPromise<number>(async () => 9) },
  delays: {
    due: ({ context }) => (context.at ?? 0) - now(),
    // The two the wrong way round: it is over at once.
    wrongDue: ({ context }) => now() - (context.at ?? 0),
  },
  words: { prompts: { 'zh-CN': { 'ask.reminder': '您还在吗？' } } },
});
const { assign, ask, choose, confirm, commands, done, reply } = words;

const otherwise = 'over';
const pardon = { 'message.*': { actions: reply('Pardon?') } };
const wait = { 'message.*': { actions: reply('One moment.') } };
const lint = (rule: LintRule): Found => ({ by: 'lint', rule });
const types: Found = { by: 'types' };
const unreached: Found = { by: 'explore', how: 'unreached' };

function order(states: object, rest: object = {}): AnyStateMachine {
  return words.createDialogue({
    id: 'pizza',
    context: { cart: [], tries: 0 },
    initial: 'first',
    ...rest,
    states: { over: done('Bye.'), ...states },
  } as never) as unknown as AnyStateMachine;
}

const cancel = { on: commands({ cancel: { target: '.over', say: 'Never mind.' } } as never) };

function size(target: unknown, more: object = {}): object {
  return choose({
    question: 'Which size?',
    options: ['small', 'large'],
    assign: 'size',
    target,
    otherwise,
    ...more,
  } as never);
}

function pricing(more: object = {}): object {
  return {
    invoke: { src: 'price', onDone: 'over', onError: 'over' },
    after: { 60_000: 'over' },
    on: wait,
    ...more,
  };
}

export const BUGS: readonly PlantedBug[] = [
  { number: 1, bug: 'a typo in a target', found: [types] },
  {
    number: 2,
    bug: 'a state from which the retry never comes',
    found: [lint('left-by-commands')],
    make: (isPlanted) =>
      order(
        {
          first: pricing({ invoke: { src: 'price', onDone: 'over', onError: 'backingOff' } }),
          backingOff: { on: wait, ...(!isPlanted && { after: { 1000: 'first' } }) },
        },
        cancel,
      ),
  },
  {
    number: 3,
    bug: 'an unreachable state',
    found: [lint('unreachable-state'), unreached],
    make: (isPlanted) =>
      order({ first: size(isPlanted ? 'over' : 'thanks'), thanks: done('Thank you.') }),
  },
  {
    number: 4,
    bug: 'an endless `always`',
    found: [lint('endless-loop'), { by: 'explore', how: 'threw' }],
    make: (isPlanted) =>
      order({
        first: size('one'),
        one: { always: 'two' },
        two: { always: isPlanted ? 'one' : 'over' },
      }),
  },
  {
    number: 5,
    bug: 'guards in the wrong order',
    found: [lint('shadowed-transition'), unreached],
    make: (isPlanted) => {
      const rest = { target: 'over' };
      const again = {
        guard: ({ context }: Args) => context.tries < 3,
        target: 'first',
        actions: assign({ tries: ({ context }) => context.tries + 1 }),
        reenter: true,
      };
      const onError = isPlanted ? [rest, again] : [again, rest];
      return order({ first: pricing({ invoke: { src: 'price', onDone: 'over', onError } }) });
    },
  },
  {
    number: 6,
    bug: 'a forgotten timeout',
    found: [lint('unreachable-state'), unreached],
    make: (isPlanted) =>
      order({
        first: size(
          'over',
          isPlanted ? {} : { timeout: { after: { minutes: 15 }, target: 'late' } },
        ),
        late: done('Your time is over.'),
      }),
  },
  {
    number: 7,
    bug: 'an answer that is not kept',
    found: [lint('unused-answer')],
    make: (isPlanted) => order({ first: size('over', isPlanted ? { assign: undefined } : {}) }),
  },
  {
    number: 8,
    bug: 'a branch without a reply',
    found: [lint('silent-branch')],
    make: (isPlanted) =>
      order({
        first: confirm({
          question: 'Shall I order?',
          yes: 'over',
          no: 'waiting',
          otherwise,
        } as never),
        waiting: {
          ...(!isPlanted && { entry: reply('Then not. Say “order”.') }),
          on: { 'message.text': { guard: hear('order'), target: 'over' }, ...pardon },
        },
      }),
  },
  {
    number: 9,
    bug: 'an error of a service that nothing takes',
    found: [lint('service-without-error'), { by: 'explore', how: 'threw' }],
    make: (isPlanted) =>
      order({
        first: pricing({
          invoke: { src: 'price', onDone: 'over', ...(!isPlanted && { onError: 'over' }) },
        }),
      }),
  },
  {
    number: 10,
    bug: 'an English text in the Chinese table',
    found: [lint('foreign-text')],
    make: (isPlanted) => {
      const chinese = isPlanted ? 'Which pizza would you like?' : '您要哪一种披萨？';
      const thanks = ({ context }: Args): string =>
        context.locale === 'zh-CN' ? '谢谢您。' : 'Thank you.';
      const question = ({ context }: Args): string =>
        context.locale === 'zh-CN' ? chinese : 'Which pizza?';
      return order({ first: size('over', { question }), over: done(thanks) });
    },
  },
  {
    number: 11,
    bug: 'a counter that is not counted',
    found: [unreached],
    make: (isPlanted) => {
      const onError = [
        {
          guard: ({ context }: Args) => context.tries < 3,
          target: 'first',
          reenter: true,
          actions: isPlanted ? [] : assign({ tries: ({ context }) => context.tries + 1 }),
        },
        { target: 'unpriced' },
      ];
      return order({
        first: pricing({ invoke: { src: 'price', onDone: 'over', onError } }),
        unpriced: done('We cannot tell the price.'),
      });
    },
  },
  { number: 12, bug: 'a timer of the whole dialogue that is not cancelled', found: [] },
  {
    number: 13,
    bug: 'a context that is changed in place',
    found: [{ by: 'explore', how: 'threw' }],
    make: (isPlanted) =>
      order({
        first: ask({
          question: 'Which pizza?',
          parse: choice(['funghi', 'margherita']),
          assign: ({ context, value }: { context: Order; value: string }) => {
            if (isPlanted) (context.cart as string[]).push(value);
            return { cart: isPlanted ? context.cart : [...context.cart, value] };
          },
          target: 'over',
          otherwise,
        } as never),
      }),
  },
  {
    number: 14,
    bug: 'a service without a timeout',
    found: [lint('service-without-timeout')],
    make: (isPlanted) => order({ first: pricing(isPlanted ? { after: {} } : {}) }),
  },
  { number: 15, bug: 'a wrong time zone', found: [] },
  { number: 16, bug: 'a typo in the name of an intent', found: [types] },
  { number: 17, bug: 'an option without a way', found: [types] },
  { number: 18, bug: 'a parser that takes too much', found: [] },
  {
    number: 19,
    bug: 'a state that leads to itself instead of the next',
    found: [lint('unreachable-state'), unreached],
    make: (isPlanted) =>
      order({
        first: size(isPlanted ? 'first' : 'second'),
        second: ask({
          question: 'How many?',
          parse: integer(),
          assign: 'tries',
          target: 'over',
          otherwise,
        } as never),
      }),
  },
  {
    number: 20,
    bug: 'a guard that never holds',
    found: [unreached],
    make: (isPlanted) =>
      order({
        first: size('sized'),
        sized: {
          always: [
            {
              guard: ({ context }: Args) => context.size === (isPlanted ? 'Large' : 'large'),
              target: 'huge',
            },
            { target: 'over' },
          ],
        },
        huge: done('That one is huge.'),
      }),
  },
  { number: 21, bug: 'timers that a migration forgets', found: [] },
  {
    number: 22,
    bug: 'a parallel state that is never done',
    found: [lint('unreachable-state'), unreached],
    make: (isPlanted) =>
      order({
        first: {
          type: 'parallel',
          on: { ...pardon, 'intent.cancel': 'over' },
          onDone: 'both',
          states: {
            oven: {
              initial: 'cold',
              states: {
                cold: { after: { 1000: 'hot' } },
                hot: { ...(!isPlanted && { type: 'final' }) },
              },
            },
            talk: {
              initial: 'open',
              states: {
                open: {
                  entry: reply('Say “ready”.'),
                  on: { 'message.text': { guard: hear('ready'), target: 'closed' } },
                },
                closed: { entry: reply('Good.'), type: 'final' },
              },
            },
          },
        },
        both: done('Here it is.'),
      }),
  },
  {
    number: 23,
    bug: 'an end that is none',
    found: [lint('left-by-commands')],
    make: (isPlanted) =>
      order(
        {
          first: size('ordered'),
          ordered: isPlanted ? { entry: reply('Thank you.'), on: wait } : done('Thank you.'),
        },
        cancel,
      ),
  },
  { number: 24, bug: 'a wrong key in `assign`', found: [types] },
  { number: 25, bug: 'a wrong type of the output of a service', found: [types] },
  { number: 26, bug: 'a new start that keeps the cart', found: [] },
  {
    number: 27,
    bug: 'an option that is a command',
    found: [lint('option-like-command')],
    make: (isPlanted) =>
      order(
        {
          first: choose({
            question: 'What now?',
            options: [{ value: isPlanted ? 'cancel' : 'drop' }, { value: 'pay' }],
            assign: 'size',
            target: 'over',
            otherwise,
          } as never),
        },
        cancel,
      ),
  },
  {
    number: 28,
    bug: 'a delay with the wrong sign',
    found: [unreached],
    make: (isPlanted) =>
      order({
        first: size('ordered', {
          assign: () => ({ at: now() + 60_000 }),
        }),
        ordered: {
          entry: reply('We tell you when it is ready.'),
          on: { 'message.text': { guard: hear('stop'), target: 'over' }, ...pardon },
          after: {
            [isPlanted ? 'wrongDue' : 'due']: {
              guard: ({ context }: Args) => now() >= (context.at ?? 0),
              target: 'ready',
            },
          },
        },
        ready: done('It is ready.'),
      }),
  },
  { number: 29, bug: 'a wrong history to return to', found: [] },
];
