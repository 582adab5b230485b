import { type KeysOf, checkOptions, keyTable } from '../internal/closed.ts';
import type { AnyStateMachine } from 'xstate';
import { copyDialogue, servicesOf } from '../dialogue/engine/machine-walk.ts';
import { checkDialogue } from '../dialogue/engine/validate.ts';
import { UsageError } from '../errors.ts';
import type { Incoming } from '../runner/calls.ts';
import type { RunnerOptions } from '../runner/options.ts';
import { type Coverage, createCoverage } from './coverage.ts';
import { unknownService } from './services.ts';
import { type Unreached, explainUnreached, placesBehind } from './explore/report.ts';
import type { CoverageItem } from './coverage/items.ts';
import { firstStuck } from './explore/stuck.ts';
import { Inputs } from './explore/inputs.ts';
import { type ExploredService, endingsOf } from './explore/endings.ts';
import { PureRunner } from './explore/pure-runner.ts';
import type { ExploreEvent, StepResult } from './explore/pure-state.ts';
import {
  type FoundCall,
  type FoundStep,
  type ReplayScript,
  failureText,
  replay,
  scriptOf,
} from './explore/replay.ts';
import { Search } from './explore/search.ts';
import { randomOf } from './explore/seeded-order.ts';
import { pathTo } from './explore/search-node.ts';
import type { SearchNode } from './explore/search-node.ts';
import { takeoversOf } from './explore/takeovers.ts';

export type { ExploredService } from './explore/endings.ts';

/** Options of `explore()`: what is said to the dialogue, what its services give, and how long it takes. */
export interface ExploreOptions extends Pick<RunnerOptions, 'input' | 'recognize' | 'recognizers'> {
  /** Messages that the dialogue is about, beside what its parsers, intents and choices offer: the number of an order. */
  readonly samples?: readonly Incoming[] | undefined;
  /**
   * By name; those of sub-dialogues, too. Each call is also tried to fail. Without any, a service that the dialogue only
   * waits for may end, and one whose output it looks at does not: it is named in `needs`.
   */
  readonly services?: Readonly<Record<string, ExploredService>> | undefined;
  /** The most steps that are tried. Default 10 000. */
  readonly budget?: number | undefined;
  /** The longest conversation, in steps. Default 60. */
  readonly maxDepth?: number | undefined;
  /** The order in which answers are tried. The same seed finds the same. Default 1. */
  readonly seed?: number | undefined;
  /** Epoch ms at which conversations begin. Default 2026-01-01T00:00:00Z. */
  readonly now?: number | undefined;
  /**
   * Which messages must get a reply: those that no state takes (`unhandled`, the default), all of them (`all`), or
   * `none`.
   */
  readonly silence?: 'unhandled' | 'all' | 'none' | undefined;
  /** Called every 250 steps, with how far the exploration is. */
  readonly onProgress?: ((progress: ExploreProgress) => void) | undefined;
}

/** How far an exploration is. */
export interface ExploreProgress {
  /** How many steps were tried. */
  readonly steps: number;
  /** The most steps that are tried. */
  readonly budget: number;
  /** The number of states and transitions that were reached. */
  readonly reached: number;
  /** The number of states and transitions that there are. */
  readonly places: number;
}

const KEYS = {
  ...keyTable('input recognize recognizers samples services budget maxDepth seed now silence'),
  onProgress: null,
} satisfies KeysOf<ExploreOptions>;

/** A conversation that was found, and went the same way on the real runner. */
export interface FoundConversation {
  /** To be written to a file, or pasted into a test. */
  readonly transcript: string;
  /** What the user says, and the time that passes. */
  readonly steps: readonly FoundStep[];
  /** How each call of a service ends, in the order of the calls. */
  readonly calls: readonly FoundCall[];
  /** What it walks through for the first time. */
  readonly reaches: readonly CoverageItem[];
}

