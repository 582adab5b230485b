import { inspect, isDeepStrictEqual } from 'node:util';
import { UsageError } from '../errors.ts';

/**
 * One rule of a port, and how to see whether an implementation keeps it. It knows no test runner: the one that runs it
 * takes `name` for the name of a test and `run` for its body.
 */
export interface ContractCase<Subject, Capability extends string = string> {
  /** A sentence about what an implementation does. */
  readonly name: string;
  /** What the subject has to declare for the case to apply to it. */
  readonly needs: readonly Capability[];
  /**
   * Tries an implementation.
   * @throws ContractError where the implementation breaks the rule
   * @throws UsageError `bad_subject` where the subject does not declare what the case needs: it is not passed over
   */
  run(subject: Subject): Promise<void>;
}

/** What a subject says of itself. Nothing is found out by trying. */
export interface Declares<Capability extends string> {
  /** Default: none. */
  readonly capabilities?: readonly Capability[];
}

/** The cases that apply to a subject, and the names of those that do not, for the suite to say so. */
export interface SelectedCases<Case> {
  /** The cases to run. */
  readonly cases: readonly Case[];
  /** The names of the others. */
  readonly skipped: readonly string[];
}

/** Parts the cases of a contract by what a subject declares. */
export function selectCases<
  Case extends { readonly name: string; readonly needs: readonly string[] },
>(
  contract: readonly Case[],
  { capabilities = [] }: Declares<Case['needs'][number]>,
): SelectedCases<Case> {
  const applies = ({ needs }: Case): boolean => needs.every((each) => capabilities.includes(each));
  return {
    cases: contract.filter(applies),
    skipped: contract.filter((each) => !applies(each)).map(({ name }) => name),
  };
}

/** Something is not as expected; `cause` is what was thrown, if anything was. Test runners show `actual` beside `expected`. */
export class MismatchError extends Error {
  /** What came. */
  readonly actual: unknown;
  /** What was expected. */
  readonly expected: unknown;

  constructor(
    message: string,
    {
      actual,
      expected,
      cause,
    }: { readonly actual?: unknown; readonly expected?: unknown; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.actual = actual;
    this.expected = expected;
  }
}

/** An implementation breaks a rule. Test runners show `actual` beside `expected`. */
export class ContractError extends MismatchError {
  /** The name of the class. */
  override readonly name: string = 'ContractError';
}

/** @throws UsageError `bad_subject` */
export function checkNeeds<Capability extends string>(
  name: string,
  needs: readonly Capability[],
  { capabilities = [] }: Declares<Capability>,
): void {
  const missing = needs.filter((each) => !capabilities.includes(each));
  if (missing.length === 0) return;
  throw new UsageError(
    'bad_subject',
    `The case "${name}" needs ${missing.join(' and ')}, which the subject does not declare. Declare it under \`capabilities\`, or leave the case out by selectCases().`,
  );
}

/** @param rule what was expected, and of what */
export function mustBe(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new ContractError(rule);
}

/** The same for a value that has to equal another, deeply and strictly. */
export function mustEqual(actual: unknown, expected: unknown, rule: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new ContractError(`${rule}: expected ${brief(expected)}, got ${brief(actual)}`, {
    actual: shortened(actual),
    expected: shortened(expected),
  });
}

/** A value on one line, however long it is. */
export function brief(value: unknown): string {
  return inspect(value, {
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 60,
    maxArrayLength: 6,
    depth: 3,
  });
}

/** A report shows no more of a value than this. */
function shortened(value: unknown): unknown {
  const text = inspect(value, { maxStringLength: 2000, maxArrayLength: 200, depth: 5 });
  return text.includes('more character') || text.includes('more item') ? text : value;
}
