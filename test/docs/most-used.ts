import {
  anywhere,
  choice,
  confirm,
  createContextStore,
  createRunner,
  email,
  formatReply,
  hear,
  integer,
  keywords,
  mentions,
  now,
  number,
  pattern,
  setupDialogue,
  text,
  toMermaid,
  until,
  within,
} from 'colloquy';
import { jsonWebhook } from 'colloquy/channels/json';
import { toNodeListener } from 'colloquy/channels/node';
import { slack } from 'colloquy/channels/slack';
import { telegram } from 'colloquy/channels/telegram';
import { createSource } from 'colloquy/channels/source';
import { createWebhook } from 'colloquy/channels/webhook';
import { wechat } from 'colloquy/channels/wechat';
import { date, time } from 'colloquy/dialogue/parsers/date';
import { phone } from 'colloquy/dialogue/parsers/phone';
import { observe } from 'colloquy/otel';
import { createDisk, memory } from 'colloquy/persist/memory';
import {
  converse,
  createCoverage,
  createManualClock,
  explore,
  fails,
  lintDialogue,
  parseTranscript,
  playTranscript,
  takes,
} from 'colloquy/testing';

/** Calls that are wrong, each in one way. What never throws has none. */
type Wrong = readonly (() => unknown)[];

/** An export, or a word of a dialogue. */
export interface Used {
  readonly name: string;
  /** Where it stands in the program. */
  readonly place: string;
  readonly wrong: Wrong;
}

/** No value of a type, for a call that a compiler refuses. */
const odd = { tyop: 1 } as never;
const words = setupDialogue({ types: {} as { context: { name?: string } } });
const survey = words.createDialogue({
  id: 'survey',
  version: '1',
  context: {},
  initial: 'name',
  states: { name: {} },
});
const runner = createRunner(survey);
const channel = jsonWebhook({ secret: 'a secret of both sides' });

/** The exports by their entries. */
const EXPORTS: Readonly<Record<string, Readonly<Record<string, Wrong>>>> = {
  colloquy: {
    [anywhere.name]: [() => anywhere(odd), () => anywhere(text(), odd)],
    [choice.name]: [() => choice([])],
    commandIntents: [],
    [confirm.name]: [() => confirm(odd)],
    [createContextStore.name]: [() => createContextStore(odd)],
    [createRunner.name]: [() => createRunner(odd), () => createRunner(survey, odd)],
    [email.name]: [],
    [formatReply.name]: [],
    [hear.name]: [() => hear()],
    [integer.name]: [() => integer({ min: 3, max: 2 })],
    [keywords.name]: [() => keywords('')],
    [mentions.name]: [() => mentions('')],
    [now.name]: [],
    [number.name]: [() => number({ min: 3, max: 2 })],
    [pattern.name]: [() => pattern()],
    [setupDialogue.name]: [() => setupDialogue(odd), () => setupDialogue({ intents: odd })],
    [text.name]: [() => text(odd)],
    [toMermaid.name]: [() => toMermaid(odd)],
    [until.name]: [() => until(odd)],
    [within.name]: [() => within(/a/u, odd)],
  },
  'colloquy/channels/json': { [jsonWebhook.name]: [() => jsonWebhook({ secret: '' })] },
  'colloquy/channels/node': {
    [toNodeListener.name]: [() => toNodeListener(createWebhook(runner, channel), odd)],
  },
  'colloquy/channels/slack': {
    [slack.name]: [() => slack(odd), () => slack({ signingSecret: '', token: 'xoxb' })],
  },
  'colloquy/channels/source': { [createSource.name]: [() => createSource(runner, odd, odd)] },
  'colloquy/channels/telegram': {
    [telegram.name]: [() => telegram(odd), () => telegram({ token: '', secret: 'a' })],
  },
  'colloquy/channels/webhook': { [createWebhook.name]: [() => createWebhook(runner, odd, odd)] },
  'colloquy/channels/wechat': { [wechat.name]: [() => wechat(odd), () => wechat({ token: '' })] },
  'colloquy/dialogue/parsers/date': {
    [date.name]: [() => date({ min: 'Monday' })],
    [time.name]: [() => time({ min: 'noon' })],
  },
  'colloquy/dialogue/parsers/phone': { [phone.name]: [() => phone({ country: 'Nowhere' })] },
  'colloquy/otel': { [observe.name]: [() => observe(odd)] },
  'colloquy/persist/memory': { [memory.name]: [() => memory(createDisk(), odd)] },
  'colloquy/testing': {
    [converse.name]: [() => converse(odd), () => converse(survey, odd)],
    [createCoverage.name]: [() => createCoverage(odd)],
    [createManualClock.name]: [],
    [explore.name]: [() => explore(odd), () => explore(survey, odd)],
    [fails.name]: [],
    [lintDialogue.name]: [() => lintDialogue(odd), () => lintDialogue(survey, odd)],
    [parseTranscript.name]: [() => parseTranscript('nothing')],
    [playTranscript.name]: [() => playTranscript('nothing', survey)],
    [takes.name]: [() => takes(odd, () => 1)],
  },
};

/** The words of a dialogue, which `setupDialogue` gives. */
const WORDS: Readonly<Record<string, Wrong>> = {
  ask: [() => words.ask(odd)],
  assign: [() => words.assign(3 as never)],
  choose: [() => words.choose(odd), () => words.choose({ question: 'Which?', options: [] })],
  clear: [],
  commands: [() => words.commands({ help: odd })],
  confirm: [() => words.confirm(odd)],
  createDialogue: [() => words.createDialogue({ ...survey.config, initial: 'nowhere' } as never)],
  done: [() => words.done(odd)],
  emit: [() => words.emit(3 as never)],
  expireIn: [() => words.expireIn(odd)],
  forget: [],
  form: [() => words.form(odd)],
  questions: [() => words.questions(odd)],
  repeat: [],
  reply: [() => words.reply(odd)],
  service: [() => words.service(odd)],
};

const USES = Object.entries(EXPORTS).flatMap(([from, uses]) =>
  Object.entries(uses).map(([name, wrong]) => ({ from, name, wrong })),
);

/** What programs of the guide and of the examples use most. */
export const MOST_USED: readonly Used[] = [
  ...USES.map(({ name, wrong }) => ({ name, place: `import { ${name}`, wrong })),
  ...Object.entries(WORDS).map(([name, wrong]) => ({ name, place: `words.${name}`, wrong })),
];

/** A program with all of it. */
export const PROGRAM: string = [
  ...USES.map(({ from, name }) => `import { ${name} } from '${from}';`),
  'const words = setupDialogue({ types: {} });',
  ...Object.keys(WORDS).map((word) => `words.${word};`),
].join('\n');
