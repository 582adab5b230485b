import { lazy } from '../../internal/lazy.ts';
import { beginningsOf, isPlainWords, tokensOf } from '../text/explained.ts';
import { courtesyFillers } from '../text/fillers.ts';
import { fold } from '../text/normalize.ts';

export type Meaning = 'yes' | 'no' | 'unsure' | 'filler';

/** Phrases by what they mean, and what they begin with. */
export interface Phrases {
  readonly meanings: ReadonlyMap<string, Meaning>;
  readonly beginnings: ReadonlySet<string>;
}

/**
 * Every phrase that an answer of yes or no may consist of. “no” and 不 mean no if nothing follows; before other words they
 * may deny anything, so only the phrases below are read.
 */
const KNOWN: readonly (readonly [Meaning, string])[] = [
  [
    'yes',
    'yes, yess, yesss, yeah, yea, yep, yup, yas, ya, y, yes indeed, ok, okay, okey, okie, okey dokey, k, kk, sure, sure thing, for sure, of course, certainly, absolutely, definitely, totally, precisely, ' +
      'indeed, right, all right, alright, correct, exactly, true, fine, good, great, perfect, cool, lovely, excellent, awesome, wonderful, agree, agreed, i agree, we agree, i do agree, ' +
      'confirm, confirmed, i confirm, we confirm, accept, accepted, i accept, approve, approved, i approve, affirmative, roger, aye, mhm, uh huh, you bet, ' +
      'go ahead, go for it, do it, please do, please do it, let’s do it, let’s go, proceed, continue, carry on, by all means, why not, gladly, book it, ofc, lgtm, mm hmm, mmhmm, ' +
      'sounds good, sounds great, sounds perfect, sounds fine, sounds right, looks good, looks great, looks right, looks correct, looks fine, looks ok, looks okay, everything looks good, everything looks right, everything looks correct, everything looks fine, seems right, seems fine, seems good, seems correct, looks perfect, it looks good, it looks right, that looks good, that looks right, ' +
      'i do, i am, i will, i would, i have, i did, we do, we are, we will, we have, it is, it does, it was, they are, i am sure, i’m sure, i’m certain, i am certain, ' +
      'that is right, that’s right, that is correct, that’s correct, that is fine, that’s fine, that is ok, that’s ok, that’s okay, that is true, that’s true, that’s good, that’s great, that’s perfect, that’s it, that is it, that’s all, ' +
      'it is right, it’s right, it is correct, it’s correct, it’s fine, it is fine, it’s ok, it’s okay, you are right, you’re right, you are correct, i’m fine with it, fine by me, fine with me, that works, that works for me, works for me, that’ll do, that will do, ' +
      'i would like that, i’d like that, i would like to, i’d like to, i would love to, i’d love to, i want that, i want it, i want to, i do want that, i think so, i do think so, ' +
      'no problem, no problems, no problem at all, no worries, not a problem, no objection, no objections, no issue, no issues, no doubt, no doubt about it, without a doubt, no changes, nothing to change, no mistakes, no mistake, no errors, ' +
      'that would be great, that would be good, that’d be great, that would be lovely, nothing wrong, nothing is wrong, nothing’s wrong, there is nothing wrong, not bad, all good, all right then, all correct, it’s all correct, it is all correct, it’s all good, all is right, all is correct, everything is right, everything is correct, everything’s right, everything’s correct, everything is fine, ' +
      '👍, 👌, ✅, ✔, ☑, 🆗, 💯, 🙆, [强], +1, ' +
      '是, 是的, 是啊, 是呀, 是滴, 是哒, 是我, 我是, 是这样, 是这样的, 就是, 就是的, 就是这样, 就这样, 就这样吧, 对, 对的, 对啊, 对呀, 对哒, 对滴, 对头, 都对, 都是, 都是的, 全对, 對, 對的, 對啊, ' +
      '好, 好的, 太好了, 好嘞, 好滴, 好哒, 好呀, 好啊, 好吧, 那好吧, 好耶, 好咧, 可以, 可以的, 可以了, 阔以, 行, 行的, 行啊, 行吧, 成, 成吧, 嗯, 恩, 嗯哼, 嗯呢, 会的, 可行, 妥了, 要, 要的, 需要, 需要的, 想, 想要, 我想要, 愿意, 我愿意, 乐意, ' +
      '确认, 确认了, 我确认, 确定, 我确定, 確認, 確定, 确认无误, 核对无误, 信息无误, 正确无误, 准确无误, 无误, 都没错, 都没问题, 没错, 沒錯, 没有错, 没有错误, 没有错的, 沒有錯, 没弄错, 没有弄错, 没搞错, ' +
      '不错, 挺不错, 正确, 正確, 完全正确, 都正确, 全部正确, 信息正确, 信息没错, 全部没错, 肯定, 肯定的, 确实, 的确, 绝对, 完全同意, 当然, 當然, 那当然, 必须, 必须的, 那必须, 没问题, 沒問題, 没有问题, 沒有問題, 没什么问题, 没啥问题, 毫无疑问, 没有疑问, 同意, 我同意, 赞成, 赞同, 认可, 接受, 通过, ' +
      '有, 有的, 没意见, 没有意见, 没异议, 没有异议, 无异议, 没毛病, 就行, 就行了, 就可以, 就可以了, 就好, 就好了, 得嘞, 收到, 来吧',
  ],
  [
    'no',
    'no, noo, nooo, nop, nope, nah, n, never, no way, no sir, not really, not now, not today, not yet, not this time, not at all, of course not, certainly not, absolutely not, definitely not, negative, ' +
      'don’t, do not, please don’t, please do not, don’t do it, do not do it, don’t do that, i don’t, i do not, we don’t, we do not, i didn’t, i did not, i haven’t, i have not, i am not, i’m not, we are not, we’re not, ' +
      'it is not, it isn’t, it’s not, that is not, that isn’t, that’s not, it does not, it doesn’t, i won’t, i will not, i would not, i wouldn’t, ' +
      'i don’t want that, i don’t want it, i don’t want to, i do not want that, i do not want it, i do not want to, don’t want it, ' +
      'wrong, incorrect, not right, not correct, not quite, not ok, not okay, not good, no good, looks wrong, it looks wrong, that looks wrong, doesn’t look right, does not look right, it doesn’t look right, it does not look right, that doesn’t look right, let’s not, not fine, not true, that is incorrect, that’s incorrect, it’s incorrect, it is incorrect, i’m afraid not, not a chance, that’s wrong, that is wrong, it’s wrong, it is wrong, that’s not right, that is not right, that isn’t right, that’s not correct, that is not correct, ' +
      'it’s not right, it is not right, it isn’t right, it’s not correct, it is not correct, false, cancel, no thanks, no thank you, no thx, thanks but no thanks, never mind, nevermind, neither, ' +
      'i don’t think so, i do not think so, disagree, i disagree, we disagree, i don’t agree, i do not agree, decline, i decline, refuse, i refuse, reject, rejected, no need, not needed, not necessary, not interested, i’m not interested, i am not interested, deny, rather not, i’d rather not, i would rather not, by no means, ' +
      '👎, ❌, ✖, 🙅, 🚫, ⛔, [弱], ' +
      '不, 不不不, 不是, 不是的, 不是啊, 不是这样, 不是这样的, 不是我, 不要, 不要了, 不用, 不用了, 不行, 不对, 不對, 不好, 不可以, 不成, 不必, 不必了, 不需要, 不需要了, 还没, 还没有, 还没呢, 没呢, 不想, 不想要, 不想要了, ' +
      '不愿意, 不乐意, 不同意, 不赞成, 不赞同, 不接受, 不正确, 不太好, 不太行, 不太对, 不太想, 不能, 不订了, 不定了, 不买了, 不去了, 不来了, 不会, 不會, 不确认, 没必要, 沒必要, 当然不, 當然不, 当然不是, 当然不行, 当然不要, 当然不可以, 唔係, 唔系, 唔要, 唔好, 唔使, 唔得, 没, 没有, 沒, 沒有, ' +
      '否, 非, 别, 別, 算了, 算了吧, 还是算了, 取消, 取消吧, 错, 错了, 錯, 錯了, 有错, 有错误, 都不对, 完全不同意, 有误, 信息有误, 弄错了, 搞错了, 有问题, 不了, 不了吧, 拒绝, 免了, 从不, 不干',
  ],
  [
    'unsure',
    'no idea, no clue, no preference, not sure, not certain, don’t know, i don’t know, do not know, i do not know, don’t care, don’t mind, i don’t mind, i don’t care, ' +
      'maybe, perhaps, not exactly, no matter, no wonder, yeah right, please correct, please correct it, please correct that, ' +
      '不知道, 不确定, 不清楚, 不一定, 不好说, 没想好, 想想, 我想, 好了, 行了, 对了, 對了, 是吧, 对吧, 對吧, 不是吧, 没错吧, 可以吧, 要不, 可不是, 没关系, 没事, 不要紧, 不用谢, 不谢',
  ],
  [
    'filler',
    'very, very much, so much, really, quite, at all, it all, sir, madam, to me, with me, by me, for me, my friend, with pleasure, ' +
      '谢了, 我, 这, 这个, 这样, 很, 太, 挺, 非常, 滴, 嗷, 暂时, 现在, 我知道了, 知道了, 知道啦, 明白, 明白了, 我明白了, 了解, 了解了',
  ],
];

