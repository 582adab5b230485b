import { fieldsOf } from '../internal/fields.ts';
import type { ModelFailureReason } from './failure.ts';

/**
 * The codes of OpenAI (https://platform.openai.com/docs/guides/error-codes), DeepSeek
 * (https://api-docs.deepseek.com/quick_start/error_codes), Moonshot (`exceeded_current_quota_error`) and Qwen
 * (`data_inspection_failed`, `Arrearage`).
 */
const BY_CODE: readonly (readonly [codes: RegExp, reason: ModelFailureReason])[] = [
  [/insufficient_quota|exceeded_current_quota|insufficient_balance|arrearage/iu, 'no_credit'],
  [/context_length_exceeded|string_above_max_length|request_too_large/iu, 'too_long'],
  [/content_filter|content_policy|data_?inspection|inappropriate/iu, 'refused'],
  [/rate_limit/iu, 'rate_limited'],
  [/overloaded|server_error/iu, 'unavailable'],
];

const BY_STATUS: ReadonlyMap<number, ModelFailureReason> = new Map([
  [401, 'unauthorized'],
  [402, 'no_credit'],
  [403, 'unauthorized'],
  [408, 'unavailable'],
  [413, 'too_long'],
  [429, 'rate_limited'],
]);

/** @param error what the body of the answer says under `error`: providers tell apart by it what has one status */
export function failureReasonOf(status: number, error: unknown): ModelFailureReason {
  const { code, type } = fieldsOf(error);
  const codes = [code, type].filter((each) => typeof each === 'string').join(' ');
  const named = BY_CODE.find(([pattern]) => pattern.test(codes));
  if (named !== undefined) return named[1];
  return BY_STATUS.get(status) ?? (status >= 500 ? 'unavailable' : 'bad_request');
}

/**
 * Milliseconds to wait, by the header `Retry-After`; undefined where it does not say so.
 * @param now epoch ms, for a header that names a moment
 */
export function retryAfterOf(given: string | null | undefined, now: number): number | undefined {
  const header = given?.trim() ?? '';
  if (/^\d{1,9}(?:\.\d+)?$/u.test(header)) return Math.ceil(Number(header) * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(at - now, 0);
}
