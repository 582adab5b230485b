import type { AnyStateMachine } from 'xstate';
import { checkDialogue } from '../dialogue/engine/validate.ts';
import { structureOf } from '../dialogue/engine/structure.ts';
import { watchDialogue } from '../dialogue/engine/inspection.ts';
import { ColloquyError, UsageError } from '../errors.ts';
import {
  type CoverageItem,
  type CoverageKind,
  type CoverageShare,
  type CoverageSummary,
  itemsOf,
  keysOf,
} from './coverage/items.ts';
import { toHtml } from './coverage/html.ts';
import { COVERAGE_KINDS, KIND_TITLES, formatPercent, coverageText } from './coverage/text.ts';

/** What a process leaves for another one that adds it up. */
export interface CoverageData {
  /** The id of the dialogue. */
  readonly dialogue: string;
  /** Changes with the states of the dialogue: only data of the same ones is added up. */
  readonly structure: string;
  /** How often each was walked through, by key; what never was is left out. */
  readonly counts: Readonly<Record<string, number>>;
}

/** The least percent of each kind. */
export type CoverageThreshold = Partial<Readonly<Record<CoverageKind, number>>>;

/** What was walked through of a dialogue. */
export interface Coverage {
  /** The id of the dialogue. */
  readonly dialogue: string;
  /** Everything that can be walked through, in the order of the definition. */
  readonly items: readonly CoverageItem[];
  /** How often an item was walked through. */
  count(item: CoverageItem): number;
  /** How much of each kind was walked through. */
  summary(): CoverageSummary;
  /**
   * Also records another machine of the same dialogue, for example one that a function makes for each test.
   * @throws UsageError `bad_coverage` for another dialogue
   */
  watch(dialogue: AnyStateMachine): void;
  /**
   * Adds what another process, or another test, has walked through.
   * @throws UsageError `bad_coverage` for another dialogue, or another version of its states
   */
  add(data: CoverageData): void;
  /** Ends the recording; what was recorded stays. */
  stop(): void;
  /** The counts, for `add` or `mergeCoverage` in another process. */
  toJSON(): CoverageData;
  /**
   * A table, and under it what was never walked through.
   * @param options.internal whether the library's own states and transitions, within a question, are listed, too. Default
   *   true
   */
  toText(options?: { readonly internal?: boolean }): string;
  /** A page without anything outside of it: the states as boxes, what was never walked through marked. */
  toHtml(): string;
  /**
   * Compares the summary with the least percent of each kind.
   * @throws ColloquyError `low_coverage`, which names what is missing
   */
  check(threshold: CoverageThreshold): void;
}

/**
 * Records what is walked through of a dialogue and its sub-dialogues, from now on and in every runner of this process,
 * `provide()`d ones included. A step that threw has walked nowhere.
 *
 * @example
 * const coverage = createCoverage(survey);
 * await playTranscript('> hi\n< What is your name?\n> Ann\n< Hello Ann.\n', survey);
 * coverage.check({ states: 60 }); // in an `afterAll`
 * @throws UsageError `bad_dialogue`
 */
export function createCoverage(dialogue: AnyStateMachine): Coverage {
  checkDialogue(dialogue);
  return new CoverageRecording(dialogue);
}

/**
 * The coverage of what several processes have left, without recording anything itself.
 * @throws UsageError `bad_dialogue`, `bad_coverage`
 */
export function mergeCoverage(
  dialogue: AnyStateMachine,
  ...parts: readonly CoverageData[]
): Coverage {
  const coverage = createCoverage(dialogue);
  coverage.stop();
  for (const part of parts) coverage.add(part);
  return coverage;
}

class CoverageRecording implements Coverage {
  readonly dialogue: string;
  readonly items: readonly CoverageItem[];
  readonly #machine: AnyStateMachine;
  readonly #structure: string;
  readonly #counts: Map<string, number>;
  readonly #ends: (() => void)[] = [];

  constructor(dialogue: AnyStateMachine) {
    this.dialogue = dialogue.id;
    this.#machine = dialogue;
    this.#structure = structureOf(dialogue);
    this.items = itemsOf(dialogue);
    // Only what is an item is counted, so that a count has its bound.
    this.#counts = new Map(this.items.map(({ key }) => [key, 0]));
    this.watch(dialogue);
  }

  watch(dialogue: AnyStateMachine): void {
    this.#checkSame(dialogue.id, structureOf(dialogue));
    this.#ends.push(
      watchDialogue(dialogue, (step) => keysOf(step).forEach((key) => this.#add(key, 1))),
    );
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  count({ key }: CoverageItem): number {
    return this.#counts.get(key) ?? 0;
  }

  summary(): CoverageSummary {
    const shares = COVERAGE_KINDS.map((kind) => [kind, this.#shareOf(kind)] as const);
    return Object.fromEntries(shares) as Record<CoverageKind, CoverageShare>;
  }

  add({ dialogue, structure, counts }: CoverageData): void {
    this.#checkSame(dialogue, structure);
    for (const [key, count] of Object.entries(counts)) this.#add(key, count);
  }

  toJSON(): CoverageData {
    const counts = Object.fromEntries([...this.#counts].filter(([, count]) => count > 0));
    return { dialogue: this.dialogue, structure: this.#structure, counts };
  }

  toText({ internal = true }: { readonly internal?: boolean } = {}): string {
    return coverageText(this.dialogue, this.summary(), {
      isListed: (item) => internal || !item.isInternal,
    });
  }

  toHtml(): string {
    return toHtml(this.#machine, this);
  }

  check(threshold: CoverageThreshold): void {
    const summary = this.summary();
    const low = (Object.entries(threshold) as [CoverageKind, number][]).filter(([kind, least]) => {
      if (summary[kind] === undefined || !(least >= 0 && least <= 100)) {
        throw new UsageError(
          'bad_option',
          `A threshold is a number from 0 to 100 for one of ${COVERAGE_KINDS.join(', ')}.`,
        );
      }
      return summary[kind].percent < least;
    });
    if (low.length === 0) return;
    const kinds = low.map(([kind]) => kind);
    const lines = low.map(
      ([kind, least]) =>
        `${KIND_TITLES[kind]}: ${formatPercent(summary[kind].percent)}, under the threshold of ${least} %`,
    );
    throw new ColloquyError(
      'low_coverage',
      `Too little of the dialogue '${this.dialogue}' was walked through.\n${lines.join('\n')}\n\n${coverageText(this.dialogue, summary, { listed: kinds })}`,
      { details: { dialogue: this.dialogue, kinds } },
    );
  }

  #add(key: string, count: number): void {
    const before = this.#counts.get(key);
    if (before !== undefined) this.#counts.set(key, before + count);
  }

  #shareOf(kind: CoverageKind): CoverageShare {
    const items = this.items.filter(({ kinds }) => kinds.includes(kind));
    const missing = items.filter((item) => this.count(item) === 0);
    const walked = items.length - missing.length;
    const percent = items.length === 0 ? 100 : (walked / items.length) * 100;
    return { walked, total: items.length, percent, missing };
  }

  #checkSame(dialogue: string, structure: string): void {
    if (dialogue === this.dialogue && structure === this.#structure) return;
    throw new UsageError(
      'bad_coverage',
      `Coverage of '${this.dialogue}' cannot take in what was walked through of ${dialogue === this.dialogue ? 'another version of it' : `'${dialogue}'`}; record both by the same definition.`,
    );
  }
}
