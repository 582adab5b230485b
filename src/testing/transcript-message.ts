import { isDeepStrictEqual } from 'node:util';
import type { Incoming } from '../runner/calls.ts';
import { fromPerson } from './converse-person.ts';
import type { Fail } from './transcript-time.ts';

/** Messages in transcripts: a text as it is, anything else in brackets. */

/** One for each kind that has a short form: what stands after its name, and what that makes. */
interface Short {
  readonly type: string;
  format(message: Readonly<Record<string, unknown>>): string;
  parse(rest: string, fail: Fail): Readonly<Record<string, unknown>>;
}

const SHORT: Readonly<Record<string, Short>> = {
  button: {
    type: 'message.action',
    format: ({ value }) => word(value),
    parse: (value) => ({ value }),
  },
  image: {
    type: 'message.image',
    format: ({ mediaId }) => (mediaId === 'image' ? '' : word(mediaId)),
    parse: (rest) => ({ mediaId: rest || 'image' }),
  },
  voice: optional('message.voice', 'transcript'),
  video: optional('message.video', 'mediaId'),
  file: optional('message.file', 'name'),
  link: { type: 'message.link', format: ({ url }) => word(url), parse: (url) => ({ url }) },
  location: {
    type: 'message.location',
    format: ({ latitude, longitude, label }) =>
      `${word(latitude)},${word(longitude)}${label === undefined ? '' : ` ${word(label)}`}`,
    parse(rest, fail) {
      const [, latitude, longitude, label] =
        /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?: (.+))?$/su.exec(rest) ??
        fail('should name a place like 31.2,121.5');
      return {
        latitude: Number(latitude),
        longitude: Number(longitude),
        ...(label !== undefined && { label }),
      };
    },
  },
  unknown: optional('message.unknown', 'kind'),
  ...Object.fromEntries(
    'follow unfollow scan enter join leave request reaction pin poll payment delivery menu view'
      .split(' ')
      .map((name) => [name, optional(`event.${name}`, 'key')]),
  ),
};

/** A field as it is written; what is neither a text nor a number has no short form. */
function word(field: unknown): string {
  return typeof field === 'string' || typeof field === 'number' ? String(field) : '';
}

/** A kind with one field, which may be missing. */
function optional(type: string, field: string): Short {
  return {
    type,
    format: (message) => (message[field] === undefined ? '' : word(message[field])),
    parse: (rest) => (rest === '' ? {} : { [field]: rest }),
  };
}

const KIND = /^\[(\w+)(?: (.+))?\]$/su;

/** Who speaks, before the message: an id, and a name where there is one. */
const FROM = /^\[from ([^\s\]]+)(?: ([^\]]+))?\](?: (.+))?$/su;

export function parseMessage(content: string, fail: Fail): Incoming {
  // Before what only looks like a kind stands a backslash.
  if (content.startsWith('\\')) return content.slice(1);
  const speaks = FROM.exec(content);
  if (speaks !== null) return spokenBy(speaks, fail);
  if (content.startsWith('[{') && content.endsWith('}]')) return jsonIn(content, fail);
  const [, kind, rest = ''] = KIND.exec(content) ?? [];
  if (kind === undefined) return content;
  const short = Object.hasOwn(SHORT, kind) ? SHORT[kind] : undefined;
  if (short === undefined) {
    return fail(
      `has a kind of message that is not known (${Object.keys(SHORT).join(', ')} are; before a text in brackets put a backslash)`,
    );
  }
  return { type: short.type, ...short.parse(rest, fail) } as Incoming;
}

function spokenBy([, id = '', name, said]: readonly (string | undefined)[], fail: Fail): Incoming {
  if (said === undefined) {
    return fail('names who speaks, and no message behind it, as in [from ann] hi');
  }
  return fromPerson(parseMessage(said, fail), { id, ...(name !== undefined && { name }) });
}

function jsonIn(content: string, fail: Fail): Incoming {
  let message: { readonly type?: unknown };
  try {
    message = JSON.parse(content.slice(1, -1)) as object;
  } catch {
    return fail('has a message in brackets that is no JSON');
  }
  if (typeof message.type !== 'string') return fail('has a message without a type');
  return withoutOrigin(message as Incoming) as Incoming;
}

/** The shortest form that comes back as the same message. When it arrived is left out. */
export function formatMessage(incoming: Incoming): string {
  const message = withoutOrigin(incoming);
  const candidates =
    typeof message === 'string'
      ? [message, `\\${message}`]
      : [...shortFormsOf(message), ...spokenFormsOf(message)];
  return candidates.find((text) => isSame(text, message)) ?? jsonOf(message);
}

type Bare = string | Readonly<Record<string, unknown>>;

/** A text alone becomes the text. */
function withoutOrigin(incoming: Incoming): Bare {
  if (typeof incoming === 'string') return incoming;
  const { receivedAt: _receivedAt, ...bare } = incoming as Record<string, unknown>;
  if (bare['raw'] === undefined) delete bare['raw'];
  const { type, text, ...more } = bare;
  const isText = type === 'message.text' && typeof text === 'string';
  return isText && Object.keys(more).length === 0 ? text : bare;
}

function shortFormsOf(message: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(SHORT)
    .filter(([, { type }]) => type === message['type'])
    .map(([kind, { format }]) => {
      const rest = format(message);
      return rest === '' ? `[${kind}]` : `[${kind} ${rest}]`;
    });
}

function spokenFormsOf({ from, ...message }: Readonly<Record<string, unknown>>): string[] {
  const { id, name } = (from ?? {}) as { readonly id?: unknown; readonly name?: unknown };
  if (typeof id !== 'string') return [];
  const who = typeof name === 'string' ? `${id} ${name}` : id;
  return [`[from ${who}] ${formatMessage(message as Incoming)}`];
}

/** Whether it survives being written into a file, and being read again. */
function isSame(text: string, message: Bare): boolean {
  if (text === '' || text === '[again]' || !text.isWellFormed() || text.startsWith('\n'))
    return false;
  const lines = text.split('\n');
  if (lines.at(-1) === '' || lines.some((line) => line !== line.trimEnd())) return false;
  try {
    return isDeepStrictEqual(
      parseMessage(text, () => {
        throw new Error('not this form');
      }),
      message,
    );
  } catch {
    return false;
  }
}

function jsonOf(message: Bare): string {
  if (typeof message === 'string') return jsonOf({ type: 'message.text', text: message });
  try {
    return `[${JSON.stringify(message)}]`;
  } catch {
    // What a platform sends is JSON; what a program makes of it may be anything.
    const { raw: _raw, ...plain } = message;
    return `[${JSON.stringify(plain)}]`;
  }
}
