import { UsageError } from '../errors.ts';

/** @throws UsageError `bad_option` */
export function atLeast(least: number, value: number, name: string): number {
  if (typeof value === 'number' && value >= least && Number.isFinite(value)) return value;
  throw new UsageError('bad_option', `\`${name}\` must be a finite number of at least ${least}.`);
}
