import { describe, expect, it } from 'vitest';
import {
  sayDay,
  sayInstant,
  sayList,
  sayNumber,
  sayTime,
} from '../../src/dialogue/text/formats.ts';

describe('a list', () => {
  it.each([
    ['en', [], ''],
    ['en', ['a'], 'a'],
    ['en', ['a', 'b'], 'a or b'],
    ['en-GB', ['a', 'b', 'c'], 'a, b or c'],
    ['zh-CN', ['甲', '乙', '丙'], '甲、乙还是丙'],
    ['fr', ['a', 'b', 'c'], 'a, b ou c'],
    ['de', ['a', 'b'], 'a oder b'],
    ['es', ['a', 'b', 'c'], 'a, b o c'],
    ['ja', ['a', 'b'], 'aまたはb'],
    ['ru', ['a', 'b', 'c'], 'a, b или c'],
  ])('of things of which one is meant, in %s: %j', (locale, items, said) => {
    expect(sayList(items, locale, 'disjunction')).toBe(said);
  });

  it.each([
    ['en', 'a, b and c'],
    ['zh-CN', 'a、b和c'],
    ['fr', 'a, b et c'],
    ['de', 'a, b und c'],
  ])('of things of which all are meant, in %s', (locale, said) => {
    expect(sayList(['a', 'b', 'c'], locale, 'conjunction')).toBe(said);
  });
});

describe('a day', () => {
  it.each([
    ['en', 'Nov 22, 2026', 'Sunday, November 22, 2026'],
    ['en-GB', '22 Nov 2026', 'Sunday 22 November 2026'],
    ['zh-CN', '2026年11月22日', '2026年11月22日星期日'],
    ['de', '22.11.2026', 'Sonntag, 22. November 2026'],
    ['fr', '22 nov. 2026', 'dimanche 22 novembre 2026'],
  ])('in %s', (locale, medium, full) => {
    expect(sayDay('2026-11-22', locale)).toBe(medium);
    expect(sayDay('2026-11-22', locale, 'full').replace('Sunday, 22', 'Sunday 22')).toBe(full);
  });

  it('that is none is said as it is', () => {
    expect(sayDay('some day', 'en')).toBe('some day');
    expect(sayTime('some time', 'en')).toBe('some time');
    expect(sayInstant(new Date(Number.NaN), 'en', 'UTC')).toBe('Invalid Date');
  });
});

describe('a time', () => {
  it.each([
    ['en', '6:30 PM'],
    ['zh-CN', '18:30'],
    ['de', '18:30'],
    ['fr', '18:30'],
  ])('in %s', (locale, said) => {
    expect(sayTime('18:30', locale)).toBe(said);
    expect(sayInstant(new Date('2026-11-22T10:30:00Z'), locale, 'Asia/Shanghai')).toContain(said);
  });
});

describe('what is said', () => {
  it('is made of characters that people type', () => {
    for (const locale of ['en', 'fr', 'de-CH', 'nb', 'cs']) {
      const all = [sayNumber(1e6, locale), sayTime('18:30', locale)].join('');
      expect(all).not.toMatch(/[\u00a0\u2009\u202f]/u);
    }
  });
});
