import { lazy } from '../../internal/lazy.ts';
import type { Message } from '../../message.ts';
import { messageWords } from '../parsers/parser.ts';
import { wholeWord } from '../text/recognizers.ts';
import { type Span, createFillers, isExplained } from '../text/explained.ts';
import { commonFillers } from '../text/fillers.ts';
import { fold, normalize } from '../text/normalize.ts';

/**
 * What people say at the summary of a form to have something changed: “change the people”, “the name is wrong”, “People”,
 * `改人数`, `人数不对`, `人数`. Every word of it has to be known, so “the name is right” and “don’t change the name” are none.
 */

/** A slot, by the names that users may call it. */
export interface Named {
  /** Its key. */
  readonly value: string;
  readonly label: string;
}

/** Where a wish to change something leads: to one slot, or, as a mere “change it” does, to the question which. */
export type Wish = { readonly slot: string } | 'any' | undefined;

/** Around the mere name of a slot. */
const COURTESY =
  'the, my, your, our, sorry, actually, oh, this, that, hey, 那个, 这个, 的, 不好意思, 抱歉, 对了, 请问';

/** Around the wish to change something. Alone, these words wish for nothing: “no”, “I want to”, 我想想. */
const AROUND =
  'there is, there’s, in, with, about, something, anything, ' +
  'i want to, i need to, i have to, i would like to, i’d like to, i wish to, let me, let’s, want to, can i, could i, may i, can you, could you, can we, could we, would you, ' +
  'no, nope, it, a different, another, again, and, & , ' +
  '不, 不是, 要, 我要, 想, 我想, 我想要, 需要, 我需要, 得, 把, 将, 一下, 帮我, 给我, 麻烦, 能, 能不能, 能否, 可以, 可不可以, 可否, 和, 跟, 还有, 、';

/** What says that something is to be changed. */
const CHANGE =
  'change, changes, changing, edit, fix, update, modify, adjust, redo, replace, correct the, correct my, correct this, correct it, ' +
  'wrong, incorrect, mistaken, is wrong, are wrong, was wrong, were wrong, is incorrect, are incorrect, not right, not correct, ' +
  'is not right, are not right, is not correct, are not correct, isn’t right, aren’t right, isn’t correct, aren’t correct, isn’t quite right, is not quite right, ' +
  'needs changing, need changing, should change, should be changed, has to change, have to change, must change, should be different, ' +
  'a mistake, mistake, an error, error, a typo, typo, back to, go back to, go to, ' +
  '改, 改一下, 改下, 改一改, 改改, 更改, 修改, 更正, 修正, 变更, 调整, 换, 换一下, 换个, 换一个, 重填, 重新填, 重新填写, 重新输入, 重选, 重新选, ' +
  '不对, 不正确, 错, 错了, 有误, 有错, 有错误, 写错了, 填错了, 弄错了, 输错了, 搞错了, 说错了, 错误, 是错的, 有问题, 不是这个';

/**
 * Denials of a change or of a mistake, and what is said to be right: “no, the name” is a wish, `不改人数`, `不错`, “no mistake”
 * and `人数是对的` are none.
 */
const DENIED =
  /(?<!不)(?:对的|正确)|不(?:用|要|必|需|需要|想)?再?[改更修变调换重错]|错不了|[别没沒]|\b(?:don’t|do not|never|no (?:change|mistake|error|typo)s?)\b/u;

/** What says of the slot before it that it is right: `人数可以`, “people ok”. */
const APPROVED =
  /(?<!不)(?:可以|[好行对是])|没问题|\b(?:ok(?:ay|ey)?|alright|all right|sure|yes|yeah?|yep|yup|of course|sure thing|great|perfect|cool|lovely|excellent|awesome|exactly)\b/u;

/** A question that asks politely for something: its mark and its particle say nothing then. */
const POLITE = /^(?:\P{L}|no|sorry|please|hi|hello)*(?:can|could|may|would)\b|能|可以|可否/u;

const courtesy = /* @__PURE__ */ lazy(() => createFillers(COURTESY, commonFillers()));
const around = /* @__PURE__ */ lazy(() => createFillers(AROUND, courtesy()));
const change = /* @__PURE__ */ lazy(() => createFillers(CHANGE, around()));

/** What a message at the summary wishes to have changed; undefined where it is about something else. */
export function wishIn(message: Message, slots: readonly Named[]): Wish {
  // A button says what was offered.
  const words = message.type === 'message.action' ? undefined : messageWords(message);
  if (words === undefined) return undefined;
  let said = fold(words).replaceAll("'", '’');
  if (POLITE.test(said)) said = said.replace(/(?:[吗嘛么]?[\s?？]+|[吗嘛])$/u, '');
  if (DENIED.test(said)) return undefined;
  const found = mentionedIn(said, slots);
  const spans = found.flatMap((mention) => mention.spans);
  const [slot, ...others] = found;
  if (!isExplained(said, spans, change())) return undefined;
  if (slot !== undefined) {
    const behind = said.slice(Math.max(...spans.map(({ end }) => end)));
    if (APPROVED.test(behind) && isExplained(said, spans, around())) return undefined;
    return others.length === 0 ? { slot: slot.key } : 'any';
  }
  return isExplained(said, [], around()) ? undefined : 'any';
}

interface Mention {
  readonly key: string;
  readonly spans: readonly Span[];
}

/** The slots that a text names, the longer names first, so that of `name` and `company name` the whole one counts. */
function mentionedIn(said: string, slots: readonly Named[]): Mention[] {
  const names = slots
    .flatMap(({ value, label }) => namesOf(value, label).map((name) => ({ key: value, name })))
    .toSorted((a, b) => b.name.length - a.name.length);
  const found = new Map<string, Span[]>();
  let rest = said;
  for (const { key, name } of names) {
    for (const match of rest.matchAll(new RegExp(wholeWord(name).source, 'gu'))) {
      const span = { start: match.index, end: match.index + match[0].length };
      found.set(key, [...(found.get(key) ?? []), span]);
      rest = rest.slice(0, span.start) + ' '.repeat(span.end - span.start) + rest.slice(span.end);
    }
  }
  return Array.from(found, ([key, spans]) => ({ key, spans }));
}

/** What a slot may be called: its label, and the words of its key (`dinnerTime`). */
function namesOf(key: string, label: string): string[] {
  const spoken = key.replaceAll(/(?<=\p{Ll})(?=\p{Lu})|_/gu, ' ');
  const names = [label, spoken].map((name) => normalize(name).replaceAll("'", '’'));
  return [...new Set(names)].filter((name) => /\p{L}/u.test(name));
}
