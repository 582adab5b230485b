import { ColloquyError, UsageError } from '../errors.ts';
import type { Coverage, CoverageThreshold } from '../testing/coverage.ts';
import { COVERAGE_KINDS } from '../testing/coverage/text.ts';
import type { Option } from './command.ts';

export const THRESHOLD: Option = {
  value: 'percent',
  isList: true,
  does: 'the least of transitions, as 95, or of a kind, as states=100; less is a finding',
};

/**
 * The thresholds of a command line: `95` is for transitions, `states=100` for another kind. They go over those of a config.
 * @throws UsageError `bad_arguments`
 */
export function thresholdOf(
  texts: readonly string[],
  configured: CoverageThreshold = {},
): CoverageThreshold {
  const kinds: readonly string[] = COVERAGE_KINDS;
  const given = texts.map((text) => {
    const [, kind = 'transitions', percent] = /^(?:(\w+)=)?(\d{1,3}(?:\.\d+)?)$/u.exec(text) ?? [];
    if (percent === undefined || Number(percent) > 100 || !kinds.includes(kind)) {
      throw new UsageError(
        'bad_arguments',
        `A threshold is a percentage, as 95, or one of ${kinds.join(', ')}, as states=100; not '${text}'.`,
      );
    }
    return [kind, Number(percent)];
  });
  return { ...configured, ...(Object.fromEntries(given) as CoverageThreshold) };
}

/** What is missing to a threshold, in words; undefined where nothing is. */
export function shortfallOf(coverage: Coverage, threshold: CoverageThreshold): string | undefined {
  try {
    coverage.check(threshold);
    return undefined;
  } catch (error) {
    if (!ColloquyError.is(error, 'low_coverage')) throw error;
    return error.message.split('\n\n', 1)[0];
  }
}
