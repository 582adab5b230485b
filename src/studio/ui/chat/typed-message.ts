import type { Message } from '../../../message.ts';

/** What a person types: a text, or another message in the short form of transcripts, or one as JSON. */

type Fields = Readonly<Record<string, unknown>>;

const named =
  (field: string, missing?: string) =>
  (rest: string): Fields =>
    rest === '' ? (missing === undefined ? {} : { [field]: missing }) : { [field]: rest };

const KINDS: Readonly<Record<string, readonly [type: string, read: (rest: string) => Fields]>> = {
  button: ['message.action', named('value')],
  image: ['message.image', named('mediaId', 'image')],
  voice: ['message.voice', named('transcript')],
  video: ['message.video', named('mediaId')],
  file: ['message.file', named('name')],
  link: ['message.link', named('url')],
  location: ['message.location', readPlace],
  unknown: ['message.unknown', named('kind')],
  ...Object.fromEntries(
    'follow unfollow scan enter join leave request reaction pin poll payment delivery menu view'
      .split(' ')
      .map((name) => [name, [`event.${name}`, named('key')]]),
  ),
};

/** What the menu of the composer offers to write. */
export const SHORT_FORMS: readonly string[] = [
  '[image]',
  '[voice hello]',
  '[video]',
  '[file menu.pdf]',
  '[location 31.2,121.5]',
  '[link https://example.com]',
  '[button yes]',
  '[unknown]',
  '[follow]',
  '[scan table-7]',
  '[menu book]',
  '[enter]',
  '{"type": "event.paid"}',
];

function readPlace(rest: string): Fields {
  const [, latitude, longitude, label] =
    /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?: (.+))?$/su.exec(rest) ?? [];
  return {
    latitude: Number(latitude ?? 0),
    longitude: Number(longitude ?? 0),
    ...(label !== undefined && { label }),
  };
}

/** @returns undefined for braces that hold no JSON of a message */
export function readTyped(typed: string): Message | string | undefined {
  if (typed.startsWith('\\')) return typed.slice(1);
  if (/^\s*\[?\{/u.test(typed)) return readJson(typed.trim().replace(/^\[(.*)\]$/su, '$1'));
  const [, kind = '', rest = ''] = /^\[(\w+)(?: (.+))?\]$/su.exec(typed.trim()) ?? [];
  if (!Object.hasOwn(KINDS, kind)) return typed;
  const [type, read] = KINDS[kind] ?? [];
  return { type, ...read?.(rest.trim()) } as unknown as Message;
}

function readJson(json: string): Message | undefined {
  try {
    const value = JSON.parse(json) as { readonly type?: unknown };
    return typeof value.type === 'string' ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it is an event, which another program may report, too. */
export function isEvent(message: Message | string | undefined): message is Message {
  return typeof message === 'object' && !message.type.startsWith('message.');
}
