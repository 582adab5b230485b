import { emojiOf } from '../../message.ts';
import { fold } from '../text/normalize.ts';
import { wordsOf, type Parser } from './parser.ts';

export interface ConfirmOptions {
  /** What else means yes, whatever the case. It counts before the words known here. */
  readonly yes?: readonly string[];
  /** What else means no. */
  readonly no?: readonly string[];
}

type Meaning = 'yes' | 'no' | 'unsure' | 'filler';

/** Phrases by what they mean, separated by commas. */
const KNOWN: Readonly<Record<Meaning, string>> = {
  yes:
    'yes, yeah, yea, yep, yup, ya, y, ok, okay, okey, sure, sure thing, of course, certainly, absolutely, definitely, ' +
    'indeed, right, all right, alright, correct, exactly, true, fine, good, great, perfect, agreed, i agree, confirm, confirmed, ' +
    'go ahead, sounds good, looks good, i do, i am, i will, i would, it is, that is right, that’s right, why not, i think so, by all means, ' +
    'no problem, no worries, not a problem, no objection, not bad, 👍, 👌, ✅, ✔, 🆗, 💯, ' +
    '是, 是的, 对, 对的, 對, 對的, 好, 好的, 好嘞, 好滴, 好哒, 可以, 可以的, 行, 行的, 成, 嗯, 恩, 要, 需要, 想, 愿意, ' +
    '确认, 确定, 確認, 確定, 没错, 沒錯, 不错, 正确, 正確, 当然, 當然, 没问题, 沒問題, 没有问题, 同意, 有, 有的, 没意见, 就这样, 没毛病',
  no:
    'no, nope, nah, n, not, never, no way, not really, not now, not today, not yet, of course not, certainly not, absolutely not, definitely not, ' +
    'don’t, do not, i don’t, i do not, i am not, i’m not, it is not, it isn’t, i won’t, i would not, i wouldn’t, wrong, incorrect, not right, not correct, ' +
    'not ok, not okay, not good, that’s wrong, that is wrong, false, cancel, no thanks, no thank you, never mind, nevermind, nothing, neither, i don’t think so, i do not think so, 👎, ❌, ✖, 🙅, ' +
    '不, 不是, 不是的, 不要, 不用, 不行, 不对, 不對, 不好, 不可以, 不成, 不必, 不需要, 还没, 还没有, 不想, 不愿意, 不同意, 不正确, 没, 没有, 沒, 沒有, ' +
    '否, 非, 别, 算了, 取消, 错, 错了, 有问题, 不了, 拒绝, 免了, 从不, 不干',
  unsure:
    'no idea, no clue, no preference, not sure, not certain, don’t know, i don’t know, do not know, i do not know, don’t care, don’t mind, ' +
    'maybe, perhaps, not exactly, no matter, ' +
    '不知道, 不确定, 不清楚, 不一定, 不好说, 不好意思, 对不起, 没想好, 是吗, 好吗, 可以吗, 行吗, 对吗',
  filler:
    'please, pls, plz, thanks, thank you, thx, very, much, so much, really, quite, that, that’s, that is, it, it’s, this, is, then, i think, i guess, just, at all, ' +
    'sir, madam, oh, well, um, hmm, ah, it all, for me, to me, with me, by me, 谢谢, 谢谢你, 谢谢您, 谢了, 多谢, 感谢, 麻烦, 麻烦你, 麻烦您, 请, 您, 你, 我, 那, 就, 这, 这个, 这样, ' +
    '都, 很, 太, 挺, 非常, 了, 的, 吧, 啊, 呀, 哦, 噢, 哟, 呢, 嘛, 哈, 哈哈, 啦, 喔, 嗷, 滴, 先, 暂时, 现在',
};

/** What opens a sentence that need not be understood any further: “yes I would like that”, “no four people”. */
const OPENINGS =
  /^(?:yes|yeah|yep|yup|no|nope|nah|嗯|是的|好的|对的|可以的|不是的|不用了|不要了)$/u;

/** What may turn a yes into something else. */
const DENIAL = /\b(?:not?|never|but|except|dont|cannot|cant|wont)\b|n’t\b|[不没沒别別]|但|除了/u;

