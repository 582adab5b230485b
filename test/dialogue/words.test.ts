import { describe, expect, it } from 'vitest';
import { OWN_PROMPTS } from '../../src/dialogue/text/catalog.ts';
import { createWords, type PromptKey } from '../../src/dialogue/text/localize.ts';
import type { Message } from '../../src/message.ts';

const message: Message = { type: 'message.text', text: 'hi', receivedAt: 1234 };
const yes = { key: 'answer.yes' } as const;
const locales = [...OWN_PROMPTS.keys()];

describe('the words of the library', () => {
  const keys = Object.keys(OWN_PROMPTS.get('en') ?? {}) as PromptKey[];
  const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

  it('are there in English and Chinese', () => {
    expect(locales).toEqual(['en', 'zh-CN']);
    expect(Object.keys(OWN_PROMPTS.get('zh-CN') ?? {})).toEqual(keys);
  });

  it.each(keys)('have the same holes in both languages: %s', (key) => {
    const [english = '', chinese = ''] = locales.map((locale) => OWN_PROMPTS.get(locale)?.[key]);
    expect(holes(chinese)).toEqual(holes(english));
    expect(english.trim()).not.toBe('');
  });
});

describe('say', () => {
  const { say } = createWords();

  it.each([
    ['en', 'Yes'],
    ['en-GB', 'Yes'],
    ['zh-CN', '是'],
    ['zh', '是'],
    ['zh_CN', '是'],
    ['zh-Hans-SG', '是'],
    ['ZH-tw', '是'],
    ['fr', 'Yes'],
    ['not a locale', 'Yes'],
    ['', 'Yes'],
    ['x'.repeat(1_000_000), 'Yes'],
  ])('speaks to %.20s: %s', (locale, said) => {
    expect(say(yes, locale)).toBe(said);
  });

  it('fills in the values, once, and leaves what it has no value for', () => {
    const line = { key: 'form.line', values: { label: '{value}', value: 3 } } as const;
    expect(say(line, 'en')).toBe('{value}: 3');
    expect(say({ key: 'form.line', values: { label: 'a' } }, 'zh')).toBe('a：{value}');
    expect(say({ key: 'form.line' }, 'en')).toBe('{label}: {value}');
  });

  it.each([
    ['en', 5, '5'],
    ['en', 1900, '1900'],
    ['en', 10_000, '10,000'],
    ['en', 0.1, '0.1'],
    ['en', -1234.5, '-1234.5'],
    ['en', 1e6 / 3, '333,333.3333333333'],
    ['de', 1_234_567.5, '1.234.567,5'],
    ['fr', 12_345, '12 345'],
    ['zh-CN', 20_000, '20,000'],
    ['pt-BR', 2.5, '2,5'],
    ['hi-IN', 12_345_678, '1,23,45,678'],
    ['ar-EG', 12, '١٢'],
    ['not a locale', 12_345, '12,345'],
  ])('writes a number as people do in %s: %d', (locale, min, written) => {
    const tags = ['en', 'de', 'fr', 'zh-CN', 'pt-BR', 'hi-IN', 'ar-EG'];
    const bare = tags.map((tag) => [tag, { 'issue.min': '{min}' }] as const);
    const said = createWords({ prompts: Object.fromEntries(bare) });
    expect(said.say({ key: 'issue.min', values: { min } }, locale)).toBe(written);
  });

  it('says a string as it is', () => {
    expect(say('Only {value}', 'zh')).toBe('Only {value}');
  });

  it('prefers words of the caller’s: of the locale, of its language, of another of its kind', () => {
    const words = createWords({
      prompts: {
        fr: { 'answer.yes': 'Oui' },
        'en-GB': { 'answer.yes': 'Aye' },
        zh: { 'answer.no': '不' },
        en: { 'answer.no': 'Nope' },
      },
    });
    expect(words.say(yes, 'fr-CA')).toBe('Oui');
    expect(words.say(yes, 'en-GB')).toBe('Aye');
    expect(words.say(yes, 'zh-CN')).toBe('是');
    const no = { key: 'answer.no' } as const;
    expect(words.say(no, 'zh-CN')).toBe('不');
    expect(words.say(no, 'fr')).toBe('Nope');
    expect(words.say({ key: 'ask.reminder' }, 'fr')).toBe('Are you still there?');
  });

  it('asks the translator first, which may leave a prompt to it', () => {
    const asked: unknown[] = [];
    const words = createWords({
      translate: (key, values, locale) => {
        asked.push([key, values, locale]);
        return key === 'answer.yes' ? 'Ja {value}' : undefined;
      },
    });
    expect(words.say(yes, 'de')).toBe('Ja {value}');
    expect(words.say({ key: 'issue.min', values: { min: 3 } }, 'zh_CN')).toBe('不能小于 3。');
    expect(asked).toEqual([
      ['answer.yes', {}, 'de'],
      ['issue.min', { min: 3 }, 'zh-CN'],
    ]);
  });
});

