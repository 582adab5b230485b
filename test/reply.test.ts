import { StepError } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { toReply } from '../src/reply.ts';

describe('a reply', () => {
  it('is a text where it is a string', () => {
    expect(toReply('hi')).toEqual({ type: 'text', text: 'hi' });
    expect(toReply('')).toEqual({ type: 'text', text: '' });
  });

  it('is a copy of our own', () => {
    const open = { type: 'text', text: 'hi', extra: 1 };
    const reply = toReply(open);
    open.text = 'changed';
    expect(reply).toEqual({ type: 'text', text: 'hi' });
  });

  it.each<[what: string, value: unknown, found: string]>([
    ['undefined', undefined, 'a value of type undefined'],
    ['null', null, 'null'],
    ['a number', 7, 'a value of type number'],
    ['a function', () => 'hi', 'a value of type function'],
    ['an object without a type', { text: 'hi' }, 'an object without a type'],
    ['a type nobody knows', { type: 'fax', text: 'hi' }, "an object of type 'fax'"],
    ['a text without text', { type: 'text' }, "an object of type 'text'"],
    ['a text of a number', { type: 'text', text: 7 }, "an object of type 'text'"],
    ['a list', ['hi'], 'an object without a type'],
    ['a very long type', { type: 'x'.repeat(99) }, `an object of type '${'x'.repeat(40)}'`],
  ])('is not %s', (_what, value, found) => {
    const act = (): unknown => toReply(value);
    expect(act).toThrow(StepError);
    expect(act).toThrow(expect.objectContaining({ code: 'bad_reply' }));
    expect(act).toThrow(found);
  });
});
