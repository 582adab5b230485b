import { choice } from '../../../../src/dialogue/parsers/choice.ts';
import { refused, taken, type ParserTable } from './table.ts';

export const CHOICE: ParserTable = {
  call: "choice(['red', { value: 'blue', synonyms: ['navy', '蓝色'] }, { value: 'dark', label: 'Dark red', synonyms: ['深红'] }])",
  about:
    'Takes one of several options by its name or by its place in the list that the user saw, with courtesies and words that frame it. Numbers and ordinals count only where nothing else is said.',
  parser: choice([
    'red',
    { value: 'blue', synonyms: ['navy', '蓝色'] },
    { value: 'dark', label: 'Dark red', synonyms: ['深红'] },
  ]),
  kinds: [
    taken('a name', 'en', [
      [
        'red',
        'red|RED!|“Red”|ｒｅｄ|red, please|the red one|red 👍🏽|I’d like the red one please|ok, let’s go with red|in red, please',
      ],
      ['blue', 'blue|Navy|navy please|I’ll take the blue one'],
      ['red', 'red is fine|red would be great|red sounds good|definitely red|gimme red'],
      ['dark', 'dark red|Dark  Red.|dark-red|dark red, thanks|dark'],
    ]),
    taken('a name', 'zh', [
      ['blue', '蓝色|蓝色的|我要蓝色的|蓝色吧|来一个蓝色的，谢谢|就蓝色'],
      ['dark', '深红|我要深红的|那就深红吧|选深红'],
    ]),
    taken('a line of the list as it was shown', 'any', [
      ['red', '1. red|(1) Red'],
      ['blue', '2. blue|2) Blue!|2、蓝色'],
      ['dark', '3. Dark red|3: dark red|３．深红'],
    ]),
    refused(
      'a number that is not the number of the name',
      'any',
      '1. blue|3. red|2) red|4. red|1. 蓝色|1.5 red|1. red 2. blue|2. red?',
    ),
    taken('a place', 'any', [['blue', '2|２|2.|(2)|#2|2️⃣|②|2!']]),
    taken('a place', 'en', [
      [
        'blue',
        'two|number two|no. 2|Option 2|the second|the second one please|2nd|2 please|second last|second to last|next to last',
      ],
      ['dark', 'the last one|the last|3rd|I’ll take the third one|last'],
    ]),
    taken('a place', 'zh', [
      ['blue', '二|第二|第二个|就第二个吧|二号|我选2|选第二个|倒数第二个|选项2|选项二|选2号'],
      ['dark', '最后一个|倒数第一个|第三个谢谢'],
    ]),
    refused(
      'a denial',
      'en',
      'not red|anything but red|no red|never red|red isn’t nice|not the second|no, red|except the last one|non-red',
    ),
    refused(
      'a denial',
      'zh',
      '我不要深红|不要第二个|不是蓝色|别选蓝色|除了蓝色|不2|没有蓝色|蓝色不行|唔要蓝色',
    ),
    refused(
      'a question',
      'en',
      'red?|is it red|can I have red|which one|what is the price of red|First, what is the price?|do you have blue|the second?',
    ),
    refused(
      'a question',
      'zh',
      '蓝色吗|蓝色？|有蓝色吗|1号能到吗|哪个好|第二个可以吗|蓝色怎么样|2吗',
    ),
    refused(
      'an alternative',
      'en',
      'red or blue|which is better, red or blue?|first or second|red blue|either|red and blue|2 or 3|the first two',
    ),
    refused(
      'an alternative',
      'zh',
      '蓝色或深红|蓝色还是深红|第一或第二|蓝色和深红|一二|第一个或者第二个|都可以|随便',
    ),
    refused(
      'a hedge',
      'en',
      'maybe red|red, wait|red but larger|I think red|perhaps the second|red I guess|probably 2|hmm red or so',
    ),
    refused(
      'a hedge',
      'zh',
      '可能蓝色|蓝色，等等|应该是第二个|但是蓝色|大概2|蓝色，我想想|不过第二个|也许深红',
    ),
    refused(
      'another name or a number of something',
      'en',
      'bored|redder|reddish|2 people|we are 2|one please|1.5|-1|0|4|twenty|red, 2|red wine',
    ),
    refused(
      'another name or a number of something',
      'zh',
      '我是第一次来|选一个吧|选2个|蓝色妖姬|两个|第四个|最后|2号线|深红色酒',
    ),
  ],
};

export const CHOICE_OF_NAMES: ParserTable = {
  call: "choice(['Málaga', 'İstanbul', 'Ελλάδα', 'STRASSE', 'Wi-Fi', 'Don’t know', 'No', 'Member', 'Non-member', 'Fish & chips'])",
  about: 'Names are compared as people type them.',
  parser: choice([
    'Málaga',
    'İstanbul',
    'Ελλάδα',
    'STRASSE',
    'Wi-Fi',
    'Don’t know',
    'No',
    'Member',
    'Non-member',
    'Fish & chips',
  ]),
  kinds: [
    taken('a name without its marks', 'any', [
      ['Málaga', 'malaga|MÁLAGA|málaga!'],
      ['İstanbul', 'istanbul|ISTANBUL|İSTANBUL|ıstanbul'],
      ['Ελλάδα', 'ΕΛΛΑΔΑ|ελλαδα|Ελλάδα'],
      ['STRASSE', 'straße|Strasse|STRAẞE'],
      ['Wi-Fi', 'wifi|wi-fi|wi fi|Wi‑Fi|WIFI please'],
      ['Don’t know', "don't know|don’t know|dont know|I don't know|DON‘T KNOW"],
      ['Member', 'member|I am a member'],
      ['Fish & chips', 'fish and chips|FISH & CHIPS|fish&chips please'],
      ['Non-member', 'non-member|non member|nonmember|Non‑Member please'],
      ['No', 'no|no thanks|No!|no no'],
    ]),
    refused(
      'a part of another word, or a denial',
      'en',
      'no idea|not a member|I am not a member|no member|know|members only|not no|wifi password',
    ),
  ],
};

export const CHOICE_OF_NUMBERS: ParserTable = {
  call: "choice(['2', '4', '6'])",
  about: 'Where labels are numbers, a number is a label, and a place has to be called so.',
  parser: choice(['2', '4', '6']),
  kinds: [
    taken('a number', 'en', [
      ['4', '4|four|I want 4|4 people|4 please|the second|we are four|4.'],
      ['6', 'six|6|the third|the last one'],
    ]),
    taken('a number', 'zh', [
      ['4', '四|四个人|四个吧|第二个|我要四个|4个|一共四位'],
      ['6', '六|第三个|最后一个'],
    ]),
    refused('no label', 'en', '3|not 4|2 or 4|4.5|-4|4?|4%|4th of July|the fourth|about 4'),
    refused('no label', 'zh', '三|不是四|两个或四个|四个吗|四十|第四个|四五个|四点'),
  ],
};
