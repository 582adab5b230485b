import type { StudioPower } from '../wire.ts';
import type { StudioRequests } from '../wire-requests.ts';

type RequestName = keyof StudioRequests;

/** What a page may have to be allowed to do for a request. */
export const POWER_OF: { readonly [Name in RequestName]: StudioPower } = {
  say: 'say',
  send: 'say',
  advance: 'time',
  fire: 'time',
  redeliver: 'faults',
  reorder: 'faults',
  crash: 'faults',
  break: 'faults',
  recognize: 'faults',
  service: 'faults',
  undo: 'travel',
  fork: 'travel',
  context: 'travel',
  forget: 'travel',
  save: 'save',
  path: 'explore',
  play: 'explore',
  next: 'explore',
  preview: 'explore',
};

export function isRequestName(name: string): name is RequestName {
  return Object.hasOwn(POWER_OF, name);
}

/** What is wrong with a value, as the end of a sentence that begins with its name; undefined if nothing is. */
type Check = (value: unknown) => string | undefined;

/** What is longer is no openid, name or id of anything. */
const LONGEST_NAME = 1024;
const MOST_MESSAGES = 1000;

const text: Check = (value) =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME
    ? undefined
    : `has to be a text of 1 to ${LONGEST_NAME} characters`;

/** The address of the dialogue itself is empty. */
const actor: Check = (value) => (value === '' ? undefined : text(value));

const count: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : 'has to be a whole number';

const milliseconds: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
    ? undefined
    : 'has to be a number of milliseconds';

const record: Check = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? undefined
    : 'has to be an object';

/** The runner checks all of it. */
const typed: Check = (value) =>
  record(value) === undefined && text((value as { type?: unknown }).type) === undefined
    ? undefined
    : 'has to be an object with a `type`';

const message: Check = (value) => (typeof value === 'string' ? undefined : typed(value));

const step: Check = (value) => {
  const { advance } = (value ?? {}) as { advance?: unknown };
  return advance === undefined ? message(value) : milliseconds(advance);
};

function oneOf(...words: readonly string[]): Check {
  return (value) =>
    words.some((word) => word === value) ? undefined : `has to be one of ${words.join(', ')}`;
}

function either(one: Check, other: Check): Check {
  return (value) => (one(value) === undefined ? undefined : other(value));
}

function listOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value) || value.length > MOST_MESSAGES) {
      return `has to be a list of at most ${MOST_MESSAGES}`;
    }
    return value.map(check).find((problem) => problem !== undefined);
  };
}

/** A field that may be absent. */
class Optional {
  readonly check: Check;

  constructor(check: Check) {
    this.check = check;
  }
}

const optional = (check: Check): Optional => new Optional(check);

type ShapeOf<Body> = { readonly [Field in keyof Body]-?: Check | Optional };

const SHAPES: { readonly [Name in RequestName]: ShapeOf<StudioRequests[Name]> } = {
  say: { openid: text, message },
  send: { openid: text, event: typed },
  advance: { by: either(oneOf('next'), milliseconds) },
  fire: { openid: text, actor, id: text },
  redeliver: { turn: count },
  reorder: { openid: text, messages: listOf(message) },
  crash: {},
  break: { what: oneOf('save', 'load'), times: count },
  recognize: { lateMs: milliseconds },
  service: {
    name: text,
    mode: oneOf('real', 'stub', 'fail', 'hang', 'late'),
    lateMs: optional(milliseconds),
  },
  undo: {},
  fork: { turn: count },
  context: { openid: text, context: record },
  forget: { openid: text },
  save: {
    as: oneOf('chat', 'vitest', 'seed', 'recording'),
    openid: optional(text),
    turn: optional(count),
  },
  path: { box: text },
  play: { messages: listOf(step), openid: optional(text) },
  next: { openid: text },
  preview: { channel: text, reply: typed },
};

/** What is wrong with the body of a request, in a sentence; undefined if nothing is. */
export function problemInBody(name: RequestName, body: unknown): string | undefined {
  if (record(body) !== undefined) return `The body of ${name} has to be an object.`;
  const given = body as Readonly<Record<string, unknown>>;
  const shape = SHAPES[name] as Readonly<Record<string, Check | Optional>>;
  const unknown = Object.keys(given).find((field) => !Object.hasOwn(shape, field));
  if (unknown !== undefined) {
    return `The body of ${name} has a field that is none of ${Object.keys(shape).join(', ') || 'its own: it has none'}.`;
  }
  for (const [field, rule] of Object.entries(shape)) {
    const isOptional = rule instanceof Optional;
    const value = Object.hasOwn(given, field) ? given[field] : undefined;
    if (value === undefined && isOptional) continue;
    const problem = (isOptional ? rule.check : rule)(value);
    if (problem !== undefined) return `The field '${field}' of ${name} ${problem}.`;
  }
  return undefined;
}
