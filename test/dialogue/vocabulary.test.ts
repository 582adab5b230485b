import {
  type Message,
  type Reply,
  choice,
  commandIntents,
  createContextStore,
  createRunner,
  hear,
  integer,
  pattern,
  setupDialogue,
  text,
  toMermaid,
  within,
  formatReply,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { converse, createManualClock } from 'colloquy/testing';
import { expect, it } from 'vitest';
import { createActor, fromPromise } from 'xstate';
import { toReply } from '../../src/reply-check.ts';

interface Data {
  name?: string;
  people?: number;
  colour?: 'red' | 'blue';
  size?: 'small' | 'large';
  address?: { street: string };
  tables?: number;
}

const addressSetup = setupDialogue({
  types: {} as { context: { street?: string }; input: { of: string }; output: { street: string } },
});
const address = addressSetup.createDialogue({
  id: 'address',
  context: {},
  initial: 'street',
  states: {
    street: addressSetup.ask({
      question: 'Street?',
      parse: text(),
      assign: 'street',
      target: 'end',
    }),
    end: addressSetup.done(),
  },
  output: ({ context }) => ({ street: context.street ?? '' }),
});

const words = setupDialogue({
  types: {} as { context: Data; emitted: { type: 'booked'; people: number } },
  actors: { address, count: fromPromise(async ({ input }: { input: number }) => input + 1) },
  intents: { ...commandIntents, book: pattern(/^book(?: for (?<people>\S+))?/iu) },
  words: { locale: 'en', prompts: { en: { 'ask.reminder': 'Hello?' } } },
});

/** Every word there is, in one dialogue. */
const everything = words.createDialogue({
  id: 'everything',
  version: '1',
  context: {},
  initial: 'talk',
  on: {
    ...words.commands({
      help: { say: 'Help!' },
      cancel: { target: '.bye', say: 'Cancelled.' },
      back: '.talk.resume',
      restart: '.talk',
    }),
  },
  states: {
    talk: {
      initial: 'name',
      states: {
        name: words.ask({
          question: 'Name?',
          parse: text({ maxLength: 20 }),
          assign: 'name',
          retry: ({ issue, attempt }) => `${attempt} ${issue}`,
          attempts: 2,
          target: 'colour',
          otherwise: '#everything.human',
          timeout: [{ after: { minutes: 10 } }, { after: { hours: 1 }, target: '#everything.bye' }],
          on: { 'message.image': { actions: words.reply({ type: 'image', mediaId: 'm' }) } },
        }),
        colour: words.choose({
          question: 'Colour?',
          options: ['red', { value: 'blue', synonyms: ['navy'] }],
          assign: 'colour',
          target: { red: 'sure', blue: 'sure' },
        }),
        sure: words.confirm({ question: 'Sure?', yes: 'menu', no: 'name' }),
        menu: {
          entry: [words.reply('Menu.'), words.expireIn({ days: 1 })],
          on: {
            'intent.book': 'form',
            'message.text': [
              { guard: hear('bye', /^ciao/iu), target: '#everything.bye' },
              { guard: hear('forget me'), target: '#everything.bye', actions: words.forget() },
            ],
            'message.*': { actions: words.reply('Well?') },
          },
        },
        form: words.form({
          slots: {
            people: {
              question: 'How many?',
              parse: integer({ min: 1, max: 10 }),
              extract: within(/(\S+) people/iu, integer({ min: 1, max: 10 })),
            },
            size: { question: 'Size?', parse: choice(['small', 'large']) },
            address: { dialogue: 'address', input: () => ({ of: 'you' }) },
          },
          target: 'search',
          otherwise: '#everything.human',
        }),
        search: {
          invoke: {
            src: 'count',
            input: ({ context }) => context.people ?? 0,
            onDone: {
              target: 'menu',
              actions: [
                words.assign({ tables: ({ event }) => event.output }),
                words.emit(({ context }) => ({ type: 'booked', people: context.people ?? 0 })),
                words.reply(({ context }) => `${context.tables} tables.`),
              ],
            },
          },
        },
        resume: { type: 'history', history: 'deep' },
      },
    },
    human: { entry: words.reply({ type: 'handoff' }), type: 'final' },
    bye: words.done(({ context }) => `Bye ${context.name ?? 'stranger'}.`),
  },
});

const conversation: readonly string[] = [
  '> hi',
  '< Name?',
  '> [image]',
  '< [image]',
  '> a name that is much too long for it',
  '< 1 That’s too long. At most 20 characters, please.',
  '> Ann',
  '< Colour?\n1. red\n2. blue',
  '> help',
  '< Help!',
  '< Colour?\n1. red\n2. blue',
  '> green',
  '< Please choose one of these: red or blue.\n1. red\n2. blue',
  '> navy',
  '< Sure?\n1. Yes\n2. No',
  '> hm',
  '< Please answer yes or no.\n1. Yes\n2. No',
  '> no',
  '< Name?',
  '> Ann',
  '< Colour?\n1. red\n2. blue',
  '> 1',
  '< Sure?\n1. Yes\n2. No',
  '> yes',
  '< Menu.',
  '> what',
  '< Well?',
  '> book for 4',
  '< Size?',
  '> help',
  '< Help!',
  '< Size?',
  '> no, five people',
  '< Size?',
  '> back',
  '< How many?',
  '> 7',
  '< Size?',
  '> large',
  '< Street?',
  '> help',
  '< Help!',
  '< Street?',
  '> Main Street',
  '< people: 7\nsize: large\naddress: {"street":"Main Street"}\nIs that right?\n1. Yes\n2. No',
  '> no, six people',
  '< people: 6\nsize: large\naddress: {"street":"Main Street"}\nIs that right?\n1. Yes\n2. No',
  '> no',
  '< What should be changed?\n1. people\n2. size\n3. address',
  '> size',
  '< Size?',
  '> small',
  '< people: 6\nsize: small\naddress: {"street":"Main Street"}\nIs that right?\n1. Yes\n2. No',
  '> yes',
  '< 7 tables.',
  '< Menu.',
  '> cancel',
  '< Cancelled.',
  '< Bye Ann.',
];

/** What is said when the user's side of the conversation is played. */
async function play(say: (message: string | Message) => Promise<readonly string[]>) {
  const lines: string[] = [];
  for (const line of conversation.filter((each) => each.startsWith('> '))) {
    const message = line.slice(2);
    const said = await say(
      message === '[image]' ? { type: 'message.image', mediaId: 'm' } : message,
    );
    lines.push(line, ...said.map((reply) => `< ${reply}`));
  }
  return lines;
}

it('a dialogue that uses every word plays, keeps its data, and says what it means', async () => {
  const chat = converse(everything);
  expect(await play((message) => chat.say(message))).toEqual(conversation);
  expect(chat.context).toEqual({
    name: 'Ann',
    colour: 'red',
    people: 6,
    size: 'small',
    address: { street: 'Main Street' },
    tables: 7,
  });
});

it('it is the same conversation when the process dies after each message', async () => {
  const disk = createDisk();
  const clock = createManualClock();
  const dying = await play(async (message) => {
    const store = createContextStore({ clock, persister: memory(disk) });
    const runner = createRunner(everything, { store });
    await runner.start();
    const turn = await runner.handle('ann', message);
    await runner.stop();
    return turn.replies.map(formatReply);
  });
  expect(dying).toEqual(conversation);
});

it('it is the same conversation on an ordinary actor of XState, but for what only a runner does', async () => {
  const actor = createActor(everything.provide({}), { input: { openid: 'ann' } });
  const said: Reply[] = [];
  actor.on('reply', ({ reply }) => said.push(toReply(reply)));
  actor.start();
  actor.send({ type: 'message.text', text: 'a name that is much too long for it' });
  actor.send({ type: 'message.text', text: 'Ann' });
  actor.send({ type: 'message.text', text: 'red' });
  actor.send({ type: 'message.text', text: 'yes' });
  expect(said.map(formatReply)).toEqual([
    'Name?',
    '1 That’s too long. At most 20 characters, please.',
    'Colour?\n1. red\n2. blue',
    'Sure?\n1. Yes\n2. No',
    'Menu.',
  ]);
  expect(actor.getSnapshot().value).toEqual({ talk: 'menu' });
  actor.stop();
});

it('it reminds, gives up, hands over, expires and forgets', async () => {
  const chat = converse(everything);
  await chat.say('hi');
  expect(await chat.advance({ minutes: 10 })).toEqual(['Hello?']);
  await chat.say('x'.repeat(21));
  expect(await chat.say('x'.repeat(21))).toEqual(['[handoff]']);

  const forgetting = converse(everything);
  for (const message of ['hi', 'Ann', 'red', 'yes', 'forget me']) await forgetting.say(message);
  expect([forgetting.state, forgetting.context]).toEqual(['(none)', {}]);

  const expiring = converse(everything);
  for (const message of ['hi', 'Ann', 'red', 'yes']) await expiring.say(message);
  await expiring.advance({ hours: 23 });
  expect(expiring.expired).toBe(false);
  await expiring.advance({ hours: 1 });
  expiring.expectExpired();
});

it('its diagram has a state for each question and says what leads where', () => {
  const diagram = toMermaid(everything);
  expect(diagram).toBe(`stateDiagram-v2
  [*] --> talk
  state "talk" as talk
  state talk {
    [*] --> talk_name
    state "name" as talk_name
    state "colour" as talk_colour
    state "sure" as talk_sure
    state "menu" as talk_menu
    state "form" as talk_form
    state talk_form {
      [*] --> talk_form_start
      state "start" as talk_form_start
      state "next" as talk_form_next
      state "people" as talk_form_people
      state "size" as talk_form_size
      state "address (runs address)" as talk_form_address
      state "confirm" as talk_form_confirm
      state "correct" as talk_form_correct
      state "filled" as talk_form_filled
      talk_form_start --> talk_form_next
      talk_form_next --> talk_form_people : people is open
      talk_form_next --> talk_form_size : size is open
      talk_form_next --> talk_form_address : address is open
      talk_form_next --> talk_form_confirm
      talk_form_people --> talk_form_next : answered
      talk_form_size --> talk_form_people : back
      talk_form_size --> talk_form_next : answered
      talk_form_address --> talk_form_size : back
      talk_form_address --> talk_form_next : filled
      talk_form_confirm --> talk_form_address : back / address
      talk_form_confirm --> talk_form_next : changed
      talk_form_confirm --> talk_form_people : people
      talk_form_confirm --> talk_form_size : size
      talk_form_confirm --> talk_form_filled : yes
      talk_form_confirm --> talk_form_correct : no
      talk_form_correct --> talk_form_confirm : back
      talk_form_correct --> talk_form_next : changed
      talk_form_correct --> talk_form_people : people
      talk_form_correct --> talk_form_size : size
      talk_form_correct --> talk_form_address : address
      talk_form_filled --> [*]
    }
    state "search (runs count)" as talk_search
    state "resume (history)" as talk_resume
    talk_name --> talk_colour : answered
    talk_colour --> talk_sure : red / blue
    talk_sure --> talk_menu : yes
    talk_sure --> talk_name : no
    talk_menu --> talk_form : intent.book
    talk_form --> talk_search : filled
    talk_search --> talk_menu : done count
  }
  state "human" as human
  state "bye" as bye
  state "anywhere" as dialogue_anywhere
  dialogue_anywhere --> bye : cancel
  dialogue_anywhere --> talk : back / restart
  talk --> human : given up
  talk --> bye : silence / message.text [hear('bye', /^ciao/iu)] / message.text [hear('forget me')]
  human --> [*]
  bye --> [*]`);
});

it('what the words emit has one shape on an ordinary actor, constant or made', () => {
  const words = setupDialogue({ types: {} as { context: object } });
  const { ask, choose, confirm, done, reply } = words;
  const ways = { target: 'end', otherwise: 'end' } as const;
  const machine = words.createDialogue({
    id: 'shapes',
    context: {},
    initial: 'asked',
    entry: [reply('constant'), reply(() => 'made'), reply({ type: 'handoff' })],
    states: {
      asked: ask({ question: 'constant', parse: text(), target: 'made' }),
      made: ask({ question: () => 'made', parse: text(), target: 'chosen' }),
      chosen: choose({ question: 'chosen', options: ['a'], ...ways, target: 'sure' }),
      sure: confirm({ question: 'sure', yes: 'end', no: 'end' }),
      end: done('constant', () => 'made'),
    },
  });
  const said: unknown[] = [];
  const actor = createActor(machine);
  actor.on('reply', ({ reply: each }) => said.push(each));
  actor.start();
  for (const each of ['x', 'y', 'a', 'yes']) actor.send({ type: 'message.text', text: each });
  actor.stop();
  expect(said).toHaveLength(9);
  for (const each of said) expect(each).toHaveProperty('type');
});
