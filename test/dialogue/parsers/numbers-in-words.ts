const DIGITS = '零一二三四五六七八九';
const GROUPS = ['', '万', '亿', '万亿'];

/** A whole number from 0 to below 10¹⁶ in standard Chinese: 205 is `二百零五`, 15 is `十五`. */
export function inChinese(n: number): string {
  if (n === 0) return '零';
  const groups: number[] = [];
  for (let rest = n; rest > 0; rest = Math.floor(rest / 10_000)) groups.push(rest % 10_000);
  let said = '';
  let gap = false;
  for (let index = groups.length - 1; index >= 0; index -= 1) {
    const group = groups[index] ?? 0;
    if (group === 0) {
      gap = said !== '';
      // 一万亿零三: the 亿 of 万亿 stays.
      if (index === 2 && groups.length > 3) said += '亿';
      continue;
    }
    if (said !== '' && (gap || group < 1000)) said += '零';
    said += belowTenThousand(group) + (index === 3 ? '万' : (GROUPS[index] ?? ''));
    gap = false;
  }
  return said.replace(/^一十/, '十');
}

function belowTenThousand(n: number): string {
  let said = '';
  let zero = false;
  for (const [worth, unit] of [
    [1000, '千'],
    [100, '百'],
    [10, '十'],
    [1, ''],
  ] as const) {
    const digit = Math.floor(n / worth) % 10;
    if (digit === 0) {
      zero = said !== '';
    } else {
      said += (zero ? '零' : '') + (DIGITS[digit] ?? '') + unit;
      zero = false;
    }
  }
  return said;
}

const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const SCALES = [
  [1e15, 'quadrillion'],
  [1e12, 'trillion'],
  [1e9, 'billion'],
  [1e6, 'million'],
  [1e3, 'thousand'],
] as const;

/** A whole number from 0 in English words, with or without the `and` of “two hundred and five”. */
export function inEnglish(n: number, and: boolean): string {
  if (n < 20) return SMALL[n] ?? '';
  if (n < 100) {
    const ones = n % 10;
    return (TENS[Math.floor(n / 10) - 2] ?? '') + (ones === 0 ? '' : `-${SMALL[ones] ?? ''}`);
  }
  if (n < 1000) return joined(`${SMALL[Math.floor(n / 100)] ?? ''} hundred`, n % 100, and);
  for (const [worth, scale] of SCALES) {
    if (n >= worth) {
      const head = `${inEnglish(Math.floor(n / worth), and)} ${scale}`;
      return joined(head, n % worth, and && n % worth < 100);
    }
  }
  return '';
}

function joined(head: string, rest: number, and: boolean): string {
  return rest === 0 ? head : `${head} ${and ? 'and ' : ''}${inEnglish(rest, and)}`;
}
