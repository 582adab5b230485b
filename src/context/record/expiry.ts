import { type Duration, toMilliseconds } from '../../clock.ts';
import { UsageError } from '../../errors.ts';

/**
 * A number of seconds after the last save or turn (sliding), or a fixed moment in epoch ms. A turn whose message no state
 * handled does not count.
 */
export type Expiry = { readonly seconds: number } | { readonly at: number };

/** What `setExpiry` takes: seconds, a moment, or `null` or `0` for the store's own age. */
export type ExpirySetting = number | Date | Duration | null;

/** The default age of a context in seconds, as in wechat-python-sdk. */
export const DEFAULT_AGE_SECONDS = 7200;

/**
 * @throws UsageError `bad_expiry` for what is neither a finite number of seconds, a valid Date, a duration nor null.
 */
export function toExpiry(setting: ExpirySetting, now: number): Expiry | undefined {
  if (setting === null || setting === 0) return undefined;
  if (typeof setting === 'number' && Number.isFinite(setting)) return { seconds: setting };
  if (setting instanceof Date && !Number.isNaN(setting.getTime())) return { at: setting.getTime() };
  if (typeof setting === 'object' && !(setting instanceof Date)) {
    try {
      return { at: now + toMilliseconds(setting) };
    } catch {
      // The error below says what is wrong with an expiry.
    }
  }
  throw new UsageError(
    'bad_expiry',
    'An expiry is a finite number of seconds, a valid Date, a duration such as { minutes: 5 }, or null for the default age.',
  );
}

/** Epoch ms at which a record saved at `savedAt` expires. */
export function expiresAt(expiry: Expiry | undefined, savedAt: number, ageSeconds: number): number {
  if (expiry === undefined) return savedAt + ageSeconds * 1000;
  return 'at' in expiry ? expiry.at : savedAt + expiry.seconds * 1000;
}