/** A word of spaced scripts, one character of the others, or a symbol. */
const TOKEN = /[\p{Script=Han}]|[\p{L}\p{M}\p{N}]+(?:’[\p{L}]+)*|\p{Extended_Pictographic}/gu;

const CLAUSES = /[\n,.!?;:、。!?;()~…"“”]+/u;

/**
 * Takes yes (`true`) or no (`false`), in English and Chinese alike, whatever the locale, with courtesies and repetitions:
 * “Yes please”, “好的谢谢”, “对对对”, “no, four people”, “不要了”, “没问题”, 👍; also the values `yes` and `no` of buttons. What says both,
 * is not sure (“not sure”, `不知道`), asks back (`好吗`), or is longer than 1,000 characters is an issue.
 */
export function confirm(options: ConfirmOptions = {}): Parser<boolean> {
  const meanings = knownMeanings();
  for (const phrase of options.yes ?? []) meanings.set(toKey(phrase), 'yes');
  for (const phrase of options.no ?? []) meanings.set(toKey(phrase), 'no');
  meanings.delete('');
  const longest = Math.max(...Array.from(meanings.keys(), (key) => key.split(' ').length));
  const meaningOf = (key: string): Meaning | undefined => meanings.get(key);
  return (message) => {
    const words = wordsOf(message) ?? emojiOf(message) ?? '';
    const key = toKey(words);
    const meaning = meaningOf(key) ?? meaningOfAll(words, meaningOf, longest);
    if (meaning === 'yes') return { value: true };
    if (meaning === 'no') return { value: false };
    return { issue: { key: 'issue.confirm' } };
  };
}

function tokensOf(text: string): string[] {
  return fold(text).replaceAll("'", '’').match(TOKEN) ?? [];
}

/** The tokens of a phrase, as they are looked up. */
function toKey(text: string): string {
  return tokensOf(text).join(' ');
}

/** Made with the parser and not with the module, so that a bundler can leave out who confirms nothing. */
function knownMeanings(): Map<string, Meaning> {
  return new Map(
    (['filler', 'unsure', 'no', 'yes'] as const).flatMap((meaning) =>
      KNOWN[meaning].split(', ').map((phrase): [string, Meaning] => [toKey(phrase), meaning]),
    ),
  );
}

type Look = (key: string) => Meaning | undefined;

/** What all clauses of a text come to: nobody has to agree with what cannot be read, but a yes must stand alone. */
function meaningOfAll(words: string, look: Look, longest: number): Meaning | undefined {
  const meanings = new Set<Meaning>();
  let denied = false;
  for (const clause of fold(words).replaceAll("'", '’').split(CLAUSES)) {
    const tokens = tokensOf(clause);
    if (tokens.length === 0) continue;
    const meaning = meaningOfClause(tokens, look, longest);
    if (meaning === undefined) denied ||= DENIAL.test(clause);
    else meanings.add(meaning);
  }
  meanings.delete('filler');
  const [only, ...others] = meanings;
  return others.length > 0 || (denied && only === 'yes') ? undefined : only;
}

/** Read from the left, the longest phrase first. Everything in it has to be known and to agree, but after an opening. */
function meaningOfClause(
  tokens: readonly string[],
  look: Look,
  longest: number,
): Meaning | undefined {
  let said: Meaning = 'filler';
  let opening: Meaning | undefined;
  for (let index = 0; index < tokens.length;) {
    const found = longestAt(tokens, index, look, longest);
    if (found === undefined) {
      const denied = opening === 'yes' && DENIAL.test(tokens.slice(index).join(' '));
      return denied ? undefined : opening;
    }
    if (found.meaning !== 'filler') {
      if (said !== 'filler' && said !== found.meaning) return 'unsure';
      said = found.meaning;
      if (index === 0 && OPENINGS.test(found.key.replaceAll(' ', ''))) opening = found.meaning;
    }
    index += found.length;
  }
  return said;
}

function longestAt(
  tokens: readonly string[],
  start: number,
  look: Look,
  longest: number,
): { readonly key: string; readonly meaning: Meaning; readonly length: number } | undefined {
  for (let length = Math.min(longest, tokens.length - start); length > 0; length -= 1) {
    const key = tokens.slice(start, start + length).join(' ');
    const meaning = look(key);
    if (meaning !== undefined) return { key, meaning, length };
  }
  return undefined;
}
