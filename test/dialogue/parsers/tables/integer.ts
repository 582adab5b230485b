import { integer } from '../../../../src/dialogue/parsers/integer.ts';
import { refused, taken, type ParserTable } from './table.ts';

export const INTEGER: ParserTable = {
  call: 'integer()',
  about: 'Takes what `number()` takes, where it has no fraction.',
  parser: integer(),
  kinds: [
    taken('a whole number', 'any', [
      [3, '3|3.0|３'],
      [Number.MAX_SAFE_INTEGER, '9007199254740991'],
      [1200, '1,200|1 200'],
      [-7, '-7'],
    ]),
    taken('a whole number', 'en', [
      [3, 'three|three people|we are 3|3 guests, please|3 of us|party of three'],
      [500_000, 'half a million|500 thousand'],
    ]),
    taken('a whole number', 'zh', [
      [3, '三个人|三点零|来三杯奶茶|我们三个|一共三位'],
      [15_000, '1.5万|一万五|一万五千'],
    ]),
    refused('a fraction', 'any', '3.5|½|1/2|0.1|2 1/2|.5|1.25|3,5|9007199254740992'),
    refused(
      'a fraction',
      'en',
      'half|two thirds|five and a quarter|point five|a half|three quarters|one and a half|zero point one',
    ),
    refused('a fraction', 'zh', '半|一半|三点五|三个半|三分之一|零点五|半个|一个半'),
    refused('what number() refuses', 'en', 'some|3 or 4|about 3|3 weeks|not 3|3?|which one|3rd'),
    refused(
      'what number() refuses',
      'zh',
      '三四个|十几个|三天|不是三个|三个吗|第三个|三到四个|大陆',
    ),
  ],
};
