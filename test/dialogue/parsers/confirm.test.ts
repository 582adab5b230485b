import { describe, expect, it } from 'vitest';
import { confirm } from '../../../src/dialogue/parsers/confirm.ts';
import { read } from './reading.ts';

describe('confirm', () => {
  it('asks again after what is too long to be an answer', () => {
    expect(read(confirm(), `yes ${'yes '.repeat(300)}`)).toBe('issue.confirm');
  });

  it('takes the values of buttons', () => {
    expect(read(confirm(), { type: 'message.action', value: 'yes' })).toBe(true);
    expect(read(confirm(), { type: 'message.action', value: 'no', label: 'Nein' })).toBe(false);
    expect(read(confirm(), { type: 'message.voice', transcript: '好的' })).toBe(true);
    expect(read(confirm(), { type: 'message.image' })).toBe('issue.confirm');
  });

  it('takes words of the caller’s, before its own', () => {
    const own = confirm({ yes: ['Jawohl', 'no'], no: ['nein danke', '!'] });
    expect(
      ['jawohl!', 'JAWOHL please', 'no', 'Nein, danke', 'yes', '!'].map((said) => read(own, said)),
    ).toEqual([true, true, true, false, true, 'issue.confirm']);
  });

  it('takes a word of the caller’s with courtesies, and none that is denied or asked', () => {
    const own = confirm({ yes: ['Oui'], no: ['Non'] });
    const said = [
      'oui',
      'OUI!',
      'oui, merci',
      'oui thanks',
      'non',
      'oui?',
      'oui non',
      'not oui',
      'oui 👍',
    ];
    expect(said.map((each) => read(own, each))).toEqual([
      true,
      true,
      'issue.confirm',
      true,
      false,
      'issue.confirm',
      'issue.confirm',
      'issue.confirm',
      true,
    ]);
  });
});
