import { isDictionary } from '../../internal/plain-data.ts';

/** What a recognizer found in a message. */
export interface IntentMatch {
  /** Over 0, with a maximum of 1. */
  readonly score: number;
  /** A plain object; whether its values are plain data is not checked yet. */
  readonly values: object | undefined;
}

/** Without an intent, only the values count. */
export interface NamedMatch extends IntentMatch {
  readonly intent: string | undefined;
}

/** The maximum of candidates that are read of one answer. */
const MAX_CANDIDATES = 256;

/**
 * Reads the answer of a recognizer of one intent.
 * @returns undefined if the answer is no
 * @throws TypeError for a value that is no `Verdict`
 */
export function readVerdict(verdict: unknown): IntentMatch | undefined {
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

/**
 * Reads the answer of a recognizer of several intents.
 * @throws TypeError for a value that is no list of candidates, also if only one item is none
 */
export function readCandidates(answer: unknown): readonly NamedMatch[] {
  if (answer === undefined || answer === null) return [];
  if (!Array.isArray(answer)) {
    throw new TypeError('A recognizer of several intents answers with a list of candidates.');
  }
  return answer.slice(0, MAX_CANDIDATES).flatMap((candidate: unknown) => {
    const { intent, ...verdict } = (candidate ?? {}) as Record<string, unknown>;
    const match = readVerdict(verdict);
    const isNamed = typeof intent === 'string';
    if (!isNamed && (intent !== undefined || match?.values === undefined)) {
      throw new TypeError('A candidate names its `intent`, or has `values` for a form.');
    }
    return match === undefined ? [] : [{ ...match, intent: isNamed ? intent : undefined }];
  });
}
