import { choice } from '../../../../src/dialogue/parsers/choice.ts';
import { image } from '../../../../src/dialogue/parsers/image.ts';
import { integer } from '../../../../src/dialogue/parsers/integer.ts';
import { location } from '../../../../src/dialogue/parsers/location.ts';
import { text } from '../../../../src/dialogue/parsers/text.ts';
import { within } from '../../../../src/dialogue/parsers/within.ts';
import { refused, taken, type ParserTable } from './table.ts';

export const TEXT: ParserTable = {
  call: 'text()',
  about:
    'Takes what was said as it is, but for white space around it. A denial, a question or a courtesy is a part of it: nothing else is known about what is asked for. `pattern`, `minLength` and `maxLength` narrow it.',
  parser: text(),
  kinds: [
    taken('any words', 'any', [
      ['Ann', 'Ann|  Ann  '],
      ['not Ann?', 'not Ann?'],
      ['我叫安', '我叫安'],
      ['👋', '👋'],
      ['heard', { type: 'message.voice', transcript: 'heard' }],
    ]),
    refused(
      'no words',
      'any',
      '|\u200b',
      { type: 'message.image', url: 'https://example.org/a.png' },
      { type: 'message.voice' },
    ),
  ],
};

export const WITHIN: ParserTable = {
  call: 'within(/for (.+?)(?: at |$)/i, integer())',
  about:
    'Reads the part of an answer that a pattern captures, by another parser, and drops the rest: the explicit way to take a part, as a form does to find its slots in one sentence. The part has to be a whole answer.',
  parser: within(/for (.+?)(?: at |$)/i, integer()),
  kinds: [
    taken('a part', 'en', [
      [
        3,
        'a table for three at 8|FOR 3|book it for 3 people|not now, for 3|a room for three please at noon',
      ],
    ]),
    refused(
      'no part, or one that is refused',
      'en',
      'three|a table|for three or four|for about 3 at 8|for not 3|for 3?|for friday|for 3 weeks at sea',
    ),
  ],
};

export const WITHIN_CHOICE: ParserTable = {
  call: "within(/(大|小)杯/, choice(['大', '小']))",
  about: 'The same with options.',
  parser: within(/(大|小)杯/u, choice(['大', '小'])),
  kinds: [
    taken('a part', 'zh', [
      ['大', '来一个大杯的奶茶|大杯|要大杯吧'],
      ['小', '小杯就好|我要小杯的，不加糖'],
    ]),
    refused('no part', 'zh', '大|大的|中杯|杯|奶茶|要杯大的|来杯小的|大碗'),
  ],
};

export const IMAGE: ParserTable = {
  call: 'image()',
  about:
    'Takes a picture that was sent as one. Words about it, and an address that is typed, are no picture.',
  parser: image(),
  kinds: [
    taken('a picture', 'any', [
      [
        { url: 'https://example.org/a.png' },
        { type: 'message.image', url: 'https://example.org/a.png' },
      ],
      [{ mediaId: '1' }, { type: 'message.image', mediaId: '1' }],
    ]),
    refused('no picture', 'any', 'https://example.org/a.png', { type: 'message.image' }),
  ],
};

export const LOCATION: ParserTable = {
  call: 'location()',
  about: 'Takes a location that was sent as one. The name of a place is not looked up.',
  parser: location(),
  kinds: [
    taken('a location', 'any', [
      [
        { latitude: 31.2, longitude: 121.5 },
        { type: 'message.location', latitude: 31.2, longitude: 121.5 },
      ],
    ]),
    refused('no location', 'any', '31.2, 121.5|Shanghai|上海', {
      type: 'message.location',
      latitude: 91,
      longitude: 0,
    }),
  ],
};
