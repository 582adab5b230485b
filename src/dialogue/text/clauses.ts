import type { Span } from './explained.ts';

/** What a message consists of, for parsers that look for an answer in one part of it. */

/** English abbreviations before a point that ends no sentence. */
const ABBREVIATIONS =
  '(?<!\\b(?:no|nr|st|dr|mr|mrs|ms|vs|tel|ext|approx|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|wed|thu|thurs|fri|sat|sun))';

/**
 * Where a clause ends: at punctuation that is no part of a number, a time or an address, at a new line, and before an
 * “and” that begins another clause. Any other “and”, and 和, may belong to a value (“two and a half”, “between 5 and
 * 7”, 周五和周六), as “at” and “for” do.
 */
const BOUNDARY = /* @__PURE__ */ new RegExp(
  [
    '(?<=\\d),(?!\\d)|(?<!\\d),|(?<=\\d),(?=\\d{4})',
    '[，、;；。!！\\n\\r]',
    `(?<=[\\p{L}\\p{N}]{2})${ABBREVIATIONS}\\.(?=\\s|$)|\\.{2,}`,
    "\\s(?=and\\s(?:i|i’m|i'm|we|my|our|the|it|it’s|it's|please|make|call|put|phone|tel|email)\\b)",
  ].join('|'),
  'iu',
);

/** Words that tie a clause to the one before it. */
const CONNECTIVES = /^(?:and|then|also|plus|so|还有|另外|以及|然后|并且|而且)(?![a-z])\s*/iu;

interface Reading {
  readonly text: string;
  /** In order, each without what ties it to the one before. */
  readonly clauses: readonly Span[];
  /** Undefined until `hasDoubts` is asked. */
  doubts?: boolean;
}

/** The last text that was read: all slots of a form look for their values in the same one. */
let last: Reading | undefined;

function readingOf(text: string): Reading {
  if (last?.text !== text) last = { text, clauses: divided(text) };
  return last;
}

/** The clauses of a tidied text that may be an answer: all of them, but for one at the beginning that rejects. */
export function answersIn(text: string): readonly Span[] {
  const { clauses } = readingOf(text);
  const [first] = clauses;
  const isRejected = first !== undefined && isRejection(text.slice(first.start, first.end));
  return isRejected ? clauses.slice(1) : clauses;
}

function divided(text: string): readonly Span[] {
  const clauses: Span[] = [];
  let from = 0;
  for (const piece of text.split(BOUNDARY)) {
    const start = text.indexOf(piece, from);
    from = start + piece.length;
    const said = piece.trimStart();
    const tied = CONNECTIVES.exec(said)?.[0] ?? '';
    const clause = said.slice(tied.length).trim();
    if (clause === '') continue;
    const at = text.indexOf(clause, start + piece.length - said.length + tied.length);
    clauses.push({ start: at, end: at + clause.length });
  }
  return clauses;
}

/** A clause that rejects what was said or filled before, and says nothing about the clauses behind it. */
const REJECTION =
  /^(?:no|nope|nah|no no|wrong|that’s wrong|that's wrong|that is wrong|oh no|不|不是|不对|不對|不对不对|错了|錯了|搞错了|说错了)$/iu;

function isRejection(clause: string): boolean {
  return REJECTION.test(clause.trim());
}

/** What stands behind the “no” at the beginning of a tidied text: of “no, large”, “large”. Undefined if there is none. */
export function behindRejection(text: string): string | undefined {
  const { clauses } = readingOf(text);
  const first = clauses.findIndex(({ start, end }) => !isRejection(text.slice(start, end)));
  return first < 1 ? undefined : text.slice(clauses[first]?.start);
}

/** Phrases with a word of denial that deny nothing. */
const NO_DENIALS =
  /\bno (?:problem|worries|rush|hurry)\b|\bno\.(?= ?\d)|\bnot (?:a problem|bad)\b|不好意思|[没沒](?:问题|問題|关系|關係|事)|不错|不錯|不见不散|[特分区區级級性类類][别別]/giu;

const DOUBTS: readonly RegExp[] = [
  // Denial and exception.
  /\b(?:not?|never|none|neither|nor|without|except|excluding|instead|but|unless|cannot|cant|dont|wont|isnt|doesnt|didnt)\b|n['’]t\b/iu,
  /[不没沒别別]|除了|除外|以外|之外|并非|而非|取消/u,
  // Alternatives.
  /\b(?:or|either|otherwise|alternatively)\b|或|还是|還是|要么|要麼|不然/iu,
  // Doubt and change of mind.
  /\b(?:maybe|perhaps|possibly|probably|unsure|wait|hold on|depends)\b|也许|也許|可能|大概|说不定|等等|等一下|再想想/iu,
  // Approximations and ranges.
  /\b(?:about|around|roughly|approximately|between|at least|at most|up to|more than|less than|fewer than)\b|大约|大約|左右|差不多|至少|最多|之间|之間/iu,
  // Questions.
  /[?？]|吗|嗎|(?<![那这這什多])[么麼]|呢(?!\p{L})|什么|什麼|怎|哪|谁|誰|几[点個个位号人]|多少|多久|是否|能否|可否/u,
];

/** The first words of an English question. “may” is a month as well. */
const ASKS =
  /^(?:please |hi |hello |hey |ok |so )*(?:what|when|where|who|whose|which|why|how|is|are|am|was|were|do|does|did|can|could|will|shall|should|would(?! like| love| prefer))\b/iu;

/**
 * Whether a tidied text, somewhere, denies, asks, names alternatives or doubts, so that no part of it can be taken on its own. A
 * clause at the beginning that rejects what was said before does none of that.
 */
export function hasDoubts(text: string): boolean {
  const reading = readingOf(text);
  reading.doubts ??= doubts(text, answersIn(text));
  return reading.doubts;
}

function doubts(text: string, clauses: readonly Span[]): boolean {
  const said = text.slice(clauses[0]?.start).replace(NO_DENIALS, ' ');
  return (
    DOUBTS.some((doubt) => doubt.test(said)) ||
    clauses.some(({ start, end }) => ASKS.test(text.slice(start, end)))
  );
}
