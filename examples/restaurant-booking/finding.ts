import { anywhere, integer, text, within } from 'colloquy';
import { phone } from 'colloquy/dialogue/parsers/phone';
import { visit } from './opening.ts';

/**
 * What a guest says without being asked for it: “a table for four tomorrow at 7pm, my name is Ann”. A parser reads a whole
 * answer; each of these says where in a message such an answer may stand.
 */

export const readPeople = integer({ min: 1, max: 8 });
export const readName = text({ maxLength: 40 });
export const readPhone = phone({ country: 'CN' });

const TABLE =
  "(?:i[’']d like |i want |please )?(?:to )?(?:book |reserve )?(?:a )?table for \\S+(?: people)?";

/** Of a clause about the table, what says for how many. “4 to 6 people” does not. */
export const findPeople = anywhere(
  within(
    /\btable for (\d+\b(?! ?[ap]m|[:.]\d)|[a-z]+)|(?<!\S)(?<!\b(?:to|and|than) )(\S+) people|(?<![十百\d一二两三四五六七八九几多])([\d一二两三四五六七八]+) ?(?:个人|位|人)/iu,
    readPeople,
  ),
);

/**
 * The time, alone in its clause or behind the table. A time is easily taken for another one, so everything beside it has
 * to be known: of “table for four, christmas, 7pm” nothing is taken.
 */
export const findVisit = anywhere(within(new RegExp(`^(?:${TABLE} )?(.+)$`, 'iu'), visit), {
  beside: [
    text({ pattern: new RegExp(`^(?:${TABLE}|(?:for |we are )?\\S+ people)$`, 'iu') }),
    text({ pattern: /^(?:(?:我|我们)?[想要]?[订定预约]+[个张]?[位座]子?|.{1,3}(?:个人|位|人))$/u }),
    text({ pattern: /^(?:my name is |我叫)/iu }),
    readPhone,
  ],
});

export const findName = anywhere(
  within(/\bmy name is ([^,，。;\n]+?)\.?(?=$|[,，。;\n])|我叫([^,，。;\n]+)/iu, readName),
);

/** Nothing else looks like a telephone number, so whatever is beside it does not matter. */
export const findPhone = anywhere(readPhone);
