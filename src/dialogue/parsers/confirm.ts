import { type KeysOf, checkOptions } from '../../internal/closed.ts';
import { emojiOf } from '../../message.ts';
import { withEmoji } from '../text/emoji.ts';
import { tokensOf } from '../text/explained.ts';
import { fold } from '../text/normalize.ts';
import { knownPhrases, phrasesOf, toKey, type Meaning, type Phrases } from './confirm-words.ts';
import { issue, messageWords, type Parser } from './parser.ts';

/** Options of the parser for yes and no, which is `confirm()`, or `yesNo()` of `colloquy/parsers`. */
export interface YesNoOptions {
  /** Further words for yes, in any case. They count before the words known here. */
  readonly yes?: readonly string[] | undefined;
  /** Further words for no. */
  readonly no?: readonly string[] | undefined;
}

const KEYS = { yes: null, no: null } satisfies KeysOf<YesNoOptions>;

/**
 * Takes yes (`true`) or no (`false`), in English and Chinese in every locale, with courtesies and repetitions:
 * “Yes please”, “好的谢谢”, “对对对”, “no thanks”, “不要了”, “没问题”, 👍 or its name (`:+1:`); also the values `yes` and `no` of buttons.
 * The parser has to know every word of the answer. Both yes and no, doubt (“not sure”, `不知道`), a question (`好吗`, “yes?”), more
 * content (“yes, but …”, “no, four people”), and over 500 characters are an issue.
 * @example
 * words.ask({ question: 'Are you sure?', parse: confirm(), assign: 'sure' });
 * @throws UsageError `bad_option`, when made, for an option that there is not.
 */
export function confirm(options: YesNoOptions = {}): Parser<boolean> {
  checkOptions('confirm()', options, KEYS);
  const own = ownPhrases(options);
  return (message) => {
    const words = messageWords(message) ?? emojiOf(message) ?? '';
    const lists = [own, knownPhrases()];
    const said = own.meanings.size > 0 ? own.meanings.get(toKey(words)) : undefined;
    const meaning = said ?? meaningOfAll(words, lists);
    if (meaning === 'yes') return { value: true };
    if (meaning === 'no') return { value: false };
    return issue('issue.confirm');
  };
}

function ownPhrases({ yes = [], no = [] }: YesNoOptions): Phrases {
  const own = new Map<string, Meaning>();
  for (const phrase of yes) own.set(toKey(phrase), 'yes');
  for (const phrase of no) own.set(toKey(phrase), 'no');
  own.delete('');
  return phrasesOf(own);
}

/** Where one clause ends; a question mark ends none, for it says something. */
const CLAUSES = /[\n,.!;:、。()~"“”]+|(?<=\p{Script=Han}) +(?=\p{Script=Han})/u;

/** “嗯…” is a pause. */
const PAUSES = /[嗯恩](?:[.。]{2,}|~{2,})/gu;

/** 好是好 grants a thing, and a “but” follows, said or not. */
const CONCESSION = /(好|可以|行|[对對]|要|想|有|同意|能|[会會]|成)倒?是\1/u;

/** What all clauses of a text say, if they agree. */
function meaningOfAll(words: string, lists: readonly Phrases[]): 'yes' | 'no' | undefined {
  const folded = fold(words);
  if (CONCESSION.test(folded)) return undefined;
  let said: Meaning = 'filler';
  for (const clause of withEmoji(folded).replace(PAUSES, ' ').split(CLAUSES)) {
    const meaning = meaningOfClause(tokensOf(clause), lists);
    if (meaning === 'unsure') return undefined;
    if (meaning === 'filler') continue;
    if (said !== 'filler' && said !== meaning) return undefined;
    said = meaning;
  }
  return said === 'filler' ? undefined : said;
}

/** Read from the left, the longest phrase first. Everything in it has to be known and to agree. */
function meaningOfClause(tokens: readonly string[], lists: readonly Phrases[]): Meaning {
  const whole = meaningIn(lists, tokens.join(' '));
  if (whole !== undefined) return whole;
  let said: Meaning = 'filler';
  let denial: string | undefined;
  for (let index = 0; index < tokens.length;) {
    const found = longestAt(tokens, index, lists);
    if (found === undefined || found.meaning === 'unsure') return 'unsure';
    const { key, meaning, length } = found;
    index += length;
    if (meaning === 'filler') continue;
    if (NOT_ALONE.test(key) && !isEnd(tokens[index])) return 'unsure';
    if (said !== 'filler' && said !== meaning) return 'unsure';
    if (denial !== undefined && !isRepeated(denial, key)) return 'unsure';
    said = meaning;
    if (meaning === 'no') denial = key;
  }
  return said;
}

/**
 * Whether two denials without a comma between them deny the same: 不用不用 and “no not now” do. “Don’t cancel”, 没有不对 and
 * 不不是 deny what is denied.
 */
function isRepeated(denial: string, next: string): boolean {
  if (/^(?:no|nope|nah)$/u.test(denial)) return !/^(?:cancel|nothing|neither)$/u.test(next);
  return denial === next;
}

/** A 不 before other words denies those. */
const NOT_ALONE = /^[不 ]+$/u;

function isEnd(token: string | undefined): boolean {
  return token === undefined || /^[啊呀哦噢啦了哈]$/u.test(token);
}

/** The longest phrase from a place on, in the first list that has it. */
function longestAt(
  tokens: readonly string[],
  start: number,
  lists: readonly Phrases[],
): { readonly key: string; readonly meaning: Meaning; readonly length: number } | undefined {
  let found: ReturnType<typeof longestAt>;
  let key = '';
  for (let length = 1; start + length <= tokens.length; length += 1) {
    key += (key === '' ? '' : ' ') + tokens[start + length - 1];
    const meaning = meaningIn(lists, key);
    if (meaning !== undefined) found = { key, meaning, length };
    if (!lists.some(({ beginnings }) => beginnings.has(key))) break;
  }
  return found;
}

/** What the first list that has the phrase says of it. */
function meaningIn(lists: readonly Phrases[], key: string): Meaning | undefined {
  for (const { meanings } of lists) {
    const meaning = meanings.get(key);
    if (meaning !== undefined) return meaning;
  }
  return undefined;
}
