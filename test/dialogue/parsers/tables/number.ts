import { number } from '../../../../src/dialogue/parsers/number.ts';
import { refused, taken, type ParserTable } from './table.ts';

export const NUMBER: ParserTable = {
  call: 'number()',
  about:
    'Takes one number that is the whole answer, but for courtesies, words that frame it and things that are counted one by one. `min` and `max` bound it; `units` names measures that may stand beside it.',
  parser: number(),
  kinds: [
    taken('digits', 'any', [
      [3, '3|３|3.|(3)|3!|٣|३|3️⃣|③'],
      [-5, '-5|−5|－5'],
      [7, '+7'],
      [0, '0|-0'],
      [3.14, '3.14|３.１４'],
      [0.5, '.5|0.50|½|1/2'],
      [2.5, '2½|2 1/2|2.5'],
      [0.75, '¾|3/4'],
      [1200, "1,200|1 200|1'200|1，２００"],
      [1_000_000, '1,000,000|1 000 000'],
      [1200.5, '1,200.50'],
      [30_000, '30k|30 K'],
    ]),
    taken('words', 'en', [
      [1, 'one|One!'],
      [21, 'Twenty-One|twenty one'],
      [205, 'two hundred and five|two hundred five'],
      [1500, 'fifteen hundred'],
      [120_000, 'one hundred twenty thousand|120 thousand'],
      [12, 'a dozen|twelve'],
      [6, 'half a dozen'],
      [36, '3 dozens|three dozen'],
      [500_000, 'half a million'],
      [5_500_000, 'five and a half million|5.5 million'],
      [5.25, 'five and a quarter|5 and a quarter'],
      [2 / 3, 'two thirds'],
      [0.5, 'half|a half|zero point five|naught point five|point five'],
      [-5, 'minus five|negative five'],
    ]),
    taken('numerals', 'zh', [
      [3, '三|叁|仨'],
      [15, '十五'],
      [101, '幺零幺|一〇一'],
      [205, '两百零五|二百零五'],
      [3500, '三千五|三千五百'],
      [12_000, '一万二|1.2万'],
      [35_000, '3万5|3万5千|３ 万5 千|三万五'],
      [100_000_000, '一个亿|一亿'],
      [2026, '二〇二六|两千零二十六'],
      [3.5, '三点五|三个半'],
      [0.5, '半|一半|半个'],
      [1.5, '一个半'],
      [1 / 3, '三分之一'],
      [-3, '负三|-三'],
      [12, '一打'],
      [6, '半打'],
      [123, '壹佰贰拾叁'],
    ]),
    taken('with courtesies and words that frame it', 'en', [
      [
        3,
        'exactly 3|3 please|um, 3|ok, three|we are 3|there will be three, thanks|make it 3|let’s say 3',
      ],
      [3, 'my answer is 3|I’d like three, please 🙏|3 👍🏽|3 :pray:|actually 3|sorry, three'],
      [2, 'a table for two, please|a party of 2'],
    ]),
    taken('with courtesies and words that frame it', 'zh', [
      [3, '三个吧|那就三个|我要三个|来三个|一共三个|我们有三个|您好，三个，谢谢|好的，三个🙏'],
      [3, '改成三个|我想要三个|就三个|总共是三个|3～'],
    ]),
    taken('with things that are counted', 'en', [
      [
        4,
        '4 people|four persons|4 guests|four adults|4 tickets|4 rooms|four nights|4 of us|the four of us',
      ],
      [30, 'I am 30 years old|I’m thirty years old'],
    ]),
    taken('with things that are counted', 'zh', [
      [
        3,
        '三个人|三位|三名|三张票|三杯奶茶|三盒|三袋|三间房|三晚|三口人|我们一家三口|三岁|我们队伍三个人',
      ],
      [2, '我们俩|两个大人'],
    ]),
    refused(
      'a denial',
      'en',
      'not 3|not three people|no 3|no, 3|anything but 3|except 3|never 3|without 3|isn’t 3',
    ),
    refused(
      'a denial',
      'zh',
      '不是三个|不要三个|没有三个|别要三个|除了三个|不三个|三个不行|三个不够',
    ),
    refused(
      'a question',
      'en',
      '3?|is it 3?|can I have 3|how about 3|what about three|which one|do you have 3|are 3 ok',
    ),
    refused(
      'a question',
      'zh',
      '三个吗|三个？|三个可以吗|能不能三个|三个行不行|要几个|三个呢|有没有三个|可以三个么',
    ),
    refused(
      'an alternative or a range',
      'en',
      '3 or 4|3-4|3 - 4|3~4|3 to 4|between 7 and 8|three or four|from 3 to 5|3/4/5',
    ),
    refused(
      'an alternative or a range',
      'zh',
      '三或四|三个或者四个|三到五|三至五个|3～4个|三、四个|三个还是四个|3-4人',
    ),
    refused(
      'an approximation',
      'en',
      'about ten|around 10|roughly ten|almost 10|over 10|at least 10|10 or so|10-ish|~10|10+|up to 10|ten-odd|>10',
    ),
    refused(
      'an approximation',
      'zh',
      '十几个|二十多个|几十个|十来个|三五个|七八个|十七八|七七八八|大概十个|十个左右|差不多十个|十个上下|至少十个|上百个|两三百',
    ),
    refused(
      'a hedge',
      'en',
      'maybe 3|3, but wait|I think 3|3 I guess|perhaps three|3 hmm let me see|probably 3|3 if possible',
    ),
    refused(
      'a hedge',
      'zh',
      '可能三个|三个，等等|应该三个|三个，我想想|但是三个|不过三个|也许三个|对了，三个',
    ),
    refused('a measure that is not named', 'any', '$5|5%|5 km|30kg|5°C|€20|￥30|5m|3x|10w|5\'|6"'),
    refused(
      'a measure that is not named',
      'en',
      '3 weeks|5 hours|$10M|ten dollars|3 pairs|two couples|5 percent|3 tables|two degrees|3 pm',
    ),
    refused(
      'a measure that is not named',
      'zh',
      '三周|五公里|三块五|一米八|三兆|三千克|两双|三对|五度|三点|百分之五十|三小时|两个半小时',
    ),
    refused('two numbers', 'any', '3 4|1,2|12,34|2026-11-22|18:30|3×4|1/2/2026|192.168.0.1 5'),
    refused(
      'two numbers',
      'en',
      'I need 2, no wait 3|three four|2 adults 1 kid|a million and a half|twenty twenty-six|one two|half past 3|3 people 2 rooms',
    ),
    refused(
      'two numbers',
      'zh',
      '两大一小|三个大人两个小孩|三 四|一个或两个|三点五十|三间两晚|一男一女|五个，不，六个',
    ),
    refused(
      'no numeral, or not as one',
      'en',
      'which one is cheaper?|no one|one moment|the one|this one|the first one|3rd|second|one by one|someone|a few|many|once|a couple',
    ),
    refused(
      'no numeral, or not as one',
      'zh',
      '大陆|陆先生|四川|收拾|第一次|第三|等一下|千万别来|周三|万一|伍|一点也不|五一|一会儿|百|十分感谢|万一三个人',
    ),
    refused('a name or a code', 'any', 'A4|1e5|0x1f|1.2.3|10²|H2O|3D|v2|NaN|Infinity'),
    refused('no exact number', 'any', '9007199254740993|4/5|11/22|9/10|1_000|5/0'),
  ],
};

export const NUMBER_OF_UNITS: ParserTable = {
  call: "number({ units: ['weeks', '$', '%', '小时', '周'] })",
  about:
    'The author names what the number may be a number of. A unit may stand beside the number or not, so name units of one size.',
  parser: number({ units: ['weeks', '$', '%', '小时', '周'] }),
  kinds: [
    taken('a unit that is named', 'en', [
      [3, '3 weeks|three weeks, please|3|I need three weeks|3%|$3|$ 3|for 3 weeks'],
      [1, '1 week|one week'],
    ]),
    taken('a unit that is named', 'zh', [
      [3, '三周|3周吧|三个小时|三小时|3个周|要三周'],
      [2.5, '两个半小时'],
    ]),
    refused(
      'another unit',
      'en',
      '3 days|3 months|3 weeks and a day|€3|$3M|3 weekends|3 hours|5 weeks ago',
    ),
    refused('another unit', 'zh', '三天|三个月|三年|三分钟|三周半|三公里|三次|三小时前'),
  ],
};