/** Something that a dialogue should not do. */
export interface ExploreFailure {
  /** `threw`: a turn failed. `silent`: a message got no reply. `stuck`: no way leads to an end, or back to the beginning. */
  readonly kind: 'threw' | 'silent' | 'stuck';
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** The conversation that leads there. */
  readonly transcript: string;
  /** What the dialogue threw. */
  readonly error?: unknown;
}

/** What `explore()` found. */
export interface Exploration {
  /** Of the conversations found, on the real runner. */
  readonly coverage: Coverage;
  /** As few as cover all that was reached, each the shortest way to something. */
  readonly conversations: readonly FoundConversation[];
  /** States and transitions that nothing led to. */
  readonly unreached: readonly Unreached[];
  /** What the dialogue should not do. */
  readonly failures: readonly ExploreFailure[];
  /** The services whose outputs the dialogue looks at, and that have none under `services`. */
  readonly needs: readonly string[];
  /** How many steps were tried. */
  readonly steps: number;
}

const DEFAULT_BUDGET = 10_000;
const DEFAULT_DEPTH = 60;
const MAX_FAILURES = 20;

/**
 * Talks with a dialogue in every way that it has: answers good and bad, silence, services that succeed and fail. What
 * it found is then said once more to the real runner, and that is what counts. Each node of a conversation is looked
 * at once, where nodes in the same states with a context of the same shape are the same.
 * @example
 * const { failures } = await explore(survey);
 * console.log(failures.length); // → 0
 * @throws UsageError `bad_dialogue`, `bad_option`
 */
export async function explore(
  original: AnyStateMachine,
  options: ExploreOptions = {},
): Promise<Exploration> {
  checkDialogue(original);
  checkOptions('explore()', options, KEYS);
  const explorer = new Explorer(original, options);
  return explorer.run();
}

interface Failing extends Pick<ExploreFailure, 'kind' | 'message' | 'error'> {
  readonly node: SearchNode;
}

class Explorer {
  readonly #dialogue: AnyStateMachine;
  readonly #options: ExploreOptions;
  readonly #now: number;
  readonly #runner: PureRunner;
  readonly #search: Search;
  readonly #coverage: Coverage;
  readonly #failing = new Map<string, Failing>();

