import { confirm } from '../../../../src/dialogue/parsers/confirm.ts';
import { refused, taken, type ParserTable } from './table.ts';

export const CONFIRM: ParserTable = {
  call: 'confirm()',
  about:
    'Takes yes (`true`) and no (`false`). The whole answer has to be known: if more follows the yes or the no, the bot asks again. `yes` and `no` add your words.',
  parser: confirm(),
  kinds: [
    taken('yes', 'en', [
      [
        true,
        'yes|Yes!|ｙｅｓ|yeah|yep|ok|OK.|okay thanks|sure|sure thing|y|of course|yes please|yes of course|oh yes|yes yes yes',
      ],
      [
        true,
        'Yes, I would like that|yes I would like that|sounds good|that’s right|right|all right|I think so|agree|I agree, thanks',
      ],
      [
        true,
        'no problem|no problems|no doubt|nothing wrong|not bad|no worries|nothing to change|yes, no problem',
      ],
      [true, 'yesss|mm-hmm|looks ok|it’s all correct|everything looks good|seems fine|book it|ofc'],
    ]),
    taken('yes', 'zh', [
      [
        true,
        '是|是的|对|對|好|好的。|可以|行|嗯|嗯嗯|确认|好的谢谢|对对对|可以啊|好呀|那好吧|当然可以|要的|就这样吧|对，就是这样',
      ],
      [
        true,
        '没错|沒錯|没有错|没问题|没有问题|不错|是的，没错|确认无误|没毛病|好的我知道了|您好，是的|嗯...好的',
      ],
      [true, '会的|可行|妥了|嗯呢|是是是'],
    ]),
    taken('yes as an emoji', 'any', [
      [
        true,
        '👍|👍🏽|Yes 👍🏿|👌|✅|👍👍|:+1:|:thumbsup:|:+1::skin-tone-3:|:white_check_mark:|:ok_hand:|[强]|[OK]|+1',
      ],
    ]),
    taken('no', 'en', [
      [
        false,
        'no|No.|nope|nah|n|don’t|no thanks|no way|not really|not now|of course not|not ok|I don’t think so|disagree|no no no',
      ],
      [
        false,
        'sorry, no|no, not now|no not really|that’s wrong|dont|i dont think so|it isn’t|no need|rather not|cancel',
      ],
      [
        false,
        'nooo|no good|not interested|I’m not interested, thanks|doesn’t look right|it looks wrong|let’s not|deny',
      ],
    ]),
    taken('no', 'zh', [
      [
        false,
        '不|不是|不是的|不要|不要了|不用|不用了谢谢|不行|不对|不對|不好|没有|还没有|否|取消|别|不不不|不可以',
      ],
      [false, '不想要|不，不要|不用不用|我不要|暂时不用|不好意思，不用了|有误|错了'],
      [false, '当然不|当然不行|錯了|没必要|不会|唔好|唔要|唔係'],
    ]),
    taken('no as an emoji', 'any', [
      [false, '👎|👎🏿|❌|🙅🏽‍♀️|:-1:|:-1::skin-tone-2:|:thumbsdown:|:x:|[弱]'],
    ]),
    refused('yes and no at once', 'any', '👍👎|yes 不|no 好的|✅❌|ok 👎|不 yes|:+1: :-1:|好 no'),
    refused(
      'yes and no at once',
      'en',
      'yes and no|no, yes please|yes or no|no, that’s right|ok no|no no problem|sure, never mind|yes, no',
    ),
    refused(
      'yes and no at once',
      'zh',
      '不，是的|是不是|好不好|是还是不是|行，不要了|不，没问题|要不要|好的，算了',
    ),
    refused(
      'denied twice',
      'en',
      'not no|not wrong|don’t cancel|I don’t disagree|it isn’t wrong|never no|no cancel|not incorrect',
    ),
    refused(
      'denied twice',
      'zh',
      '没有不对|不不是|不取消|别取消|不是没有|没有取消|不不要|没有不同意',
    ),
    refused(
      'not yes, not ok: a denial of no known phrase',
      'en',
      'not yes|not sure|not exactly|not so fine|not agreed|yes not|not great|no idea',
    ),
    refused(
      'not yes, not ok: a denial of no known phrase',
      'zh',
      '不知道|不确定|不一定|不是的吧|不好说|不清楚|没想好|没关系',
    ),
    refused(
      'a question',
      'en',
      'yes?|is it right?|ok?|right?|why not?|what if I say yes?|can I|is that ok',
    ),
    refused('a question', 'zh', '好吗|可以吗|是吗|行不行|对吧|可以么|好的？|是谁|1号线怎么走'),
    refused(
      'a change of mind or a hedge',
      'en',
      'nothing|ok, wait|ok wait|yes but|OK, stop|maybe|yes, but not now|right now|yes hmm let me think|I guess|please correct it',
    ),
    refused(
      'a change of mind or a hedge',
      'zh',
      '嗯，我想想|对了，我想改一下日期|可是|但是可以|嗯……|等等|好，等一下|也许|想想|要不|好是好|可以是可以|对是对，就是贵了点|不会吧',
    ),
    refused(
      'more than an answer',
      'en',
      'no, four people|no I want four|Sure, what does it cost?|yes. Change it to friday|I booked the 1st yesterday|book it not|yes friday|ok banana',
    ),
    refused(
      'more than an answer',
      'zh',
      '不，是四个人|四个人|好人|对方|好的，周五|是，改成四个|可以换吗|行李',
    ),
    refused('no answer', 'any', '?!|...|1|-1|🤔|🤷|😊|🙏'),
    refused('no answer', 'en', 'hello|yeah right|thanks|banana|one|know|good morning|please|sorry'),
    refused('no answer', 'zh', '你好|谢谢|对不起|不好意思|请|我|早上好|哈哈|不用谢'),
  ],
};
