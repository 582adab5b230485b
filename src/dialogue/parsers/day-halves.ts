/**
 * The first and the last hour of each. A night has hours of the next day, which count on beyond 24: one at night is 25. No
 * part has an hour twice, so that an hour of the twelve is settled by it.
 */
const HOURS = {
  // 凌晨
  dawn: [0, 6],
  // 早上
  early: [4, 11],
  // morning, 上午
  morning: [1, 11],
  // 中午
  noon: [11, 14],
  midday: [12, 12],
  afternoon: [12, 19],
  // 下午
  'after noon': [12, 23],
  // 傍晚
  dusk: [16, 20],
  evening: [16, 23],
  // at night, 晚上
  night: [17, 28],
  // 半夜
  late: [20, 29],
} as const;

/** The parts of a day that a user names, as two languages divide it. */
export type Half = keyof typeof HOURS;

/**
 * An hour in a part of the day, counted from the midnight before; undefined where the part has no such hour, as 下午 has
 * none at 10:00.
 * @param open whether it is an hour of the twelve
 */
export function hourIn(half: Half, hour: number, open: boolean): number | undefined {
  const [first, last] = HOURS[half];
  const candidates = open ? [hour % 12, (hour % 12) + 12, (hour % 12) + 24] : [hour, hour + 24];
  return candidates.find((candidate) => candidate >= first && candidate <= last);
}

/** Whether the part of a day extends past midnight. */
export function isNight(half: Half): boolean {
  return HOURS[half][1] > 24;
}

/**
 * The hours that may be meant by an hour without its part of the day, the likelier first: appointments from 1 to 6 are in
 * the afternoon, those from 7 to 11 in either half.
 */
export function openHours(hour: number): readonly number[] {
  if (hour === 12) return [12];
  return hour < 7 ? [hour + 12] : [hour, hour + 12];
}
