import { describe, expect, it } from 'vitest';
import { confirm } from '../../../src/dialogue/parsers/confirm.ts';
import { read } from './reading.ts';

const YES = `yes|Yes!|ｙｅｓ|yeah|yep|ok|OK.|okay thanks|sure|sure thing|y|of course|yes please|yes of course|oh yes|yes yes yes|
Yes, I would like that|sounds good|that's right|That’s right.|right|all right|no problem|not bad|I think so|👍|Yes 👍🏽|
是|是的|对|對|好|好的。|可以|行|嗯|嗯嗯|没错|沒錯|确认|没问题|没有问题|不错|好的谢谢|对对对|可以啊|好呀|那好吧|是的，没错|好的我知道了|当然可以|
要的|就这样吧|对，就是这样`;

const NO = `no|No.|nope|nah|n|don't|don’t|no thanks|no way|not really|not now|of course not|no, four people|no I want four|not ok|
I don't think so|👎|不|不是|不是的|不要|不要了|不用|不用了谢谢|不行|不对|不對|不好|没有|还没有|否|算了|取消|别|不不不|不可以|不，是四个人`;

const UNCLEAR = `not sure|maybe|yes and no|no, yes please|yes but not today|yes, but not now|no idea|I don't know|book it not|banana|one|know|
四个人|不知道|不确定|不一定|好不好|是不是|好吗|可以吗|对不起|不好意思|可是|是谁|好人|对方||?!`;

const phrases = (list: string): string[] => list.split('|').map((phrase) => phrase.trim());

describe('confirm', () => {
  it.each(phrases(YES))('takes %j for yes', (said) => {
    expect(read(confirm(), said)).toBe(true);
  });

  it.each(phrases(NO))('takes %j for no', (said) => {
    expect(read(confirm(), said)).toBe(false);
  });

  it.each(phrases(UNCLEAR))('asks again after %j', (said) => {
    expect(read(confirm(), said)).toBe('issue.confirm');
  });

  it('asks again after what is too long to be an answer', () => {
    expect(read(confirm(), `yes ${'yes '.repeat(300)}`)).toBe('issue.confirm');
  });

  it('takes the values of buttons', () => {
    expect(read(confirm(), { type: 'message.action', value: 'yes' })).toBe(true);
    expect(read(confirm(), { type: 'message.action', value: 'no', label: 'Nein' })).toBe(false);
    expect(read(confirm(), { type: 'message.voice', transcript: '好的' })).toBe(true);
    expect(read(confirm(), { type: 'message.image' })).toBe('issue.confirm');
  });

  it('takes words of the caller’s, before its own', () => {
    const own = confirm({ yes: ['Jawohl', 'no'], no: ['nein danke', '!'] });
    expect(
      ['jawohl!', 'JAWOHL please', 'no', 'Nein, danke', 'yes', '!'].map((said) => read(own, said)),
    ).toEqual([true, true, true, false, true, 'issue.confirm']);
  });
});
