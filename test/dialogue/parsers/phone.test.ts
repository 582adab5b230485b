import { describe, expect, it } from 'vitest';
import { phone } from '../../../src/dialogue/parsers/phone.ts';
import { read } from './reading.ts';

describe('phone', () => {
  it.each([
    ['13800138000', '+8613800138000'],
    ['138 0013 8000', '+8613800138000'],
    ['１３８００１３８０００', '+8613800138000'],
    ['幺三八零零幺三八零零零', '+8613800138000'],
    ['8613800138000', '+8613800138000'],
    ['+86 138-0013-8000', '+8613800138000'],
    ['0086 13800138000', '+8613800138000'],
    ['我的电话是138 0013 8000，6点后打', '+8613800138000'],
    ['010-12345678', '+861012345678'],
    ['(0755) 1234567', '+867551234567'],
    ['+86 (0)10 6552 9988', '+861065529988'],
    ['+1 415 555 2671', '+14155552671'],
    ['12800138000', 'issue.phone'],
    ['1380013800', 'issue.phone'],
    ['138001380000', 'issue.phone'],
    ['+86 12345678901', 'issue.phone'],
    ['12345', 'issue.phone'],
    ['my number', 'issue.phone'],
    ['13800138000 or 13900139000', 'issue.severalPhones'],
  ])('reads %j in China as %s', (said, value) => {
    expect(read(phone({ country: '86' }), said)).toBe(value);
  });

  it.each([
    ['1', '(415) 555-2671', '+14155552671'],
    ['1', '1-415-555-2671', '+14155552671'],
    ['1', '115 555 2671', 'issue.phone'],
    ['44', '020 7946 0958', '+442079460958'],
    ['44', '07911 123456', '+447911123456'],
    ['49', '030 123456789012345', 'issue.phone'],
  ])('reads, in +%s, %j as %s', (country, said, value) => {
    expect(read(phone({ country }), said)).toBe(value);
  });

  it.each([
    ['+8613800138000', '+8613800138000'],
    ['+44 (0)20 7946 0958', '+442079460958'],
    ['13800138000', 'issue.phoneCountry'],
    ['+0123456789', 'issue.phone'],
    ['+1234567', 'issue.phone'],
    ['+1234567890123456', 'issue.phone'],
  ])('wants the country with the number where it is told none: %j is %s', (said, value) => {
    expect(read(phone(), said)).toBe(value);
  });

  it.each(['', '+86', '086', '1234', 'CN'])('refuses the country %j', (country) => {
    expect(() => phone({ country })).toThrow(expect.objectContaining({ code: 'bad_option' }));
  });
});
