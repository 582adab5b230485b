import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pages.ts';

/**
 * A number of the sources, by the file and the name of the constant or option before it: `MAX_UNSENT` for `const MAX_UNSENT
 * = 256`, `seen?.max` for `seen?.max ?? 2048`. So a page has the number that the code has, and no constant is exported for it.
 * @throws Error if the file has no such number, or more than one
 */
export function numberIn(path: string, name: string): number {
  return numberOf(readFileSync(join(root, path), 'utf8'), name, path);
}

/** The same number, found in a text. */
export function numberOf(text: string, name: string, path: string): number {
  const literal = name.replaceAll(/[.?$]/gu, String.raw`\$&`);
  const pattern = new RegExp(
    String.raw`(?<![\w.])${literal} (?:=|\?\?) (\d[\d_]*(?: \* \d[\d_]*)*)(?=[;,)])`,
    'gu',
  );
  const [found, ...others] = [...text.matchAll(pattern)];
  const product = found?.[1];
  if (product === undefined || others.length > 0) {
    throw new Error(`${path} should have one number behind \`${name}\`, and has another form.`);
  }
  return product
    .split('*')
    .reduce((all, factor) => all * Number(factor.replaceAll('_', '').trim()), 1);
}

/** `10 000`, as the guide writes numbers. */
export function count(value: number): string {
  return value < 10_000 ? String(value) : String(value).replaceAll(/\B(?=(?:\d{3})+$)/gu, ' ');
}

/** `64 KiB` */
export function bytes(value: number): string {
  const units = ['bytes', 'KiB', 'MiB'];
  let unit = 0;
  let left = value;
  while (left >= 1024 && left % 1024 === 0 && unit < 2) {
    left /= 1024;
    unit += 1;
  }
  return `${count(left)} ${units[unit]}`;
}
