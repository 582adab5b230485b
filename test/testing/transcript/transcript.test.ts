import fc from 'fast-check';
import type { Incoming } from 'colloquy';
import {
  type Transcript,
  type TranscriptLine,
  formatTranscript,
  parseTranscript,
} from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('\n', ' ', '[', ']', '\\', 'a', '\r', '>', '\u00a0', '{', '}', '"'),
  }),
  fc.constantFrom(
    '[image]',
    '\\[image]',
    '[again]',
    '[{"type":"x"}]',
    '[{}]',
    ' hi ',
    '# no',
    '\ud800',
  ),
);
const known = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const event = fc.oneof(
  fc.record({ type: fc.constantFrom('event.follow' as const, 'event.menu' as const), key: text }),
  fc.record({ type: fc.constant('event.of_my_own' as const), extra: text }),
);

const message: fc.Arbitrary<Incoming> = fc.oneof(
  event,
  text,
  fc.record({ type: fc.constant('message.action' as const), value: text }),
  fc.record({ type: fc.constant('message.image' as const), mediaId: text }),
  fc.record({ type: fc.constant('message.image' as const), url: text }),
  fc.record({ type: fc.constant('message.voice' as const), transcript: text, format: text }),
  fc.record({ type: fc.constant('message.file' as const), name: text }),
  fc.record({ type: fc.constant('message.unknown' as const) }),
  fc.record({
    type: fc.constant('message.location' as const),
    latitude: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    longitude: fc.integer(),
    label: text,
  }),
);

const user = known(
  text.filter((name) => name !== '' && name.isWellFormed() && !/[\r\n]/.test(name)),
);
const word = fc.stringMatching(/^[a-z]\w{0,8}$/);
const path = fc.stringMatching(/^[a-z][\w.]{0,8}( > [a-z]\w{0,3})?(, [a-z]\w{0,4})?$/);
const oneLine = fc.stringMatching(/^[^\s\r\n][^\r\n]{0,9}$/).map((line) => line.trimEnd());

/** No service gives a key that would become a prototype: it could not be kept. */
const plain = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));
const service = fc
  .record({
    kind: fc.constant('service' as const),
    name: fc.oneof(
      word,
      oneLine.map((name) => `${name} "1"`),
    ),
    does: fc.constantFrom('gives' as const, 'fails' as const, 'hangs' as const),
    what: fc.option(fc.oneof(text, plain), { nil: undefined }),
    afterMs: known(fc.nat({ max: 2 ** 45 })),
  })
  .map(({ does, what, afterMs, ...line }) => {
    if (does === 'hangs') return { ...line, does };
    return { ...line, does, what: does === 'fails' ? JSON.stringify(what) : what, afterMs };
  });

/** Lines as they come from `parseTranscript`: a text of a reply can be typed, and says nothing at its end. */
const line: fc.Arbitrary<TranscriptLine> = fc
  .oneof(
    fc.record({ kind: fc.constant('message' as const), user, message }),
    fc.record({ kind: fc.constant('event' as const), user, event }),
    fc.record({ kind: fc.constant('again' as const), user }),
    fc.record({ kind: fc.constant('reply' as const), user, text: text.map(typed) }),
    fc.record({ kind: fc.constant('state' as const), user, path }),
    fc.record({ kind: fc.constant('happening' as const), user, what: word, why: known(oneLine) }),
    fc.record({ kind: fc.constant('time' as const), ms: fc.nat({ max: 2 ** 45 }) }),
    fc.record({ kind: fc.constant('moment' as const), at: fc.integer({ min: 0, max: 4e12 }) }),
    fc.record({ kind: fc.constant('crash' as const) }),
    fc.record({ kind: fc.constant('deadline' as const), ms: fc.nat({ max: 2 ** 45 }) }),
    service,
    fc.record({ kind: fc.constant('comment' as const), text: oneLine }),
    fc.record({ kind: fc.constant('blank' as const) }),
  )
  .map((each) => JSON.parse(JSON.stringify(each)) as TranscriptLine);

/** What is typed is what is left of a text when it is written down and read again. */
function typed(given: string): string {
  return given
    .replaceAll(/[\u00a0\u202f]/gu, ' ')
    .split(/\r?\n/u)
    .map((each) => each.trimEnd())
    .join('\n')
    .replace(/\n+$/u, '');
}

