import fc from 'fast-check';
import { getCountries, getCountryCallingCode, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, it } from 'vitest';
import { phone } from '../../../src/dialogue/parsers/phone.ts';
import { read } from './reading.ts';

/** A mobile number of every country that has an example. */
const numbers = getCountries().flatMap((country) => {
  const number = getExampleNumber(country, examples);
  return number?.isValid() === true ? [{ country, number }] : [];
});

describe('phone', () => {
  it.each([
    ['2026112218', 'issue.phoneCountry'],
    ['13800138000 or 13900139000', 'issue.severalPhones'],
    ['138001380000', 'issue.phone'],
    ['my number', 'issue.phone'],
  ])('tells of %j what is missing: %s', (said, issue) => {
    expect(read(phone({ country: '86' }), said)).toBe(issue);
  });

  it('asks for the country code when it has no `country` option', () => {
    expect(read(phone(), '13800138000')).toBe('issue.phoneCountry');
  });

  it.each(['', '+86', '086', '1234', '0', '999', 'cn', 'XX', 'China'])(
    'refuses the country %j',
    (country) => {
      expect(() => phone({ country })).toThrow(expect.objectContaining({ code: 'bad_option' }));
    },
  );

  it('knows a number of each of more than 200 countries', () => {
    expect(numbers.length).toBeGreaterThan(200);
  });

  it.each(numbers)(
    'reads the number of $country in international and national form',
    ({ country, number }) => {
      const callingCode = getCountryCallingCode(country);
      expect(read(phone(), number.formatInternational())).toBe(number.number);
      expect(read(phone(), number.number)).toBe(number.number);
      for (const home of [country, callingCode]) {
        expect(read(phone({ country: home }), number.formatInternational())).toBe(number.number);
      }
      expect(read(phone({ country }), number.formatNational())).toBe(number.number);
    },
  );
});

const anyNumber = fc.constantFrom(...numbers);
const anyForm = anyNumber.chain(({ country, number }) =>
  fc.record({
    country: fc.constant(country as string),
    said: fc.constantFrom(number.formatInternational(), number.formatNational(), number.number),
  }),
);

describe('a number', () => {
  it('is not taken with a content word beside it', () => {
    const words = 'order invoice friday seven room name wife 订单 明天 七点 房间 老婆 旧'.split(
      ' ',
    );
    fc.assert(
      fc.property(anyForm, fc.constantFrom(...words), ({ country, said }, word) => {
        expect(read(phone({ country }), `${word} ${said}`)).toMatch(/^issue\./);
        expect(read(phone({ country }), `${said} ${word}`)).toMatch(/^issue\./);
      }),
    );
  });

  it('is not taken where it is denied or asked', () => {
    const around = [
      'not *',
      '不*',
      '别*',
      '不是*',
      'never *',
      '*?',
      '*吗',
      '*？',
      '*行不行',
      'is it *?',
    ];
    fc.assert(
      fc.property(anyForm, fc.constantFrom(...around), ({ country, said }, frame) => {
        expect(
          read(
            phone({ country }),
            frame.replace('*', () => said),
          ),
        ).toMatch(/^issue\./);
      }),
    );
  });

  it('is not taken beside another one', () => {
    const between = [' or ', '或', ' and ', ', ', ' / ', '、', ' ', '还是'];
    fc.assert(
      fc.property(anyForm, anyForm, fc.constantFrom(...between), (one, other, word) => {
        const country = one.country;
        expect(read(phone({ country }), one.said + word + other.said)).toMatch(/^issue\./);
      }),
    );
  });

  it('is not a date, however it is written', () => {
    const days = fc.date({
      min: new Date('1950-01-01'),
      max: new Date('2099-12-31'),
      noInvalidDate: true,
    });
    const countries = ['86', '1', '44', '49', '45', '65', '852', '7', '39'];
    fc.assert(
      fc.property(days, fc.constantFrom(...countries), (day, country) => {
        const [date = '', time = ''] = day.toISOString().split('T');
        const [y = '', m = '', d = ''] = date.split('-');
        const minutes = time.slice(0, 5);
        const written = [
          `${date} ${minutes}`,
          `${date} ${minutes.slice(0, 2)}`,
          `${y}.${m}.${d} ${minutes.replace(':', '.')}`,
          `${d}.${m}.${y} ${minutes}`,
          `${m}/${d}/${y}`,
          `${m}/${d}/${y} ${minutes.replace(':', '')}`,
          `${y}${m}${d}`,
          `${y}${m}${d} ${minutes.replace(':', '')}`,
          `${y}年${m}月${d}日 ${minutes}`,
        ];
        for (const said of written) expect(read(phone({ country }), said)).toMatch(/^issue\./);
      }),
    );
  });
});
