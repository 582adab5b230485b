import { lazy } from '../../internal/lazy.ts';
import { createFillers, isFiller, isFillerBefore, type Fillers } from '../text/explained.ts';
import { closingFillers, commonFillers } from '../text/fillers.ts';
import type { Amount } from './english.ts';

/**
 * The words that are allowed beside a number. Things that are counted one by one are: three of any thing are 3. Measures
 * are not (3 weeks, 5 km, 3%, 三打), since they change what the number means; the author of a question names those that it
 * takes.
 */

export interface Surroundings {
  readonly before: Fillers;
  /** Behind a number of things. */
  readonly after: Fillers;
  /** Behind a part of one (`half`), which counts no things. */
  readonly afterPart: Fillers;
}

const withoutUnits = /* @__PURE__ */ lazy((): Surroundings => {
  const afterPart = createFillers(AFTER, closingFillers());
  return {
    before: createFillers(BEFORE, commonFillers()),
    after: createFillers([THINGS, CHINESE_THINGS].join(','), afterPart),
    afterPart,
  };
});

export function surroundingsOf(units: readonly string[] = []): Surroundings {
  const known = withoutUnits();
  if (units.length === 0) return known;
  const wordings = units.flatMap(wordingsOf).join(',');
  return {
    before: createFillers(wordings, known.before),
    after: createFillers(wordings, known.after),
    afterPart: createFillers(wordings, known.afterPart),
  };
}

export function isWholeAnswer(
  text: string,
  { start, end, isPart }: Amount,
  { before, after, afterPart }: Surroundings,
): boolean {
  const rest = text.slice(end);
  // 5' and 6" are lengths; “5” is a quotation.
  if (/^['’"”]/u.test(rest) && !/['‘’"“”]$/u.test(text.slice(0, start))) return false;
  // “the two of us”, but not “the one”.
  const head = text.slice(0, start).replace(/\bthe $/u, /^ of us\b/u.test(rest) ? '' : '$&');
  return isFillerBefore(head, before) && isFiller(rest, isPart ? afterPart : after);
}

/** A unit of one word of Latin letters is also read with and without the s of its plural. */
function wordingsOf(unit: string): string[] {
  if (!/^[a-z ]+$/iu.test(unit)) return [unit];
  return /[^s]s$/iu.test(unit) ? [unit, unit.slice(0, -1)] : [unit, `${unit}s`];
}

const BEFORE =
  'for, a table for, table for, the table is for, a room for, a group of, group of, a party of, party of, a family of, book for, book, book a table for, reserve for, reserve, reserve a table for, ' +
  'the number is, my number is, my age is, age, my age, i turned, i just turned, just me, just us, ' +
  '我们队伍, 我们团队, 队伍, 团队, 我们公司, 公司, 我们家, 我家, 家里, 我们一家, 全家, 一家, 一行, 我们一行, 一起, 我们一起, 人数, 人数是, 数量, 数量是, 年龄, 年龄是, 今年, 我今年, ' +
  '我点, 我要点, 我想点, 我买, 我要买, 我想买, 买, 我们点, 我们要点, 我们买, 会有, 我们会有, 到时候有';

const AFTER =
  'in total, in all, all in all, altogether, all together, total, only, for now, for me, for us, it is, then, 一共, 总共, 合计, 一起';

const THINGS =
  'people, persons, person, ppl, pax, humans, guests, guest, adults, adult, grownups, kids, kid, children, child, infants, babies, baby, toddlers, seniors, students, student, teenagers, ' +
  'friends, colleagues, players, player, members, member, passengers, passenger, travellers, traveller, travelers, traveler, visitors, visitor, attendees, participants, participant, diners, heads, ' +
  'women, woman, men, man, girls, girl, boys, boy, ladies, gentlemen, of us, ' +
  'tickets, ticket, seats, seat, places, rooms, room, beds, bed, bedrooms, nights, night, years old, year old, yrs old, years of age, ' +
  'pieces, piece, pcs, pc, items, item, copies, copy, portions, portion, servings, cups, cup, glasses, glass, bottles, bottle, pizzas, pizza, burgers, burger, teas, coffees, beers';

const CHINESE_THINGS =
  '个, 個, 人, 位, 名, 口, 张, 張, 岁, 歲, 周岁, 岁了, 间, 間, 晚, 份, 杯, 件, 只, 隻, 本, 瓶, 碗, 条, 支, 枝, 台, 辆, 盘, 朵, 根, 颗, 罐, 盒, 袋, 串, 把, 听, 棵, 盆, 顶, 幅, 枚, ' +
  '个人, 口人, 名额, 人份, 个人份, 大人, 成人, 成年人, 小孩, 小孩子, 小朋友, 孩子, 儿童, 婴儿, 宝宝, 老人, 老年人, 客人, 旅客, 乘客, 朋友, 同事, 同学, 学生, 家人, 队员, 成员, 女生, 男生, 女士, 男士, ' +
  '票, 门票, 车票, 机票, 电影票, 火车票, 成人票, 儿童票, 座位, 位子, 位置, 床, 房, 房间, 客房, 间房, 间客房, 夜, ' +
  '茶, 奶茶, 咖啡, 可乐, 果汁, 水, 牛奶, 啤酒, 饮料, 披萨, 比萨, 汉堡, 米饭, 面, 饺子, 包子, 书, 衣服, 苹果, 行李';
