import { anywhere, integer, text, within } from 'colloquy';
import { phone } from 'colloquy/dialogue/parsers/phone';

/**
 * Finds what a guest says before the question: “a table for four tomorrow at 7pm, my name is Ann”. A parser reads a whole
 * answer; each of these says where in a message such an answer may be.
 */

export const readPeople = integer({ min: 1, max: 8 });
export const readName = text({ maxLength: 40 });
export const readPhone = phone({ country: 'CN' });

/** The words of a clause about the table that say for how many. “4 to 6 people” has none. */
export const findPeople = anywhere(
  within(
    /\btable for (\d+\b(?! ?[ap]m|[:.]\d)|[a-z]+)|(?<!\S)(?<!\b(?:to|and|than) )(\S+) people|(?<![十百\d一二两三四五六七八九几多])([\d一二两三四五六七八]+) ?(?:个人|位|人)/iu,
    readPeople,
  ),
);

export const findName = anywhere(
  within(/\bmy name is ([^,，。;\n]+?)\.?(?=$|[,，。;\n])|我叫([^,，。;\n]+)/iu, readName),
);

/** Nothing else looks like a telephone number, so the other words do not matter. */
export const findPhone = anywhere(readPhone);
