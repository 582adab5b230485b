import { lazy } from '../../internal/lazy.ts';
import { createFillers, isFiller } from '../text/explained.ts';
import { closingFillers, commonFillers, courtesyFillers } from '../text/fillers.ts';
import { fold } from '../text/normalize.ts';

/**
 * What people say around the values of a list, in closed lists: courtesies, what ties a value to the ones before it, and
 * that it is all.
 */

const MORE_ENDINGS =
  'that’s all, thats all, that is all, that’s it, that is it, that will be all, that’ll be all, that would be all, that’s everything, ' +
  'no more, nothing more, nothing else, enough, that’s enough, done, i’m done, we’re done, all done, finished, i’m finished, for now, ' +
  '没有了, 没了, 没有别的了, 没别的了, 没其他了, 不加了, 就这些, 就这些了, 就这样, 就这样了, 就这么多, 够了, 好了, 完了, 可以了, 暂时';

/** Behind a value these may take it back: “a cake, no”, 蛋糕，不要了. */
const DENIALS =
  'nothing, none, no, nope, nah, no thanks, not now, 没有, 不要了, 不用了, 不用, 不需要了, 不';

/** Behind a value it is the end, and before the first one it may be every option. */
const ALL_OR_END = 'all';

/** Of the options. Where the list has values, it may be said of those. */
const NONE_OF_THEM =
  'none of them, none of these, none of those, not any of them, neither, 都不要, 一个都不要, 一个也不要, 什么都不要, 都不用, 都没有, 都不需要';

const endings = /* @__PURE__ */ lazy(() =>
  createFillers(`${MORE_ENDINGS}, ${DENIALS}, ${ALL_OR_END}`, commonFillers()),
);
const emptyEndings = /* @__PURE__ */ lazy(() =>
  createFillers(`${MORE_ENDINGS}, ${DENIALS}, ${NONE_OF_THEM}`, commonFillers()),
);
const closings = /* @__PURE__ */ lazy(() =>
  createFillers(`${MORE_ENDINGS}, ${ALL_OR_END}`, commonFillers()),
);

/**
 * Whether everything in a text says that the list is complete.
 * @param isFirst whether the list has no value yet
 */
export function isEnding(text: string, isFirst = false): boolean {
  const said = fold(text);
  if (/^好了|^就好/u.test(said) && isFiller(said, commonFillers())) return true;
  return isFiller(said, isFirst ? emptyEndings() : endings()) && !isFiller(said, commonFillers());
}

/** The end of a list by its name: “no toppings”, “no more toppings”, 不要配料. */
const NONE_OF =
  /^(?:no (?<more>more )?|without (?:any )?|(?:i )?(?:don['’]t|do not) (?:want|need) (?:any )?|(?:不要|不加|不需要|没有)(?<chinese>更多|别的|其他)?)(?<what>.+)$/iu;

/**
 * Whether a text says that there is nothing of what the list is called. Of a list with values, only “no more” says so.
 * @param names what the list is called: its label, its key
 */
export function isNoneOf(
  text: string,
  { items, names }: { readonly items: readonly unknown[]; readonly names: readonly string[] },
): boolean {
  const { more, chinese, what = '' } = NONE_OF.exec(text)?.groups ?? {};
  if (items.length > 0 && more === undefined && chinese === undefined) return false;
  const said = fold(what);
  return names
    .map(fold)
    .some((name) => name !== '' && said.startsWith(name) && isNothing(said.slice(name.length)));
}

function isNothing(text: string): boolean {
  return text.trim() === '' || isFiller(text, commonFillers());
}

/** What joins the values of an answer. */
const JOINTS = /\s*(?:[,，、;；+\n]|(?<!\p{L})(?:and|plus)(?!\p{L})|&|和|还有|以及|跟|加上)\s*/iu;

/** What ties a value to the ones before it. */
const ONE_MORE =
  /^(?:(?:and|also|plus|then|please|add|another|one more)(?!\p{L})\s*|我们?(?=还要|再要|再来|再加)|(?:还要|再要|再来|再加|另外|还有|加(?=[一两]?[个份杯位]))\s*(?:一?[个份杯位])?\s*)+/iu;

/** The same behind it. */
const TOO = /\s+(?:too|as well|also)$/iu;

export interface Pieces {
  /** Each of them names a value. */
  readonly values: readonly string[];
  /** Whether it is all, as the last thing that is said. */
  readonly isAll: boolean;
}

/**
 * The values that an answer names, without what is said around them.
 * @param isValue whether a text is a value: one may be called as a courtesy is. Undefined where any text is one, of which
 *   only what stands apart is taken away
 * @returns undefined where a denial, or the end of the list, comes before a value or takes one back
 */
export function piecesOf(
  words: string,
  isValue: ((text: string) => boolean) | undefined,
): Pieces | undefined {
  const isAnyText = isValue === undefined;
  if (isAnyText && NO_TEXT.test(words)) return undefined;
  const saysNothing = (text: string): boolean => isCourtesy(text) && isValue?.(text) !== true;
  const values: string[] = [];
  let isAll = false;
  for (const piece of (isAnyText ? words.replace(PLEASE, '') : words).split(JOINTS)) {
    const said = piece.trim();
    if (said === '' || saysNothing(said)) continue;
    if (isEnding(said)) {
      if (values.length === 0 || !isFiller(fold(said), closings())) return undefined;
      isAll = true;
      continue;
    }
    const value = said.replace(ONE_MORE, '').replace(TOO, '').trim();
    if (value === '' || /^一?[个份杯位]$/u.test(value) || saysNothing(value)) continue;
    if (isAll) return undefined;
    values.push(value);
  }
  return { values, isAll };
}

/** What asks for a change of the list, or denies one, is no value. */
const NO_TEXT =
  /^(?:please )?(?:don['’]?t|do not|never|(?:can|could|would|should|shall|may) (?:you|i|we)) (?:please )?(?:add|remove|delete|drop|change|replace|take)\b|^请?(?:别|不要|能不能|能|可不可以|可以|要不要).*(?:加|去掉|删|换|改)/iu;

/** Ty is a name as well. */
function isCourtesy(text: string): boolean {
  const said = fold(text);
  return said !== 'ty' && isFiller(said, courtesyFillers());
}

/** Courtesies that end no name. */
const PLEASE = /(?:[\s,，]+(?:please|pls|plz|thanks|thank you)|[\s,，]*(?:谢谢|吧))+[.!。！~]*$/iu;

/** Where a courtesy may begin or end. */
const EDGE = /[\s,，、。.!！;；:：~]+|(?<=\p{Script=Han})|(?=\p{Script=Han})/gu;

/** Courtesies around a text are no longer. */
const LONGEST = 60;

/** The text without the courtesies around it: of “ok, remove 2, thanks”, “remove 2”. */
export function withoutCourtesies(words: string): string {
  const edges = Array.from(words.matchAll(EDGE), ({ index, 0: { length } }) => ({
    from: index,
    to: index + length,
  }));
  const start = edges.findLast(
    ({ to }) => to <= LONGEST && isFiller(fold(words.slice(0, to)), courtesyFillers()),
  );
  const rest = words.slice(start?.to ?? 0);
  const offset = words.length - rest.length;
  const end = edges.find(
    ({ from }) =>
      from > offset &&
      words.length - from <= LONGEST &&
      // 了 belongs to the verb before it.
      !/^[了的]/u.test(words.slice(from)) &&
      isFiller(fold(words.slice(from)), closingFillers()),
  );
  const left = rest.slice(0, end === undefined ? rest.length : end.from - offset).trim();
  return left === '' ? words : left;
}
