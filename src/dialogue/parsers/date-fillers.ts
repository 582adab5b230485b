import { lazy } from '../../internal/lazy.ts';
import { createFillers, isExplained, type Fillers, type Span } from '../text/explained.ts';
import { commonFillers } from '../text/fillers.ts';

/** The little that may stand around a number without its unit: “we are 8” counts people. */
export const numberFillers: () => Fillers = /* @__PURE__ */ lazy(() =>
  createFillers(AROUND_NUMBERS),
);

const AROUND_NUMBERS =
  'on, at, um, uh, ok, okay, yes, please, pls, thanks, thank you, 嗯, 好, 好的, 请, 谢谢, 吧, 在';

/**
 * What people say around a day or a time without changing it. “How about friday” is a question, and so it is none; neither
 * is what limits a day or is only near it: by, before, around, 左右.
 * @param past whether the day has been: then it may be one of birth
 */
export function dateFillers(past: boolean): Fillers {
  return past ? pastFillers() : anyDateFillers();
}

const anyDateFillers = /* @__PURE__ */ lazy(() =>
  createFillers(`${ENGLISH},${CHINESE}`, commonFillers()),
);
const pastFillers = /* @__PURE__ */ lazy(() => createFillers(PAST, anyDateFillers()));

const ENGLISH =
  'on, at, @, for, let’s do, let’s say, let’s make it, let’s meet, let’s go for, let’s go with, let’s book, i’ll take, i’ll go for, i’ll go with, ' +
  'i’d like to book, i’d like to reserve, i’d like to come, i want to book, i want to reserve, i want to come, i’ll come, i’ll be there, ' +
  'we’d like, we want, we’d like to book, we’d like to come, we want to come, we’ll come, we’ll be there, i need, we need, i prefer, i’d prefer, ' +
  'i would prefer, book, book me, book us, book it, book me in, reserve, a table, the table, a reservation, a booking, an appointment, a meeting, ' +
  'the meeting, meet, come, schedule it, set it, put me down, make that, change it to, change that to, move it to, works, works for me, suits me, ' +
  'sharp, on the dot, if possible, if that’s possible, if you can, if that’s ok, if that works, is fine, is good, is great, is perfect, is best, is ok, is okay, would be fine, would be good, would be great, would be perfect, would be best, ' +
  'would be nice, would work, will do, sounds good, ok, okay, sure, yes, great, good, perfect, fine, the date is, the date, date, the day is, ' +
  'the day, the time is, the time, time, it is on, it’s on';

const CHINESE =
  '在, 的, 那天, 那一天, 订, 订在, 预订, 预定, 定, 定在, 约, 约在, 安排, 安排在, 改到, 改成, 改为, 换成, 我, 我们, 我想, 我想订, 我想约, 我要订, 想, 想订, 要, ' +
  '来, 过来, 位子, 位置, 座位, 位, 桌, 桌子, 一桌, 是, 时间, 时间是, 日期, 日期是, 好, 好的, 好吧, 可以, 可以的, 行, 没问题, 有空, 有时间, 见, 比较好, 最好, 合适, 方便, ok';

const PAST =
  'i was born, i was born on, born, born on, my birthday, my birthday is, my birthday is on, ' +
  '生日, 生日是, 我的生日, 我的生日是, 出生, 出生的, 出生于, 生于, 我是, 那是';

/** Words that deny what stands near them, ask, or offer another one. */
const DENIAL =
  /\b(?:not|no|never|nor|except|but|without|unless|or|either|any|every|each|cancel[a-z]*)\b|n’t\b|[?吗嗎呢不没沒别別除非或每几哪]|还是|還是|取消/u;

/** What limits a day or a time, or is only near it, beside the words that name it. */
const LIMIT_BEFORE =
  /(?:\b(?:from|since|until|till?|by|before|after|around|about|circa|approximately|roughly|between|and|to|past|maybe|perhaps|next|last|than)|[-–—~/第从至到过大概约约])\s*$/u;
const LIMIT_BEHIND =
  /^\s*(?:(?:to|until|till?|and|before|after|ish|or so|weeks?|days?|people|time|\S+ time)\b|(?:[a-z]{1,2}[sd]t|[ecmp]t|gmt|ces?t|[jk]st|hkt|sgt|msk)\b|[-–—~/+%]|[到至前后内左多以之起底初])/u;

/**
 * Whether a longer message can be taken to name what was read in it: nothing in it denies or asks, and nothing beside it
 * limits it. Chinese text must not follow right behind it, as 五花肉 does behind 周, unless both day and time are said.
 */
export function stands(text: string, spans: readonly Span[], whole: boolean): boolean {
  const [first] = spans;
  const last = spans.at(-1);
  if (first === undefined || last === undefined) return false;
  const gaps = spans.map(({ end }, index) => text.slice(end, spans[index + 1]?.start));
  if ([text.slice(0, first.start), ...gaps].some((gap) => DENIAL.test(gap))) return false;
  return spans.every(({ start, end }) => {
    const [before, behind] = [text.slice(0, start), text.slice(end)];
    if (LIMIT_BEFORE.test(before) || LIMIT_BEHIND.test(behind)) return false;
    return whole || !/^[\u3400-\u9fff]/.test(behind) || spans.some((span) => span.start === end);
  });
}

const clauseFillers = /* @__PURE__ */ lazy(() => createFillers('and', anyDateFillers()));

/** Whether the clauses of a text in which something was read say nothing else. */
export function isClauseExplained(text: string, spans: readonly Span[]): boolean {
  const fillers = clauseFillers();
  let from = 0;
  return text.split(/(?<=[,;.!。;、])(?!\d)/u).every((clause) => {
    const [start, end] = [from, from + clause.length];
    from = end;
    const within = spans
      .filter((span) => span.start >= start && span.end <= end)
      .map((span) => ({ start: span.start - start, end: span.end - start }));
    return within.length === 0 || isExplained(clause, within, fillers);
  });
}