describe('parseContext', () => {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

  it('is of the message’s time, and otherwise of now', () => {
    const { parseContext } = createWords();
    expect(parseContext({}, message).now).toBe(1234);
    expect(parseContext({}, undefined).now).toBeGreaterThan(Date.UTC(2020, 1));
    for (const receivedAt of [Number.NaN, Infinity, 1e300]) {
      expect(parseContext({}, { ...message, receivedAt }).now).toBeLessThan(8.64e15);
    }
  });

  it('goes by the context', () => {
    const { parseContext } = createWords();
    const context = { locale: 'zh_CN', timeZone: 'Asia/Shanghai' };
    const expected = { ...context, locale: 'zh-CN', now: 1234, context };
    expect(parseContext(context, message)).toEqual(expected);
  });

  it.each([
    undefined,
    null,
    5,
    {},
    { locale: 5, timeZone: null },
    { locale: '???', timeZone: '' },
    { locale: 'x'.repeat(1_000_000) },
    Object.create({ locale: 'zh', timeZone: 'Asia/Shanghai' }),
  ])('passes over what is no locale and says no zone (%#)', (context) => {
    const fallback = { locale: 'en', timeZone: zone, now: 1234, context: context as unknown };
    expect(createWords().parseContext(context, message)).toEqual(fallback);
  });

  it.each([
    'Asia/Beijing',
    'GMT+8',
    'UTC+8',
    '+08:00',
    '+8',
    'CST',
    'BST',
    'IST',
    'pst',
    'China Standard Time',
    'Mars/Olympus',
    'x'.repeat(1_000_000),
    8,
    {},
    true,
  ])('refuses to tell the time in a zone that is none: %.20s', (timeZone) => {
    const parseContext = createWords().parseContext({ timeZone }, message);
    expect(parseContext.now).toBe(1234);
    expect(() => parseContext.timeZone).toThrow(
      expect.objectContaining({
        name: 'StepError',
        code: 'bad_time_zone',
        details: { key: 'context.timeZone' },
      }),
    );
    expect(() => ({ ...parseContext })).toThrow(expect.objectContaining({ code: 'bad_time_zone' }));
  });

  it('does not hold what it refused', () => {
    const parseContext = createWords().parseContext({ timeZone: 'Secret/Place' }, message);
    expect(() => parseContext.timeZone).toThrow(/^(?!.*Secret).*IANA/u);
  });

  it.each(['Asia/Shanghai', 'asia/shanghai', 'PRC', 'UTC', 'GMT', 'Etc/GMT-8', 'Hongkong', 'EST'])(
    'knows %s',
    (timeZone) => {
      expect(createWords().parseContext({ timeZone }, message).timeZone).toBe(timeZone);
    },
  );

  it('goes by the options before the context', () => {
    const context = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', language: 'fr' };
    const fixed = createWords({ locale: 'de', timeZone: 'Europe/Berlin' });
    expect(fixed.parseContext(context, message)).toEqual({
      locale: 'de',
      timeZone: 'Europe/Berlin',
      now: 1234,
      context,
    });
    const derived = createWords<typeof context>({
      locale: ({ language }) => language,
      timeZone: () => 'Mars/Olympus',
    });
    const parseContext = derived.parseContext(context, message);
    expect(parseContext.locale).toBe('fr');
    expect(() => parseContext.timeZone).toThrow(
      expect.objectContaining({ code: 'bad_time_zone', details: { key: 'words.timeZone' } }),
    );
  });
});

describe('createWords', () => {
  it.each([
    { locale: 'not a locale' },
    { timeZone: 'Mars/Olympus' },
    { prompts: { '???': {} } },
    { prompts: { en: { 'answer.yess': 'Yes' } } },
    { prompts: { en: { 'answer.yes': 5 } } },
    { timeZone: '+08:00' },
    { timeZone: 'CST' },
    { answers: { '???': { yes: ['y'] } } },
    { answers: { fr: { yes: 'oui' } } },
    { answers: { fr: { yes: ['oui', ' '] } } },
    { answers: { fr: { no: [5] } } },
    { answers: { fr: { maybe: ['peut-être'] } } },
  ])('refuses %j', (options) => {
    expect(() => createWords(options as object)).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'bad_option' }),
    );
  });
});

describe('answers', () => {
  const words = createWords({
    prompts: { fr: { 'answer.yes': 'Oui', 'answer.no': 'Non' } },
    answers: { fr: { yes: ['d’accord'] }, 'fr-CA': { yes: ['ouais'], no: ['pantoute'] } },
  });

  it('are what the bot says for yes and no, and what was added for the language', () => {
    expect(words.answers('fr')).toEqual({
      yes: ['Oui', 'd’accord', 'ouais'],
      no: ['Non', 'pantoute'],
    });
    expect(words.answers('fr_CA').yes).toContain('d’accord');
    expect(words.answers('en')).toEqual({ yes: ['Yes'], no: ['No'] });
    expect(words.answers('zh')).toEqual({ yes: ['是'], no: ['否'] });
  });
});
