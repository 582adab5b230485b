import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { email } from '../../../src/dialogue/parsers/email.ts';
import { read } from './reading.ts';

describe('email', () => {
  it.each([
    ['ann@example.com, bob@example.com', 'issue.severalEmails'],
    ['ann@example', 'issue.email'],
    ['my email', 'issue.email'],
  ])('tells of %j what is wrong: %s', (said, issue) => {
    expect(read(email(), said)).toBe(issue);
  });

  it('refuses a text of more than 500 characters', () => {
    expect(read(email(), `${'please '.repeat(75)}ann@example.com`)).toBe('issue.email');
  });
});

const label = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const address = fc
  .tuple(
    fc.stringMatching(/^[a-z0-9_][a-z0-9+_-]{0,8}(\.[a-z0-9+_-]{1,8})?$/),
    label,
    fc.constantFrom('com', 'de', 'cn', 'co.uk'),
  )
  .map(([local, name, top]) => `${local}@${name}.${top}`);

describe('an address', () => {
  it('is taken whole, alone and introduced', () => {
    const around = ['*', '我的邮箱是*', 'my email is *', '<*>', '*.', '* 谢谢'];
    fc.assert(
      fc.property(address, fc.constantFrom(...around), (said, frame) => {
        expect(
          read(
            email(),
            frame.replace('*', () => said),
          ),
        ).toBe(said);
      }),
    );
  });

  it('is not taken without a letter of it that is not ASCII', () => {
    fc.assert(
      fc.property(
        address,
        fc.nat(),
        fc.constantFrom('é', 'ü', 'ø', 'ß', 'ł', 'ç', 'я', 'β'),
        (said, place, letter) => {
          const index = place % (said.length + 1);
          expect(read(email(), said.slice(0, index) + letter + said.slice(index))).toBe(
            'issue.email',
          );
        },
      ),
    );
  });

  it('is not taken where it is denied or asked, or with a content word beside it', () => {
    const around =
      'not *,don’t use *,不*,不是*,*?,*吗,*行不行,is it *,order *,* tomorrow,* 明天,老婆*';
    fc.assert(
      fc.property(address, fc.constantFrom(...around.split(',')), (said, frame) => {
        expect(
          read(
            email(),
            frame.replace('*', () => said),
          ),
        ).toMatch(/^issue\./);
      }),
    );
  });

  it('is not taken beside another one', () => {
    const between = [' or ', '或', ' and ', ', ', '、', ' ', '/', '还是'];
    fc.assert(
      fc.property(address, address, fc.constantFrom(...between), (one, other, word) => {
        fc.pre(one !== other);
        expect(read(email(), one + word + other)).toMatch(/^issue\./);
      }),
    );
  });
});