/** They close an answer that was given already, and alone they may ask for a yes. */
const NO_FILLERS_HERE = '吧, 好, 那么';

export const knownPhrases: () => Phrases = /* @__PURE__ */ lazy(() => {
  const meanings = new Map<string, Meaning>();
  for (const phrase of courtesyFillers().phrases) meanings.set(phrase, 'filler');
  for (const phrase of NO_FILLERS_HERE.split(', ')) meanings.delete(toKey(phrase));
  for (const [meaning, list] of KNOWN.toReversed()) {
    for (const phrase of list.split(', ')) meanings.set(toKey(phrase), meaning);
  }
  // As they are typed in a hurry: “dont”, “thats right”.
  for (const [key, meaning] of [...meanings]) {
    const hurried = key.replaceAll('’', '');
    if (!meanings.has(hurried)) meanings.set(hurried, meaning);
  }
  return phrasesOf(meanings);
});

export function phrasesOf(meanings: ReadonlyMap<string, Meaning>): Phrases {
  const beginnings = [...meanings.keys()].flatMap((key) => beginningsOf(key.split(' ')));
  return { meanings, beginnings: new Set(beginnings) };
}

/** A phrase, as it is looked up. */
export function toKey(text: string): string {
  const folded = fold(text);
  return isPlainWords(folded) ? folded : tokensOf(folded).join(' ');
}
