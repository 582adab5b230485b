import { type Reply, StepError } from 'colloquy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toReply } from '../src/reply-check.ts';

const WHOLE: readonly Reply[] = [
  { type: 'text', text: '' },
  { type: 'image', url: 'https://x/1.png', mediaId: 'm', alt: 'a map' },
  { type: 'voice', url: 'https://x/1.mp3', mediaId: 'm' },
  { type: 'video', url: 'https://x/1.mp4', mediaId: 'm', title: 't', description: 'd' },
  {
    type: 'music',
    url: 'https://x/1.mp3',
    highQualityUrl: 'https://x/2.mp3',
    title: 't',
    description: 'd',
    thumbnailId: 'm',
  },
  {
    type: 'news',
    articles: [
      { title: 't', url: 'https://x', description: 'd', imageUrl: 'https://x/1.png' },
      { title: 'u', url: 'https://y' },
    ],
  },
  { type: 'choices', text: 'Which?', options: [{ value: 'a', label: 'A' }, { value: 'b' }] },
  { type: 'handoff', to: 'desk' },
  { type: 'raw', channel: 'wechat', payload: { a: [1, 'x', null, true, { b: {} }] } },
];

const LEAST: readonly Reply[] = [
  { type: 'image', url: 'https://x/1.png' },
  { type: 'image', mediaId: 'm' },
  { type: 'voice', mediaId: 'm' },
  { type: 'video', url: 'https://x/1.mp4' },
  { type: 'music', url: 'https://x/1.mp3' },
  { type: 'news', articles: [{ title: '', url: 'https://x' }] },
  { type: 'choices', text: '', options: [{ value: 'a' }] },
  { type: 'handoff' },
  { type: 'raw', channel: 'x', payload: null },
];

function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeepFrozen);
}

function nested(levels: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
}

const many = (count: number): { value: string; title: string; url: string }[] =>
  Array.from({ length: count }, (_, n) => ({ value: `v${n}`, title: 't', url: 'https://x' }));