  constructor(original: AnyStateMachine, options: ExploreOptions) {
    const { budget = DEFAULT_BUDGET, maxDepth = DEFAULT_DEPTH, seed = 1 } = options;
    for (const [name, value] of Object.entries({ budget, maxDepth })) {
      if (Number.isInteger(value) && value > 0) continue;
      throw new UsageError('bad_option', `\`${name}\` is a whole number over 0.`);
    }
    this.#dialogue = copyDialogue(original, { isUnwatched: true });
    this.#options = options;
    const known = servicesOf(original);
    for (const name of Object.keys(options.services ?? {})) {
      if (!known.has(name)) throw unknownService(name, known);
    }
    this.#now = options.now ?? Date.UTC(2026, 0, 1);
    this.#runner = new PureRunner(this.#dialogue, options);
    this.#coverage = createCoverage(this.#dialogue);
    this.#coverage.stop();
    const wanted = new Set(this.#coverage.items.filter(isPlace).map(({ key }) => key));
    const { services: told } = takeoversOf(original);
    this.#search = new Search(this.#dialogue, {
      runner: this.#runner,
      inputs: new Inputs(this.#runner, options.samples ?? [], this.#now),
      endings: (src, input) => endingsOf(options.services?.[src] ?? told.get(src), src, input),
      wanted,
      behind: (needs) => placesBehind(this.#dialogue, needs),
      onProgress: (steps, reached) =>
        options.onProgress?.({ steps, budget, reached, places: wanted.size }),
      budget,
      maxDepth,
      onStep: (node, event, result) => this.#check(node, event, result),
      random: randomOf(seed),
      now: this.#now,
    });
  }

  async run(): Promise<Exploration> {
    await this.#search.run();
    for (const { node, event, error } of this.#search.faults) {
      const last: SearchNode = { ...node, parent: node, event, walked: [], next: undefined };
      const message = failureText(error);
      this.#fail({ kind: 'threw', message, node: last, error }, node.statesKey);
    }
    this.#findStuck();
    const recording = createCoverage(this.#dialogue);
    const conversations = await this.#conversations(recording);
    recording.stop();
    return {
      coverage: recording,
      conversations,
      unreached: this.#unreached(recording),
      failures: await this.#failures(),
      needs: [...this.#search.needs].toSorted(),
      steps: this.#search.steps,
    };
  }

  #check(node: SearchNode, event: ExploreEvent, { replies, handled }: StepResult): void {
    const { silence = 'unhandled' } = this.#options;
    if (silence === 'none' || event.type !== 'message' || replies.length > 0) return;
    const { message } = event;
    const type = typeof message === 'string' ? 'message.text' : message.type;
    if (!type.startsWith('message.')) return;
    if (handled && (silence === 'unhandled' || node.state.record === undefined)) return;
    const what = handled ? 'A message was taken, and got no reply' : 'No state takes the message';
    this.#fail({ kind: 'silent', message: `${what}.`, node }, node.parent?.statesKey);
  }

  #findStuck(): void {
    const stuck = firstStuck(this.#search);
    if (stuck === undefined) return;
    const message = 'From here no end can be reached, nor the beginning.';
    this.#fail({ kind: 'stuck', message, node: stuck });
  }

  /** Keeps the shortest of the failures with the same message in the same states. */
  #fail(failing: Failing, statesKey = ''): void {
    const key = `${failing.kind} ${statesKey} ${failing.message}`;
    const known = this.#failing.get(key);
    if (known !== undefined && known.node.depth <= failing.node.depth) return;
    if (known === undefined && this.#failing.size >= MAX_FAILURES) return;
    this.#failing.set(key, failing);
  }

  async #failures(): Promise<ExploreFailure[]> {
    const failures: ExploreFailure[] = [];
    for (const { kind, message, node, error } of this.#failing.values()) {
      const transcript = await this.#replay(scriptTo(node));
      failures.push({ kind, message, transcript, ...(error !== undefined && { error }) });
    }
    return failures;
  }

  /** The longest ways first, since they pass most. */
  async #conversations(recording: Coverage): Promise<FoundConversation[]> {
    const { reached } = this.#search;
    const wanted = this.#coverage.items.filter(({ key }) => reached.has(key));
    const depthOf = ({ key }: CoverageItem): number => reached.get(key)?.depth ?? 0;
    const conversations: FoundConversation[] = [];
    for (const item of wanted.toSorted((a, b) => depthOf(b) - depthOf(a))) {
      if (recording.count(item) > 0) continue;
      const node = reached.get(item.key);
      if (node === undefined) continue;
      const before = wanted.filter((each) => recording.count(each) === 0);
      const script = scriptTo(node);
      const transcript = await this.#replay(script);
      const reaches = before.filter((each) => recording.count(each) > 0);
      if (reaches.length > 0) conversations.push({ transcript, ...script, reaches });
    }
    return conversations;
  }

  #replay(script: ReplayScript): Promise<string> {
    return replay(this.#dialogue, script, { now: this.#now, runner: this.#options });
  }

  #unreached(recording: Coverage): Unreached[] {
    const { isComplete, steps, needs, reached } = this.#search;
    const { budget = DEFAULT_BUDGET } = this.#options;
    const missing = recording.items.filter((item) => isPlace(item) && recording.count(item) === 0);
    const spent = steps >= budget && !isComplete ? budget : undefined;
    return explainUnreached(this.#dialogue, missing, { needs, reached, spent });
  }
}

/** A guard that always holds, or never does, is no place that nothing leads to. */
function isPlace({ kinds }: CoverageItem): boolean {
  return !kinds.includes('guards');
}

function scriptTo(node: SearchNode): ReplayScript {
  return scriptOf(
    pathTo(node).map(({ event, state, parent }) => ({
      event: event as ExploreEvent,
      before: parent?.state,
      after: state,
    })),
  );
}
