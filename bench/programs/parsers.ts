// The time that parsers need for the longest answers, and for the first date of a process.
import type { Parser } from 'colloquy';
import { entry, library } from '../library.ts';
import { serve } from '../serve.ts';

/** The lengths to measure. A parser refuses a longer text at once, so the limits of the parsers are among them. */
const LENGTHS = [200, 500, 1000];
const OCCASION = {
  locale: 'en',
  timeZone: 'Asia/Shanghai',
  now: Date.UTC(2026, 10, 18, 2),
};

/** The pieces of the slowest answers; each is repeated up to the longest text that a parser reads. */
const PIECES: readonly string[] = [
  ...['a', '1', '1,', '1.', '1 ', '-1', '+', '(', '@', 'a@b.', 'a.', '٣', '👍', '\u0301'],
  ...['一', '十', '一万', '零', '点', '半', '第', '不', '三个', '人', '请', '吧', '我要'],
  ...['not ', 'or ', 'please ', 'i am ', 'two ', 'hundred and ', 'point ', 'a half ', 'minus '],
  ...['yes ', 'no ', 'yes no ', '好', '好的', '是不是', 'maybe ', 'the first ', 'red ', 'Red,'],
  ...['monday ', 'next ', 'at 7 ', '7:00 ', '11/22 ', '2026-11-22 ', 'in 2 days ', 'tomorrow '],
  ...['明天', '下周', '上上', '三点', '11月', '22日', '差十分', 'between 7 and 8 ', '13800138000 '],
];

const calls = {
  /** @returns for each parser, the milliseconds for its slowest text: the median of the runs */
  async slowest({ runs }: { runs: number }): Promise<Record<string, { ms: number; of: string }>> {
    const found: Record<string, { ms: number; of: string }> = {};
    for (const [name, parse] of Object.entries(await parsers())) {
      let slowest = { ms: 0, of: '' };
      for (const piece of PIECES) {
        for (const length of LENGTHS) {
          const text = piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
          const ms = medianOf(runs, () => parse({ type: 'message.text', text }, OCCASION));
          if (ms > slowest.ms) slowest = { ms, of: piece };
        }
      }
      found[name] = slowest;
    }
    return found;
  },
  /** @returns the milliseconds to read the first date, after the import */
  async firstDate(): Promise<number> {
    const { dateTime } = await entry('dialogue/parsers/date');
    const parse = dateTime();
    const start = performance.now();
    const read = parse({ type: 'message.text', text: 'tomorrow at 3pm' }, OCCASION);
    if (!('value' in read)) throw new Error('The date was not understood.');
    return performance.now() - start;
  },
};

export type ParsersCalls = typeof calls;

serve(calls);

async function parsers(): Promise<Readonly<Record<string, Parser<unknown>>>> {
  const { choice, confirm, email, integer, number, text } = await library();
  const { date, dateTime, time } = await entry('dialogue/parsers/date');
  const { phone } = await entry('dialogue/parsers/phone');
  const options = Array.from({ length: 20 }, (_, index) => `option ${index} of red`);
  return {
    text: text({ minLength: 2 }),
    number: number(),
    integer: integer(),
    confirm: confirm(),
    choice: choice(['red', 'green', 'blue', ...options]),
    email: email(),
    phone: phone({ country: '86' }),
    date: date(),
    time: time(),
    dateTime: dateTime(),
  };
}

function medianOf(runs: number, work: () => unknown): number {
  const took: number[] = [];
  // The first runs make V8 compile the code.
  for (let run = 0; run < runs * 2; run += 1) {
    const start = performance.now();
    work();
    if (run >= runs) took.push(performance.now() - start);
  }
  took.sort((a, b) => a - b);
  return took[Math.floor(took.length / 2)] ?? 0;
}
