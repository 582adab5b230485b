import {
  type ActiveDescription,
  type DialogueDescription,
  type StateDescription,
  describeSnapshot,
} from '../../dialogue/engine/description.ts';
import { answerersOf } from '../../dialogue/engine/question.ts';
import type { Parsed, Parser } from '../../dialogue/parsers/parser.ts';
import type { ParseContext } from '../../dialogue/text/parse-context.ts';
import { normalize } from '../../dialogue/text/normalize.ts';
import { createWords } from '../../dialogue/text/localize.ts';
import { type Message, MESSAGE_TYPES } from '../../message.ts';
import { toMessage } from '../../message-check.ts';
import type { Incoming } from '../../runner/calls.ts';
import { PROBES } from '../probes.ts';
import type { PureRunner } from './pure-runner.ts';
import type { PureState } from './pure-state.ts';
import { Shapes } from './shape.ts';
import { takeoversOf } from './takeovers.ts';

/** The maximum of answers of different kinds that are tried on one question. */
const MAX_ANSWERS = 10;
const MAX_ISSUES = 2;
const MAX_TEXTS = 3;
/** The maximum of people who answer one question. */
const MAX_PEOPLE = 3;

/** What a user may say, each message once. */
export interface Sayable {
  readonly messages: readonly Incoming[];
  /** What works in a part of the dialogue, as “cancel”, rather than at this place: users say it now and then. */
  readonly commands: readonly Incoming[];
}

/** What a user may say at a node of a conversation: what the states there take, and what no state expects. */
export class Inputs {
  readonly #runner: PureRunner;
  readonly #samples: readonly Incoming[];
  readonly #meaning = new Map<string, readonly Incoming[]>();
  readonly #answers = new Map<string, readonly Incoming[]>();
  readonly #shapes = new Shapes();
  readonly #operator: readonly Incoming[];

  constructor(runner: PureRunner, samples: readonly Incoming[], now: number) {
    this.#runner = runner;
    this.#samples = samples;
    this.#operator = takeoversOf(runner.engine.dialogue).messages;
    const { named } = runner.engine.intents;
    const spoken = [...named.values()].flatMap((recognizer) => recognizer?.samples ?? []);
    const said = [...samples, ...spoken];
    // Each intent by the first text that means it, and by all samples that do.
    for (const message of said) {
      const type = runner.meaningOf(message, now);
      if (type === undefined) continue;
      const known = this.#meaning.get(type) ?? [];
      if (known.length === 0 || samples.includes(message)) {
        this.#meaning.set(type, [...known, message]);
      }
    }
  }

