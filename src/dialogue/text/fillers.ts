import { lazy } from '../../internal/lazy.ts';
import { createFillers, type Fillers } from './explained.ts';

/**
 * What people say around an answer. These lists are closed: a word that could turn an answer into something else is in
 * none of them. No denial (not, 不, 别), question (which, can I, 吗), alternative (or, 还是), range (to, 到), approximation
 * (about, 左右) or change of mind (but, wait, 等等). Words that frame an answer are in the lists as whole phrases,
 * because “it is” states and “is it” asks.
 */

/**
 * Courtesies that may also stand right behind a number. Chinese ones that open an answer may not: 对 is “right” before a
 * number and a pair behind it.
 */
export const closingFillers: () => Fillers = /* @__PURE__ */ lazy(() =>
  createFillers([ENGLISH_COURTESIES, CHINESE_CLOSINGS, EMOJI].join(',')),
);

/** Courtesies, interjections and signs of agreement, in every language that is read. */
export const courtesyFillers: () => Fillers = /* @__PURE__ */ lazy(() =>
  createFillers(CHINESE_OPENINGS, closingFillers()),
);

/** Courtesies, and the words that frame an answer (“I’d like …”, 我要…). */
export const commonFillers: () => Fillers = /* @__PURE__ */ lazy(() =>
  createFillers(ENGLISH_FRAMES + ',' + CHINESE_FRAMES, courtesyFillers()),
);

const ENGLISH_COURTESIES =
  'please, pls, plz, kindly, if you please, thanks, thank you, thank u, thx, tks, ty, cheers, many thanks, thanks a lot, thanks a bunch, ' +
  'thank you very much, thank you so much, thanks so much, thanks very much, much appreciated, with thanks, ' +
  'um, umm, uh, uhm, uhh, er, erm, hm, hmm, hmmm, mm, mmm, mhm, well, oh, ooh, ah, ahh, aha, hey, hi, hiya, hello, hi there, hello there, hey there, ' +
  'good morning, good afternoon, good evening, dear, sir, madam, ma’am, guys, folks, everyone, everybody, ' +
  'ok, okay, okey, alright, all right, sure, yes, yeah, yea, yep, yup, of course, sure thing, great, perfect, cool, lovely, excellent, awesome, ' +
  'so, then, actually, just, only, simply, sorry, excuse me, pardon, pardon me, apologies, my apologies, haha, hahaha, hehe, lol';

const CHINESE_CLOSINGS =
  '请, 麻烦, 麻烦你, 麻烦您, 麻烦了, 劳驾, 拜托, 拜托了, 谢谢, 谢谢你, 谢谢您, 谢谢啦, 谢谢了, 谢谢哈, 谢了, 多谢, 非常感谢, 十分感谢, 感谢, 辛苦, 辛苦了, 辛苦你了, 辛苦您了, ' +
  '謝謝, 謝謝你, 謝謝您, 多謝, 請, 麻煩, 麻煩你, 麻煩您, 感謝, 不好意思, 对不起, 對不起, 抱歉, ' +
  '嗯, 恩, 呃, 额, 哦, 噢, 喔, 啊, 呀, 哈, 哈哈, 哈哈哈, 嘿嘿, 嘻嘻, 呵呵, 啦, 咯, 喽, 哟, 哒, 呗, 吧, 了, 的, 好了, 好吧, 好啊, 行吧, 就好, 就好了, 就行, 就行了, 就可以, 就可以了, 即可, 就够了';

const CHINESE_OPENINGS =
  '嘿, 嗨, 哎, 哎呀, 诶, 欸, 那, 那就, 那么, 就, 就是, 谢, ' +
  '你好, 您好, 大家好, 你们好, 早上好, 上午好, 下午好, 晚上好, 早安, 晚安, 老板, 老板娘, 师傅, 亲, 亲爱的, 服务员, 客服, 先生, 小姐, 女士, ' +
  '好, 好的, 好嘞, 好滴, 好哒, 好呀, 对, 对的, 是, 是的, 對, 對的, 其实, 其實, 先';

const EMOJI =
  '🙏, 😊, 👋, 🙂, 😀, 😃, 😄, 😁, 😉, ☺, 🤗, 😅, 😆, 😂, 🤣, 😇, 🥰, 😍, 😘, ❤, 💕, 🎉, 🥳, 👍, 👌, ✅, 🙌, 👏, 💪, 🤝, 🌹, 🌸, ✨, ' +
  '[微笑], [愉快], [呲牙], [玫瑰], [抱拳], [强], [合十], [爱心], [握手], [憨笑], [嘿哈], [加油], [太阳]';

const ENGLISH_FRAMES =
  'i’d like, i would like, id like, i’d love, i would love, i want, i wanted, i’d want, i need, i’d need, i will need, i’ll need, i require, ' +
  'i’ll take, i will take, ill take, i’ll have, i will have, ill have, i take, i have, i have got, i’ve got, i got, ' +
  'i choose, i’ll choose, i pick, i’ll pick, i select, i prefer, i’d prefer, i would prefer, i said, i say, i mean, i meant, ' +
  'i am, i’m, im, i will be, i’ll be, it is, it’s, its, it will be, it’ll be, it was, that is, that’s, thats, that will be, that’ll be, that makes, this is, ' +
  'we are, we’re, we will be, we’ll be, we have, we have got, we’ve got, we got, we need, we’ll need, we will need, we want, we’d like, we would like, we’ll take, we will take, we’ll have, we will have, ' +
  'there are, there’re, there is, there’s, theres, there will be, there’ll be, ' +
  'let’s say, lets say, let us say, say, let’s make it, lets make it, let’s make that, let’s do, lets do, let’s take, let’s have, let’s go with, lets go with, let’s go for, ' +
  'make it, make that, make them, let it be, change it to, change that to, change to, change it into, set it to, put, put down, give me, give us, get me, get us, ' +
  'i go with, i’ll go with, i will go with, i’d go with, go with, going with, i’ll go for, i will go for, i go for, ' +
  'my answer is, the answer is, my choice is, my choice, my answer, answer, in total, altogether, all together, in all, all in all, a total of, total of, total, the total is, ' +
  'for me, for us, for myself, for the moment, for now, exactly';

const CHINESE_FRAMES =
  '我要, 我们要, 要, 就要, 想要, 我想要, 我们想要, 我想, 我们想, 需要, 我需要, 我们需要, 我就要, 来, 我来, 给我来, 帮我来, 先来, 就来, 给我, 给我们, 帮我, 帮我们, 帮忙, ' +
  '我選, 我选, 我选择, 选, 选择, 我订, 我要订, 我想订, 订, 预订, 我要预订, 我想预订, 预定, 我要预定, 我想预定, 定, 我定, 预约, 我要预约, 我想预约, ' +
  '我们有, 我有, 有, 只有, 我们一共, 一共, 一共有, 一共是, 我们一共有, 总共, 总共有, 总共是, 共, 共有, 加起来, 合计, 总计, 全部, 我们總共, 總共, 我們有, 我們, ' +
  '我们, 我, 我们是, 我是, 我们就, 大家, 咱们, 咱, 就我们, 只, 仅, 只要, 那就要, 那要, 这是, 那是, 就定, 就订, 就选, 那就选, 答案是, 我的答案是, 我说的是, 我说, ' +
  '改成, 改为, 改到, 换成, 换到, 改成了';
