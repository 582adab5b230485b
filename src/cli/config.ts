import type { AnyStateMachine } from 'xstate';
import { isMachine } from '../dialogue/engine/machine-walk.ts';
import { UsageError } from '../errors.ts';
import type { CheckRecordsOptions } from '../check-records.ts';
import type { ConverseOptions } from '../testing/converse-options.ts';
import type { CoverageThreshold } from '../testing/coverage.ts';
import type { ExploreOptions } from '../testing/explore.ts';
import type { LintOptions } from '../testing/lint.ts';

/** What the command line is to know of a dialogue: the default export of `colloquy.config.ts`, beside it or above it. */
export interface Config {
  /** The dialogue, or the file whose default export it is, from the folder of this one. */
  readonly dialogue?: string | AnyStateMachine;
  /** Its transcripts, as patterns from the folder of this file. */
  readonly transcripts?: readonly string[];
  /**
   * What it is talked with in a test: `services`, `recognizers` and what else `converse()` takes; or a function that
   * makes that for each transcript. `chat` takes all of it but what is for tests only: `services`, `faults`, the clock,
   * the store, the persister and the channel.
   */
  readonly converse?: Settings | ((transcript: string) => Settings);
  /** Options of `explore()`, for the command `explore`. */
  readonly explore?: ExploreOptions;
  /** Options of `lintDialogue()`, for the command `lint`. */
  readonly lint?: LintOptions;
  /** The least percent of each kind; less is a finding. */
  readonly coverage?: CoverageThreshold;
  /** Options of `checkRecords()`, for the command `check`. */
  readonly check?: Omit<CheckRecordsOptions, 'onCheck'>;
}

/** With what a dialogue is talked to in a test: the options of `converse()`. */
export type Settings = ConverseOptions<AnyStateMachine>;

const KEYS = ['dialogue', 'transcripts', 'converse', 'explore', 'lint', 'coverage', 'check'];

/**
 * Gives a config as it is, with its types.
 * @throws UsageError `bad_config` for a key that there is not
 */
export function defineConfig(config: Config): Config {
  if (!isObject(config)) {
    throw new UsageError('bad_config', `A config is an object with ${listed()}.`);
  }
  const unknown = Object.keys(config).find((key) => !KEYS.includes(key));
  if (unknown === undefined) return config;
  throw new UsageError(
    'bad_config',
    `A config has no '${unknown.slice(0, 60)}'; it has ${listed()}.`,
  );
}

/** Whether a default export is meant as a config rather than as a dialogue. */
export function isConfig(value: unknown): value is Config {
  if (!isObject(value) || isMachine(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => KEYS.includes(key));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function listed(): string {
  return KEYS.map((key) => `\`${key}\``).join(', ');
}