const NO_SERVICE =
  'should say how a service goes, as book gives {"id":7} after 1m, book fails "sold out" or book hangs; or how long answers wait for services, as deadline 5s';

describe('a transcript', () => {
  it('is read as it was written, with any text in it', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        // Empty lines at the end are the end of the file.
        const transcript: Transcript = [...lines, { kind: 'comment', text: 'the end' }];
        expect(parseTranscript(formatTranscript(transcript))).toEqual(transcript);
      }),
      { numRuns: 2000 },
    );
  });

  it('is written as people write it', () => {
    const written = [
      '# Everything there is.',
      '@ 2026-01-31T08:00:00.000Z',
      '',
      '> hi',
      '< How are you?',
      '  1. Fine',
      '',
      '  2. Not so fine',
      '> [button fine]',
      '> [location 31.2,-121.5 The Bund]',
      '> \\[image]',
      '> [{"type":"message.text","text":" two spaces "}]',
      '> one',
      '  two',
      '> [again]',
      '= talk.ready, typing.idle',
      '! failed: step_failed: thrown',
      '@ +1d2h3m4s5ms',
      '@ crash',
      '~ deadline 5s',
      '~ book gives {"id":7,"day":{"$":["date",0]}} after 1m',
      '~ book gives',
      '~ "call back" fails "all lines are busy" after 9s',
      '~ book fails',
      '~ book hangs',
      'bob> hi',
      'bob< Hello Bob.',
      'bob>> [payment order-7]',
      '"o d"= order > which',
      'bob! expired',
      '',
    ].join('\n');
    expect(formatTranscript(parseTranscript(written))).toBe(written);
    expect(parseTranscript(written).slice(3, 11)).toEqual([
      { kind: 'message', message: 'hi' },
      { kind: 'reply', text: 'How are you?\n1. Fine\n\n2. Not so fine' },
      { kind: 'message', message: { type: 'message.action', value: 'fine' } },
      {
        kind: 'message',
        message: {
          type: 'message.location',
          latitude: 31.2,
          longitude: -121.5,
          label: 'The Bund',
        },
      },
      { kind: 'message', message: '[image]' },
      { kind: 'message', message: ' two spaces ' },
      { kind: 'message', message: 'one\ntwo' },
      { kind: 'again' },
    ]);
  });

  it.each([
    ['[image]', { type: 'message.image', mediaId: 'image' }],
    ['[image m1]', { type: 'message.image', mediaId: 'm1' }],
    ['[button yes]', { type: 'message.action', value: 'yes' }],
    ['[voice good morning]', { type: 'message.voice', transcript: 'good morning' }],
    ['[video]', { type: 'message.video' }],
    ['[file a.pdf]', { type: 'message.file', name: 'a.pdf' }],
    ['[link https://a.example]', { type: 'message.link', url: 'https://a.example' }],
    ['[unknown]', { type: 'message.unknown' }],
    ['[follow]', { type: 'event.follow' }],
    ['[scan table 7]', { type: 'event.scan', key: 'table 7' }],
    ['[{"type":"event.paid","total":3}]', { type: 'event.paid', total: 3 }],
    ['[from 7] hi', { type: 'message.text', text: 'hi', from: { id: '7' } }],
    [
      '[from 7 Bob Lee] hi',
      { type: 'message.text', text: 'hi', from: { id: '7', name: 'Bob Lee' } },
    ],
    ['[from 7] \\[image]', { type: 'message.text', text: '[image]', from: { id: '7' } }],
    ['[from 7] [button yes]', { type: 'message.action', value: 'yes', from: { id: '7' } }],
    ['[from 7] [join]', { type: 'event.join', from: { id: '7' } }],
    [
      '[from 7] [{"type":"message.text","text":"hi","raw":1}]',
      { type: 'message.text', text: 'hi', raw: 1, from: { id: '7' } },
    ],
    [
      '[{"type":"message.text","text":"hi","from":{"id":"7 8"}}]',
      { type: 'message.text', text: 'hi', from: { id: '7 8' } },
    ],
    [
      '[{"type":"message.text","text":"hi","from":{"id":"7","name":"[Bob]"}}]',
      { type: 'message.text', text: 'hi', from: { id: '7', name: '[Bob]' } },
    ],
    [
      '[{"type":"message.text","text":"hi","from":{"id":"7","isBot":false}}]',
      { type: 'message.text', text: 'hi', from: { id: '7', isBot: false } },
    ],
    ['\\[from 7] hi', '[from 7] hi'],
    ['[from me] or you', { type: 'message.text', text: 'or you', from: { id: 'me' } }],
    [
      '[{"type":"message.text","text":"hi","raw":{"from":"bob"}}]',
      { type: 'message.text', text: 'hi', raw: { from: 'bob' } },
    ],
    [
      '[{"type":"message.image","mediaId":"image","raw":[1]}]',
      { type: 'message.image', mediaId: 'image', raw: [1] },
    ],
    ['[a] or b', '[a] or b'],
  ])('says %s', (written, message) => {
    expect(parseTranscript(`> ${written}\n`)).toEqual([{ kind: 'message', message }]);
    expect(formatTranscript([{ kind: 'message', message: message as Incoming }])).toBe(
      `> ${written}\n`,
    );
  });

  it.each([
    ['hello', 'begins with none of > >> < @ = ! ~ and #, and a space'],
    ['>hello', 'begins with none of > >> < @ = ! ~ and #, and a space'],
    ['> ', 'says nothing'],
    ['>> paid', 'reports what only a user says; write [payment order-7] or [{"type":"event.…"}]'],
    ['> [from 7]', 'names who speaks, and no message behind it, as in [from ann] hi'],
    ['> [location here]', 'should name a place like 31.2,121.5'],
    ['> [{"type":}]', 'has a message in brackets that is no JSON'],
    ['> [{"text":"a"}]', 'has a message without a type'],
    ['@ 10m', 'should name a span of time like +1h30m, a moment like 2026-01-31T08:00Z, or crash'],
    ['@ +', 'should name a span of time like +1h30m, a moment like 2026-01-31T08:00Z, or crash'],
    ['bob@ +1h', 'is about the time, which is the same for every user'],
    ['! Expired?', 'should name what happened in one word, as expired'],
    ['"bob> hi', 'begins with none of > >> < @ = ! ~ and #, and a space'],
    ['"\\x"> hi', 'has a name in quotes that is no string of JSON'],
    ['~ book', NO_SERVICE],
    ['~ book sleeps', NO_SERVICE],
    ['~ book hangs after 1m', NO_SERVICE],
    ['~ book fails 7', NO_SERVICE],
    ['~ book gives 7 after 1y', NO_SERVICE],
    ['~ deadline soon', NO_SERVICE],
    ['~ book gives {', 'has something in it that should be JSON and is not'],
    ['~ book gives later', 'has something in it that should be JSON and is not'],
  ])('is refused for %s', (wrong, problem) => {
    expect(() => parseTranscript(`# one\n> two\n${wrong}\n`)).toThrow(
      expect.objectContaining({
        code: 'bad_transcript',
        message: `Line 3 of the transcript ${problem}: ${wrong.trimEnd()}`,
        details: { line: 3 },
      }),
    );
  });

  it('names the kinds of message that there are where it does not know one', () => {
    expect(() => parseTranscript('> [hologram]')).toThrow(
      /^Line 1 of the transcript has a kind of message that is not known \(button, image, .*\): > \[hologram\]$/,
    );
  });

  it('is refused for an indented line that belongs to no text', () => {
    expect(() => parseTranscript('= open\n\n  more')).toThrow(
      'Line 3 of the transcript is indented, and no text is before it that it could belong to:   more',
    );
  });
});

it.each([
  ['the moment of arrival', { type: 'message.text', text: 'hi', receivedAt: 7 }, '> hi\n'],
  ['a `raw` that is undefined', { type: 'message.text', text: 'hi', raw: undefined }, '> hi\n'],
  [
    'a `raw` that is no JSON',
    { type: 'message.text', text: 'hi', raw: { size: 7n } },
    '> [{"type":"message.text","text":"hi"}]\n',
  ],
])('a transcript leaves out %s', (_, message, written) => {
  expect(formatTranscript([{ kind: 'message', message: message as Incoming }])).toBe(written);
});