  /** The messages worth trying. */
  of(current: PureState): Sayable {
    const { snapshot, speaks } = this.#runner.listening(current);
    if (speaks) return { messages: ['hello'], commands: [] };
    const found = new Map<string, Incoming>();
    const commands = new Map<string, Incoming>();
    const add = (message: Incoming): unknown => found.set(JSON.stringify(message), message);
    for (const active of describeSnapshot(snapshot)) {
      const { states } = active;
      for (const state of states)
        for (const each of this.#answersTo(state, active, current)) add(each);
      for (const state of states) {
        for (const type of state.on.keys()) {
          const into = isAround(state) && type.startsWith('intent.') ? commands : found;
          for (const each of this.#ofType(type)) into.set(JSON.stringify(each), each);
        }
      }
      for (const state of states) for (const each of guardsOf(state, active.dialogue)) add(each);
    }
    for (const sample of this.#samples) if (!commands.has(JSON.stringify(sample))) add(sample);
    for (const press of pressesOf(current, found)) add(press);
    // The first message starts the dialogue, even where no state takes it.
    if (current.record === undefined && found.size === 0) add('hello');
    for (const key of found.keys()) commands.delete(key);
    return { messages: [...found.values()], commands: [...commands.values()] };
  }

  #ofType(type: string): readonly Incoming[] {
    const { declared } = this.#runner.engine;
    if (type.startsWith('intent.')) {
      if (!type.endsWith('*')) return this.#meaning.get(type) ?? [intentOf(type)];
      const types = [...declared].filter((each) => each.startsWith(type.slice(0, -1)));
      return types.flatMap((each) => this.#meaning.get(each) ?? [intentOf(each)]);
    }
    if (type.startsWith('event.')) {
      if (type === 'event.operator' && this.#operator.length > 0) return this.#operator;
      if (!type.endsWith('*')) return [{ type } as Incoming];
      return [{ type: 'event.follow' }];
    }
    if (type === 'message.*') return ['hello', { type: 'message.unknown' }];
    if (type === 'message.text') return ['hello'];
    if (!type.startsWith('message.') || !MESSAGE_TYPES.has(type)) return [];
    return [PROBES.find((probe) => probe.type === type) ?? MORE[type] ?? ({ type } as Message)];
  }

  /** Good answers of different kinds, and some that are none. */
  #answersTo(
    { id, question }: StateDescription,
    { dialogue, context }: ActiveDescription,
    { now }: PureState,
  ): readonly Incoming[] {
    if (question === undefined) return [];
    const parser = question.read(context);
    const shape = JSON.stringify([this.#shapes.of(context, id), parser.samples]);
    const key = `${dialogue.id} ${id} ${shape}`;
    let answers = this.#answers.get(key);
    if (answers === undefined) {
      const at = { type: 'message.text', text: '', receivedAt: now } as const;
      const parseContext = createWords(dialogue.words).parseContext(context, at);
      answers = this.#tried(parser, parseContext, `${dialogue.id} ${id}`);
      this.#answers.set(key, answers);
    }
    return saidBy(answerersOf(question, context), answers);
  }

  #tried(parser: Parser<unknown>, parseContext: ParseContext, place: string): readonly Incoming[] {
    const kinds = new Map<string, number>();
    const counts = { value: 0, issue: 0 };
    const answers: Incoming[] = [];
    const own = (parser.samples ?? []) as readonly Incoming[];
    const samples = [...own, ...this.#samples, ...PROBES];
    const { now } = parseContext;
    const meant = new Set(
      samples.filter((sample) => this.#runner.meaningOf(sample, now) !== undefined),
    );
    // A text that is recognised as an intent may never reach the question.
    for (const sample of [...samples.filter((each) => !meant.has(each)), ...meant]) {
      const parsed = this.#parse(parser, sample, parseContext);
      if (parsed === undefined) continue;
      const which = 'value' in parsed ? 'value' : 'issue';
      const kind =
        'value' in parsed
          ? `= ${JSON.stringify(valueKind(parsed.value, this.#shapes, place))}`
          : `! ${typeof parsed.issue === 'string' ? parsed.issue : parsed.issue.key}`;
      const limit = which === 'value' ? MAX_ANSWERS : MAX_ISSUES;
      const before = kinds.get(kind) ?? 0;
      // What is only known to be some text may still be decided by.
      if (before >= (kind === '= "text"' ? MAX_TEXTS : 1) || counts[which] >= limit) continue;
      kinds.set(kind, before + 1);
      counts[which] += 1;
      const isText = typeof sample === 'object' && sample.type === 'message.text';
      answers.push(isText ? (sample as { readonly text: string }).text : sample);
    }
    return answers;
  }

  #parse(
    parser: Parser<unknown>,
    sample: Incoming,
    parseContext: ParseContext,
  ): Parsed<unknown> | undefined {
    try {
      const { declared } = this.#runner.engine;
      const message = toMessage(sample as string | Message, declared, parseContext.now);
      return message.type.startsWith('message.') ? parser(message, parseContext) : undefined;
    } catch {
      return undefined;
    }
  }
}

/** What each of these people may say; as anybody says it where the question is for everybody. */
function saidBy(
  people: readonly string[] | undefined,
  answers: readonly Incoming[],
): readonly Incoming[] {
  if (people === undefined) return answers;
  return people.slice(0, MAX_PEOPLE).flatMap((id) =>
    answers.map((said): Incoming => {
      const message = typeof said === 'string' ? { type: 'message.text', text: said } : said;
      return { ...message, from: { id } } as Message;
    }),
  );
}

/** Whether other states are in it, which hear what it hears; a question is one place. */
function isAround({ children, question }: StateDescription): boolean {
  return children.length > 0 && question === undefined;
}

/** The buttons that the user was shown; typing the same words has the same effect. */
function pressesOf({ record }: PureState, said: ReadonlyMap<string, Incoming>): readonly Message[] {
  const typed = new Set(
    [...said.values()].flatMap((each) => (typeof each === 'string' ? normalize(each) : [])),
  );
  return (record?.offers ?? []).flatMap(({ question, options }) =>
    options
      .filter(
        ({ value, label = value }) =>
          question === undefined || !(typed.has(normalize(value)) || typed.has(normalize(label))),
      )
      .map(({ value }): Message => ({ type: 'message.action', value })),
  );
}

/** Numbers are distinct, since a dialogue may decide by them; dates and texts are not. */
function valueKind(value: unknown, shapes: Shapes, place: string): unknown {
  if (typeof value === 'number') return value;
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    return Object.keys(value).toSorted();
  }
  return shapes.of(value, place);
}

const MORE: Readonly<Record<string, Message>> = {
  'message.action': { type: 'message.action', value: 'yes' },
  'message.link': { type: 'message.link', url: 'https://example.com' },
};

/** An intent that nothing here recognises, as a model would send it. */
function intentOf(type: string): Incoming {
  const message = { type: 'message.text', text: '' };
  return { type: type as `intent.${string}`, text: '', score: 1, values: {}, message };
}

/** What the guards of a state listen for, those by name and those within others, too. */
function guardsOf(
  { on }: StateDescription,
  { guards: provided }: DialogueDescription,
): readonly string[] {
  const samplesIn = (guard: unknown): readonly string[] => {
    if (typeof guard === 'string') return samplesIn(provided[guard]);
    if (typeof guard === 'object') return samplesIn((guard as { type?: string } | null)?.type);
    const { samples, guards = [] } = (typeof guard === 'function' ? guard : {}) as {
      samples?: readonly string[];
      guards?: readonly unknown[];
    };
    return samples ?? guards.flatMap(samplesIn);
  };
  return [...on.values()].flat().flatMap(({ guard }) => samplesIn(guard));
}
