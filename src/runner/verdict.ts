import { isDictionary } from '../internal/plain-data.ts';

/** What an answer of a recognizer comes down to. */
export interface Finding {
  /** Over 0 and up to 1. */
  readonly score: number;
  /** A plain object, not looked into yet. */
  readonly values: object | undefined;
}

export interface NamedFinding extends Finding {
  readonly intent: string;
}

/** So many of the candidates that a recognizer answers with are looked at. */
const MAX_CANDIDATES = 256;

/**
 * @returns undefined for a verdict that says no
 * @throws TypeError for what is no verdict
 */
export function readVerdict(verdict: unknown): Finding | undefined {
  if (verdict === undefined || verdict === null || verdict === false) return undefined;
  const isObject = typeof verdict === 'object' && isDictionary(verdict);
  const { score = 1, values } = isObject ? verdict : { score: verdict === true ? 1 : verdict };
  if (typeof score !== 'number' || !Number.isFinite(score)) {
    throw new TypeError(
      'A verdict is true, false, a finite number, or an object with such a `score`.',
    );
  }
  if (values !== undefined && !(typeof values === 'object' && values && isDictionary(values))) {
    throw new TypeError('The values of an intent are a plain object.');
  }
  return score > 0 ? { score: Math.min(score, 1), values } : undefined;
}

/** @throws TypeError for what is no list of candidates: one that is none spoils all */
export function readCandidates(answer: unknown): readonly NamedFinding[] {
  if (answer === undefined || answer === null) return [];
  if (!Array.isArray(answer)) {
    throw new TypeError('A recognizer of several intents answers with a list of candidates.');
  }
  return answer.slice(0, MAX_CANDIDATES).flatMap((candidate: unknown) => {
    const { intent, ...verdict } = (candidate ?? {}) as Record<string, unknown>;
    if (typeof intent !== 'string') throw new TypeError('A candidate names its `intent`.');
    const finding = readVerdict(verdict);
    return finding === undefined ? [] : [{ ...finding, intent }];
  });
}