describe('a reply', () => {
  it('is a text if it is a string', () => {
    expect(toReply('hi')).toEqual({ type: 'text', text: 'hi' });
    expect(toReply('')).toEqual({ type: 'text', text: '' });
    expect(Object.isFrozen(toReply('hi'))).toBe(true);
  });

  it.each(WHOLE.map((reply) => [reply.type, reply] as const))(
    'of type %s keeps every field it knows, and no other',
    (_type, reply) => {
      expect(toReply({ ...reply, extra: 1 })).toStrictEqual(reply);
    },
  );

  it.each(LEAST.map((reply) => [reply.type, reply] as const))(
    'of type %s needs no more than it must have',
    (_type, reply) => expect(toReply(reply)).toStrictEqual(reply),
  );

  it.each(WHOLE.map((reply) => [reply.type, reply] as const))(
    'of type %s is a copy of our own, frozen through and through',
    (_type, reply) => {
      const given = structuredClone(reply);
      const kept = toReply(given);
      expect(isDeepFrozen(kept)).toBe(true);
      expect(Object.isFrozen(given)).toBe(false);
      if (given.type === 'news') (given.articles as unknown[]).pop();
      if (given.type === 'raw') (given.payload as { a: unknown[] }).a.push(9);
      expect(kept).toStrictEqual(reply);
    },
  );

  it('leaves out fields that are undefined', () => {
    expect(
      toReply({ type: 'image', url: 'https://x', mediaId: undefined, alt: undefined }),
    ).toStrictEqual({ type: 'image', url: 'https://x' });
    expect(toReply({ type: 'raw', channel: 'x', payload: { a: undefined, b: 1 } })).toStrictEqual({
      type: 'raw',
      channel: 'x',
      payload: { b: 1 },
    });
  });

  it('of type raw carries any JSON as its payload', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (payload) => {
        const plain: unknown = JSON.parse(JSON.stringify(payload));
        fc.pre(!JSON.stringify(payload).includes('__proto__'));
        expect(toReply({ type: 'raw', channel: 'x', payload: plain })).toEqual({
          type: 'raw',
          channel: 'x',
          payload: plain,
        });
      }),
    );
  });

  it('may hold up to 8 articles, 20 options and 32 levels', () => {
    const news = { type: 'news', articles: many(8) };
    const choices = { type: 'choices', text: '?', options: many(20) };
    expect(toReply(news)).toMatchObject({ articles: { length: 8 } });
    expect(toReply(choices)).toMatchObject({ options: { length: 20 } });
    const payload = nested(33);
    expect(toReply({ type: 'raw', channel: 'x', payload })).toMatchObject({ payload });
  });

  const cycle: unknown[] = [];
  cycle.push({ again: cycle });

  it.each<[what: string, value: unknown, found: string]>([
    ['undefined', undefined, 'a value of type undefined'],
    ['null', null, 'null'],
    ['a number', 7, 'a value of type number'],
    ['a function', () => 'hi', 'a value of type function'],
    ['an object without a type', { text: 'hi' }, 'an object without a type'],
    ['an unknown type', { type: 'fax', text: 'hi' }, 'an object of another type.'],
    ['a misspelt type', { type: 'txet' }, "an object of another type (did you mean 'text'?)"],
    ['what a user said for a type', { type: 'my PIN is 1234' }, 'an object of another type.'],
    ['a name of Object.prototype', { type: 'constructor' }, 'an object of another type.'],
    ['a list', ['hi'], 'an object without a type'],
    ['a very long type', { type: 'x'.repeat(1e6) }, 'an object of another type.'],
    ['a text without text', { type: 'text' }, "type 'text' needs a string at `text`"],
    ['a text of a number', { type: 'text', text: 7 }, "type 'text' needs a string at `text`"],
    ['an image of nothing', { type: 'image', alt: 'x' }, 'needs a `url` or a `mediaId`'],
    ['an image of a number', { type: 'image', url: 7 }, 'a non-empty string at `url`'],
    ['an image of no name', { type: 'image', mediaId: '' }, 'a non-empty string at `mediaId`'],
    ['a voice of nothing', { type: 'voice' }, "type 'voice' needs a `url` or a `mediaId`"],
    ['a video of nothing', { type: 'video', title: 'x' }, 'needs a `url` or a `mediaId`'],
    ['a video whose title is no text', { type: 'video', url: 'u', title: {} }, 'at `title`'],
    ['music without a url', { type: 'music', title: 'x' }, 'a non-empty string at `url`'],
    ['news of nothing', { type: 'news' }, 'a list of 1 to 8 items at `articles`'],
    ['news of an empty list', { type: 'news', articles: [] }, 'a list of 1 to 8 items'],
    ['news of nine', { type: 'news', articles: many(9) }, 'a list of 1 to 8 items'],
    ['news of texts', { type: 'news', articles: ['x'] }, 'an object at `articles[0]`'],
    [
      'news without an address',
      { type: 'news', articles: [{ title: 'x', url: 'https://x' }, { title: 'x' }] },
      'a non-empty string at `articles[1].url`',
    ],
    ['choices without options', { type: 'choices', text: 'x' }, 'a list of 1 to 20 items'],
    [
      'choices of twenty-one',
      { type: 'choices', text: 'x', options: many(21) },
      'a list of 1 to 20 items at `options`',
    ],
    [
      'choices of the same value',
      { type: 'choices', text: 'x', options: [{ value: 'a' }, { value: 'a', label: 'b' }] },
      'options of different values at `options`',
    ],
    [
      'choices of an empty value',
      { type: 'choices', text: 'x', options: [{ value: '', label: 'x' }] },
      'a non-empty string at `options[0].value`',
    ],
    ['choices without text', { type: 'choices', options: [{ value: 'a' }] }, 'a string at `text`'],
    ['a handoff to an empty name', { type: 'handoff', to: '' }, 'a non-empty string at `to`'],
    ['a raw one of no channel', { type: 'raw', channel: '', payload: 1 }, 'at `channel`'],
    [
      'a raw one of nothing',
      { type: 'raw', channel: 'x' },
      'a value of type undefined, at `payload`',
    ],
    ['a raw function', raw(() => 1), 'plain data, not a value of type function, at `payload`'],
    ['a raw bigint', raw({ a: 1n }), 'not a value of type bigint, at `payload.a`'],
    ['a raw NaN', raw([Number.NaN]), 'not a number that JSON does not have, at `payload[0]`'],
    ['a raw date', raw({ a: [new Date(0)] }), 'not an instance of a class, at `payload.a[0]`'],
    ['a raw map', raw(new Map()), 'not an instance of a class, at `payload`'],
    ['a raw hole in a list', raw([undefined]), 'a value of type undefined, at `payload[0]`'],
    ['a raw cycle', raw({ a: cycle }), 'at most 32 levels, and no cycle, at `payload`'],
    [
      'a raw prototype',
      raw(JSON.parse('{"a":{"__proto__":{}}}')),
      '`__proto__` key, at `payload.a`',
    ],
  ])('is not %s', (_what, value, found) => {
    const act = (): unknown => toReply(value);
    expect(act).toThrow(StepError);
    expect(act).toThrow(expect.objectContaining({ code: 'bad_reply' }));
    expect(act).toThrow(found);
  });

  it('is refused by an error that does not quote it', () => {
    const secret = { secret: 'my secret' };
    for (const reply of WHOLE) {
      for (const key of Object.keys(reply).filter((field) => field !== 'type')) {
        let thrown: unknown;
        try {
          toReply({ ...reply, [key]: reply.type === 'raw' ? new Map([[secret, secret]]) : secret });
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toMatchObject({ code: 'bad_reply', details: {} });
        expect((thrown as Error).message).not.toContain('secret');
      }
    }
  });
});

function raw(payload: unknown): unknown {
  return { type: 'raw', channel: 'x', payload };
}
