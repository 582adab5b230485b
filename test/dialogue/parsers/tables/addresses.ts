import { email } from '../../../../src/dialogue/parsers/email.ts';
import { phone } from '../../../../src/dialogue/parsers/phone.ts';
import { emailTable } from './email.ts';
import { phoneTable, type PhoneKind } from './phone.ts';
import type { Kind, ParserTable } from './table.ts';

/** The tables of phone numbers, grouped by the country that the author names, and of e-mail addresses. */

const SHOWN = 12;

/** Countries with enough answers for a table; the others share one. */
const LARGE = ['86', 'CN', '1', '44'];

const OTHERS = [...new Set(phoneTable.flatMap(({ country }) => country ?? []))].filter(
  (country) => !LARGE.includes(country),
);

export const PHONES: readonly ParserTable[] = [
  {
    call: 'phone()',
    about:
      'Takes one phone number that says its country, and gives it in international form. Without `country`, a number as its country writes it is asked again.',
    parser: phone(),
    shown: SHOWN,
    kinds: phoneTable.filter(({ country }) => country === undefined).map(kindOf),
  },
  ...LARGE.map((country) => ({
    call: `phone({ country: '${country}' })`,
    about: 'The same, and a number without its calling code is one of this country.',
    parser: phone({ country }),
    shown: SHOWN,
    kinds: phoneTable.filter((kind) => kind.country === country).map(kindOf),
  })),
  {
    call: 'phone({ country })',
    about:
      'Numbers of other countries, as each country writes them: a trunk prefix is dropped or kept as the country has it.',
    parser: phone(),
    shown: SHOWN,
    kinds: OTHERS.flatMap(ofCountry),
  },
];

export const EMAIL: ParserTable = {
  call: 'email()',
  about: 'Takes one e-mail address, with the name of its host in lower case.',
  parser: email(),
  shown: SHOWN,
  kinds: emailTable,
};

function kindOf({ kind, language, rows }: PhoneKind): Kind {
  return { kind, language, rows };
}

/** What is written as this country writes it is one kind, and each other kind stays as it is. */
function ofCountry(country: string): Kind[] {
  const kinds = phoneTable.filter((kind) => kind.country === country);
  const parser = phone({ country });
  const written = kinds.filter(({ kind }) => kind.startsWith('a trunk prefix'));
  const where = `country '${country}'`;
  return [
    ...(written.length > 0
      ? [
          {
            kind: where,
            language: 'any',
            rows: written.flatMap(({ rows }) => rows),
            parser,
          } as const,
        ]
      : []),
    ...kinds
      .filter((kind) => !written.includes(kind))
      .map((kind) => ({ ...kindOf(kind), kind: `${where}, ${kind.kind}`, parser })),
  ];
}
