import { MessageError } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { MESSAGE_TYPES } from '../src/message.ts';
import { toMessage } from '../src/message-check.ts';
import { checkOpenid } from '../src/openid.ts';

const ARRIVAL = 1_700_000_000_000;
const DECLARED: ReadonlySet<string> = new Set(['intent.cancel', 'event.party']);
const take = (input: unknown): unknown => toMessage(input as string, DECLARED, ARRIVAL);

class Upload {
  readonly bytes = new Uint8Array([1, 2]);
  readonly at = new Date(7);
}

function nested(levels: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

describe('a message', () => {
  it('is a text if it is a string', () => {
    expect(take('hi')).toEqual({ type: 'message.text', text: 'hi', receivedAt: ARRIVAL });
    expect(take('')).toEqual({ type: 'message.text', text: '', receivedAt: ARRIVAL });
  });

  it.each([...MESSAGE_TYPES, ...DECLARED])('may be of type %s', (type) => {
    const message = { type, ...(type === 'message.text' && { text: 'hi' }) };
    const recognized = type.startsWith('intent.') && {
      ...{ text: '', score: 1, values: {} },
      message: { type: 'message.unknown', receivedAt: ARRIVAL },
    };
    expect(take(message)).toEqual({ ...message, ...recognized, receivedAt: ARRIVAL });
  });

  it('of an intent keeps what it says, and has its words as a message', () => {
    const intent = { type: 'intent.cancel', text: 'stop', score: 0.5, values: { all: true } };
    expect(take(intent)).toEqual({
      ...intent,
      message: { type: 'message.text', text: 'stop', receivedAt: ARRIVAL },
      receivedAt: ARRIVAL,
    });
  });

  it('arrived when the runner says, not when it says itself', () => {
    expect(take({ type: 'message.image', receivedAt: 'never' })).toEqual({
      type: 'message.image',
      receivedAt: ARRIVAL,
    });
  });

  it.each<[what: string, type: unknown]>([
    ['an event of XState', 'xstate.init'],
    ['a finished service', 'xstate.done.actor.lookUp'],
    ['a delay', 'xstate.after.1000.survey.name'],
    ['a stop', 'xstate.stop'],
    ['a wildcard', '*'],
    ['a part wildcard', 'message.*'],
    ['nothing', ''],
    ['no type at all', undefined],
    ['a number', 7],
    ['an intent that is not declared', 'intent.other'],
    ['an event that is not declared', 'event.other'],
    ['the same in capitals', 'MESSAGE.TEXT'],
    ['a name of Object.prototype', 'constructor'],
    ['the prototype', '__proto__'],
    ['an object that reads as one', { toString: () => 'message.text' }],
  ])('is refused with a type that is %s', (_what, type) => {
    const act = (): unknown => take({ type, text: 'hi' });
    expect(act).toThrow(MessageError);
    expect(act).toThrow(expect.objectContaining({ code: 'bad_message' }));
  });

  it.each<[what: string, input: unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a number', 7],
    ['a list', ['hi']],
    ['a text without text', { type: 'message.text' }],
    ['a text of a number', { type: 'message.text', text: 7 }],
    ['a function inside', { type: 'message.unknown', raw: { f: () => 1 } }],
    ['a symbol inside', { type: 'message.unknown', raw: [Symbol('x')] }],
    ['a `__proto__` key', JSON.parse('{"type":"message.unknown","__proto__":{"admin":true}}')],
    [
      'a nested `__proto__` key',
      { type: 'message.unknown', raw: JSON.parse('[{"a":{"__proto__":{}}}]') as unknown },
    ],
    [
      'a `__proto__` key inside an instance',
      {
        type: 'message.unknown',
        raw: Object.assign(new Upload(), { a: JSON.parse('{"__proto__":{}}') as unknown }),
      },
    ],
    [
      'a `__proto__` key inside a map',
      { type: 'message.unknown', raw: new Map([['a', JSON.parse('{"__proto__":{}}') as unknown]]) },
    ],
    [
      'a function inside an instance',
      { type: 'message.unknown', raw: Object.assign(new Upload(), { f: () => 1 }) },
    ],
    ['a promise inside', { type: 'message.unknown', raw: Promise.resolve() }],
    ['too many levels', { type: 'message.unknown', raw: nested(33) }],
  ])('is refused if it is, or has, %s', (_what, input) => {
    const act = (): unknown => take(input);
    expect(act).toThrow(MessageError);
    expect(act).toThrow(expect.objectContaining({ code: 'bad_message', retryable: false }));
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  it('is refused if it contains itself', () => {
    const cycle: Record<string, unknown> = { type: 'message.unknown' };
    cycle['self'] = cycle;
    expect(() => take(cycle)).toThrow(MessageError);
  });

  it('is refused by an error that does not quote it', () => {
    const act = (): unknown => take({ type: 'my-secret', text: 'my-secret' });
    expect(act).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') as string }),
    );
  });

  it('is a copy: the caller may change the original afterwards', () => {
    const mine = {
      type: 'message.unknown',
      raw: { list: [{ a: 1 }], at: new Date(7), up: new Upload() },
    };
    const message = take(mine) as typeof mine;
    mine.type = 'xstate.stop';
    mine.raw.list.push({ a: 2 });
    mine.raw.at.setTime(0);
    mine.raw.up.bytes[0] = 9;
    expect(message).toEqual({
      type: 'message.unknown',
      receivedAt: ARRIVAL,
      raw: {
        list: [{ a: 1 }],
        at: new Date(7),
        up: { bytes: new Uint8Array([1, 2]), at: new Date(7) },
      },
    });
  });

  it('has the type that was checked, also if a getter gives another the second time', () => {
    const types = ['message.unknown', 'xstate.stop', 'xstate.stop'];
    const tricky = {
      get type() {
        return types.shift() ?? 'xstate.stop';
      },
    };
    let type: unknown;
    try {
      ({ type } = take(tricky) as { type: unknown });
    } catch {
      type = 'refused';
    }
    expect(['message.unknown', 'refused']).toContain(type);
  });

  it('may be nested 32 levels deep', () => {
    const message = { type: 'message.unknown', raw: nested(31) };
    expect(take(message)).toEqual({ ...message, receivedAt: ARRIVAL });
  });
});

describe('an openid', () => {
  it.each([
    'a',
    'a:b',
    '../a',
    '__proto__',
    '微信',
    '\u0000',
    ' ',
    'x'.repeat(512),
    '😀'.repeat(128),
  ])('may be %j', (openid) => expect(() => checkOpenid(openid)).not.toThrow());

  it.each<[what: string, openid: unknown, found: string]>([
    ['empty', '', 'empty'],
    ['half a character', 'a\ud800', 'not well-formed'],
    ['of 513 bytes', 'x'.repeat(513), '513 bytes'],
    ['of 513 bytes in 171 characters', '汉'.repeat(171), '513 bytes'],
    ['a number', 7, 'a number'],
    ['null', null, 'null'],
    ['undefined', undefined, 'nothing'],
    ['a list', ['a'], 'a list'],
  ])('must not be %s', (_what, openid, found) => {
    const act = (): void => checkOpenid(openid);
    expect(act).toThrow(MessageError);
    expect(act).toThrow(expect.objectContaining({ code: 'bad_openid' }));
    expect(act).toThrow(found);
  });
});
