import { type Codec, jsonCodec } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { openRecord, sealRecord } from '../../src/context/record/envelope.ts';
import { bareRecord } from '../../src/context/record/record.ts';
import { openSeen } from '../../src/context/record/seen-log.ts';
import { createManualClock } from '../../src/testing/clock.ts';
import { recordOf, timerAt } from './support.ts';

describe('a stored record', () => {
  const clock = createManualClock();
  const full = recordOf('ann', clock, {
    data: { name: 'Ann', at: new Date(7) },
    notFrozen: true,
    expiry: { seconds: 5 },
    dialogue: { id: 'survey', version: '1', structure: 'abc', snapshot: { value: 'name' } },
    outbox: [{ id: 'u', reply: { type: 'text', text: 'hi' }, dueAt: 3, tries: 0 }],
    aside: { body: 'what was here', since: 2 },
    history: [{ user: 'Hi', assistant: 'Hello.' }, { assistant: 'Still there?' }],
    timers: [timerAt(9)],
    services: [{ actor: '', id: 's', src: 'lookUp', input: undefined, token: 't' }],
    seen: openSeen([7, 'm', 1, 'hi'], ['0123456789:;', 1]),
  });
  const store = (
    record: typeof full,
    codec: Codec = jsonCodec,
  ): Parameters<typeof openRecord>[0] => ({
    // `sealRecord` turns the ids that were seen into text in place.
    ...sealRecord({ ...record, seen: [...record.seen] }, 42, codec),
    revision: 3,
  });

  it('holds every part except the live machine', () => {
    const live = { machine: {} };
    const opened = openRecord(store({ ...full, live }), jsonCodec);
    expect(opened).toEqual({ ...full, revision: 3 });
  });

  it('is the same text that the codec makes of the whole envelope', () => {
    const whole: Codec = { encode: jsonCodec.encode, decode: jsonCodec.decode };
    const dialogue = Object.freeze({ id: 'd', version: '"', snapshot: { value: { a: 'b' } } });
    const records = [
      full,
      {
        ...full,
        dialogue,
        touchedAt: 3,
        seen: openSeen([7, 'm', 1, 'hi', 8, 'n', 2, [{ type: 'a"b' }]], undefined),
      },
      { ...full, seen: openSeen([], ['[]^_`abcdefg', 1]) },
      recordOf('"\ud800', clock),
    ];
    for (const record of records) {
      expect(store(record).body).toBe(store(record, whole).body);
      expect(store(record).body).toBe(store(record, whole).body);
    }
  });

  it('names the path of a value that does not encode', () => {
    const record = { ...full, data: { a: [() => 1] } };
    expect(() => store(record)).toThrow(
      expect.objectContaining({ code: 'not_plain', details: { path: 'data.a[0]' } }),
    );
  });

  it('of a forgotten user says so, and keeps only ids', () => {
    const forgotten = bareRecord({
      absent: 'forgotten',
      openid: 'ann',
      revision: 0,
      savedAt: clock.now(),
      expiry: { at: 9 },
      seen: openSeen([7, 'm', 1, 'hi'], undefined),
    });
    expect(openRecord(store(forgotten), jsonCodec)).toEqual({ ...forgotten, revision: 3 });
    expect(openRecord(store(full), jsonCodec)).not.toHaveProperty('absent');
  });

  it('shows a driver the openid and the due time beside the body', () => {
    const { body, ...fields } = store(full);
    expect(fields).toEqual({ openid: 'ann', revision: 3, wakeAt: 42 });
    expect(typeof body).toBe('string');
  });

  it('is frozen after it opens', () => {
    const { data } = openRecord(
      store(recordOf('ann', clock, { data: { a: { b: [] } } })),
      jsonCodec,
    );
    const { a } = data as { a: { b: unknown[] } };
    expect([data, a, a.b].every((value) => Object.isFrozen(value))).toBe(true);
  });

  const envelope = { format: 1, openid: 'ann', data: {}, savedAt: 1 };
  it.each<[what: string, body: string]>([
    ['does not decode', 'not JSON: my secret'],
    ['is empty', ''],
    ['is null', 'null'],
    ['is no object', '7'],
    ['is of another format', JSON.stringify({ ...envelope, format: 2 })],
    ['is of another openid', JSON.stringify({ ...envelope, openid: 'bob' })],
    ['has no data', JSON.stringify({ ...envelope, data: undefined })],
    ['has null for data', JSON.stringify({ ...envelope, data: null })],
    ['has a list for data', JSON.stringify({ ...envelope, data: [1] })],
    ['has a date for data', jsonCodec.encode({ ...envelope, data: new Date(0) })],
    ['has no time', JSON.stringify({ ...envelope, savedAt: undefined })],
    ['has an invalid time', jsonCodec.encode({ ...envelope, savedAt: Number.NaN })],
    ['has timers that are no list', JSON.stringify({ ...envelope, timers: 7 })],
    ['has services that are no list', JSON.stringify({ ...envelope, services: {} })],
    ['has seen ids that are no list', JSON.stringify({ ...envelope, seen: 'x' })],
    ['has half of a seen id', JSON.stringify({ ...envelope, seen: [7, 'm'] })],
    ['has a seen id without its hash', JSON.stringify({ ...envelope, seen: ['7', 'm', 1, 'hi'] })],
    ['has an invalid seen id', JSON.stringify({ ...envelope, seen: [7, 8, 1, 'hi'] })],
    ['has a seen id without a time', JSON.stringify({ ...envelope, seen: [7, 'm', null, 'hi'] })],
    ['has a seen id without replies', JSON.stringify({ ...envelope, seen: [7, 'm', 1, null] })],
    [
      'has a seen id with an invalid reply',
      JSON.stringify({ ...envelope, seen: [7, 'm', 1, ['secret']] }),
    ],
    ['has hashes of ids that are no list', JSON.stringify({ ...envelope, seenIds: 'x' })],
    ['has half a block of ids', JSON.stringify({ ...envelope, seenIds: ['0'.repeat(12)] })],
    ['has hashes of ids that are none', JSON.stringify({ ...envelope, seenIds: ['secret', 1] })],
    ['has a history that is no list', JSON.stringify({ ...envelope, history: {} })],
    ['has a turn that is none', JSON.stringify({ ...envelope, history: [null] })],
    ['has words that are none', JSON.stringify({ ...envelope, history: [{ user: 7 }] })],
    ['is absent for an unknown reason', JSON.stringify({ ...envelope, absent: 'corrupt' })],
    ['has a timer that is none', JSON.stringify({ ...envelope, timers: [null] })],
    [
      'has a timer without a time',
      JSON.stringify({ ...envelope, timers: [{ ...timerAt(1), dueAt: 'x' }] }),
    ],
    [
      'has a timer without an event',
      JSON.stringify({ ...envelope, timers: [{ ...timerAt(1), event: null }] }),
    ],
    [
      'has a service without a token',
      JSON.stringify({ ...envelope, services: [{ actor: '', id: 'a', src: 'b' }] }),
    ],
    ['has an invalid unsent reply', JSON.stringify({ ...envelope, outbox: [{ id: 'a' }] })],
    ['has a dialogue without a version', JSON.stringify({ ...envelope, dialogue: { id: 'a' } })],
    ['has null for a dialogue', JSON.stringify({ ...envelope, dialogue: null })],
    ['has an invalid record aside', JSON.stringify({ ...envelope, aside: 'x' })],
    ['has an invalid expiry', JSON.stringify({ ...envelope, expiry: 'soon' })],
    [
      'is nested too deep',
      `${'['.repeat(70)}${']'.repeat(70)}`.replace(
        /^.*$/,
        (deep) => `{"format":1,"openid":"ann","savedAt":1,"data":{"a":${deep}}}`,
      ),
    ],
  ])('is corrupt if it %s, and the error does not quote it', (_what, body) => {
    const act = (): unknown => openRecord({ openid: 'ann', body, revision: 3 }, jsonCodec);
    let thrown: unknown;
    try {
      act();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'PersistError', code: 'corrupt', openid: 'ann' });
    expect(thrown).toHaveProperty('details.reason', expect.any(String));
    expect(String((thrown as Error).stack)).not.toContain('secret');
    expect((thrown as Error).cause).toBeUndefined();
  });

  it('is corrupt where a codec of the user throws any value', () => {
    const codec: Codec = {
      encode: jsonCodec.encode,
      decode: () => {
        // oxlint-disable-next-line typescript/only-throw-error -- a codec of the user's may throw anything
        throw 'no';
      },
    };
    expect(() => openRecord(store(full), codec)).toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
  });

  it('is read with the codec that wrote it', () => {
    const codec: Codec = {
      encode: (value) => Buffer.from(jsonCodec.encode(value)).toString('base64'),
      decode: (text) => jsonCodec.decode(Buffer.from(text, 'base64').toString()),
    };
    expect(openRecord(store(full, codec), codec)).toEqual({ ...full, revision: 3 });
    expect(() => openRecord(store(full, codec), jsonCodec)).toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
  });
});
