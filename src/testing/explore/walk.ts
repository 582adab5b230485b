import { checkDialogue } from '../../dialogue/engine/validate.ts';
import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { failureOf } from '../services.ts';
import type { AnyStateMachine } from 'xstate';
import { MismatchError } from '../contract.ts';
import { UsageError } from '../../errors.ts';
import type { Incoming } from '../../runner/calls.ts';
import { copyDialogue } from '../../dialogue/engine/machine-walk.ts';
import { Inputs } from './inputs.ts';
import { PureRunner } from './pure-runner.ts';
import { OutputNeeded, UNKNOWN_OUTPUT } from './unknown-output.ts';
import type { ExploreEvent, PureState, StepResult, Ending } from './pure-state.ts';
import {
  type ReplayScript,
  type WayStep,
  failureText,
  replay,
  thrownMessage,
  scriptOf,
} from './replay.ts';
import { type WalkView, walkViewOf } from './walk-view.ts';
import type { ExploreOptions } from '../explore.ts';
import { type KnownTakeovers, takeoversOf } from './takeovers.ts';

/** What is needed of fast-check (https://fast-check.dev), which the test brings: `import fc from 'fast-check'`. */
export interface FastCheck {
  /** Natural numbers. */
  nat(): unknown;
  /** Lists, with a `maxLength` and a `size`. */
  array(
    arbitrary: never,
    constraints: { readonly maxLength: number; readonly size: 'max' },
  ): unknown;
  /** What has to hold for all of them. */
  property(arbitrary: never, predicate: (choices: readonly number[]) => void): unknown;
  /** Looks for a list for which it does not hold: `numRuns` of them by a `seed`. With `endOnFailure` it does not shrink. */
  check(
    property: never,
    parameters: { readonly seed: number; readonly numRuns: number; readonly endOnFailure: true },
  ): unknown;
}

/** Options of `walkDialogue()`: what has to hold, what services give, and how long walks are. */
export interface WalkOptions extends Omit<
  ExploreOptions,
  'budget' | 'maxDepth' | 'services' | 'onProgress'
> {
  /** The package `fast-check`. */
  readonly fc: FastCheck;
  /** What always has to hold: false, or a throw, breaks it. By name. */
  readonly invariants?: Readonly<Record<string, (view: WalkView) => boolean | void>> | undefined;
  /** What services give, each tried; each call is also tried to fail. A service whose output is looked at needs them. */
  readonly services?: Readonly<Record<string, readonly unknown[]>> | undefined;
  /** How many walks. Default 100. */
  readonly runs?: number | undefined;
  /** The most steps of one. Default 30. */
  readonly maxLength?: number | undefined;
}

const KEYS = {
  ...keyTable('fc invariants services runs maxLength input recognize recognizers samples'),
  ...keyTable('seed now silence'),
} satisfies KeysOf<WalkOptions>;

/**
 * Something does not hold on a walk: an `invariant`, or a rule of ours. The message has the conversation that leads there,
 * the shortest that shrinking found, and so has `transcript`. `cause` is what the dialogue or the invariant threw.
 */
export class WalkFailure extends MismatchError {
  /** The name of the class. */
  override readonly name: string = 'WalkFailure';
  /** To be pasted into a test. */
  readonly transcript: string;
  /** The name of the invariant that does not hold; undefined for one of ours. */
  readonly invariant: string | undefined;

  constructor(
    message: string,
    about: {
      readonly transcript: string;
      readonly invariant?: string | undefined;
      readonly cause?: unknown;
    },
  ) {
    const { transcript, invariant, cause } = about;
    const lines = transcript.trimEnd().split('\n');
    super(`${message}\n\n${lines.map((line) => `    ${line}`).join('\n')}`, { cause });
    this.transcript = transcript;
    this.invariant = invariant;
  }
}

interface Problem {
  readonly message: string;
  readonly invariant?: string;
  readonly cause?: unknown;
}

/**
 * Walks through a dialogue at random: any answer, silence, services that succeed and fail, now and then a command. After
 * each step the invariants are looked at, and ours: a turn does not throw, its context can be kept, a message that no
 * state takes gets an answer.
 * @throws WalkFailure for what does not hold; its `cause` is what the dialogue, or the invariant, threw
 * @throws UsageError `bad_dialogue`
 * @throws UsageError `bad_service` where the dialogue looks at the output of a service, and `services` does not have any
 */
export async function walkDialogue(original: AnyStateMachine, options: WalkOptions): Promise<void> {
  checkDialogue(original);
  checkOptions('walkDialogue()', options, KEYS);
  const { fc, seed = 1, runs = 100, maxLength = 30 } = options;
  const walker = new Walker(original, options);
  // Without a size, fast-check makes no list longer than ten.
  const choices = fc.array(fc.nat() as never, { maxLength, size: 'max' });
  const property = fc.property(choices as never, (picked) => {
    const { problem } = walker.walk(picked);
    if (problem !== undefined) throw new Error(problem.message);
  });
  // Walks are long, and a step depends on those before it: it is shrunk here, by what is known of that.
  const { counterexample } = fc.check(property as never, {
    seed,
    numRuns: runs,
    endOnFailure: true,
  }) as { readonly counterexample: readonly [readonly number[]] | null };
  if (counterexample === null) return;
  const { problem = UNSTABLE, way } = shrink(walker.walk(counterexample[0]), walker);
  if (problem.cause instanceof OutputNeeded) {
    throw new UsageError('bad_service', problem.cause.message);
  }
  const transcript = await walker.transcriptOf(scriptOf(way));
  throw new WalkFailure(problem.message, { ...problem, transcript });
}

const UNSTABLE: Problem = { message: 'The same walk went another way when it was repeated.' };
/** The maximum of steps that are taken to find a shorter walk. */
const SHRINK_STEPS = 20_000;

/** Leaves out what the problem does not need: halves of the walk first, single steps last. */
function shrink(failed: Walk, walker: Walker): Walk {
  let best = failed;
  let left = SHRINK_STEPS;
  const isSame = ({ problem }: Walk): boolean =>
    problem !== undefined &&
    (problem.invariant === undefined
      ? problem.message === failed.problem?.message
      : problem.invariant === failed.problem?.invariant);
  for (let size = best.way.length; size >= 1 && left > 0;) {
    const before = best.way.length;
    for (let at = 0; at + size <= best.way.length && left > 0;) {
      const shorter = walker.walk(best.choices.toSpliced(at, size));
      left -= shorter.way.length;
      if (isSame(shorter)) best = shorter;
      else at += size;
    }
    if (size > 1 || best.way.length === before) size = Math.floor(size / 2);
  }
  return best;
}

/** How many of the other messages a walk says for each command. */
const MESSAGES_PER_COMMAND = 20;

interface Walk {
  /** Those that were used. */
  readonly choices: readonly number[];
  readonly way: readonly WayStep[];
  readonly problem: Problem | undefined;
}

class Walker {
  readonly #dialogue: AnyStateMachine;
  readonly #options: WalkOptions;
  readonly #runner: PureRunner;
  readonly #inputs: Inputs;
  readonly #now: number;
  readonly #told: KnownTakeovers['services'];

  constructor(original: AnyStateMachine, options: WalkOptions) {
    this.#dialogue = copyDialogue(original, { isUnwatched: true });
    this.#options = options;
    this.#told = takeoversOf(original).services;
    this.#now = options.now ?? Date.UTC(2026, 0, 1);
    this.#runner = new PureRunner(this.#dialogue, options);
    this.#inputs = new Inputs(this.#runner, options.samples ?? [], this.#now);
  }

  walk(choices: readonly number[]): Walk {
    const way: WayStep[] = [];
    const walked = (problem?: Problem): Walk => ({
      choices: choices.slice(0, way.length),
      way,
      problem,
    });
    let state: PureState = { record: undefined, now: this.#now, fresh: [] };
    let view: WalkView | undefined;
    for (const choice of choices) {
      // Where the dialogue throws before it hears anything, any message meets it.
      let event: ExploreEvent = { type: 'message', message: 'hello' };
      let result: StepResult;
      try {
        const picked = this.#pick(state, choice);
        if (picked === undefined) break;
        event = picked;
        result = this.#runner.take(state, event);
      } catch (error) {
        way.push({ event, before: state, after: state });
        const message = failureText(error);
        return walked({ message, cause: error });
      }
      way.push({ event, before: state, after: result.state });
      view = walkViewOf({ runner: this.#runner, event, from: state, result, before: view });
      ({ state } = result);
      const problem = this.#silenceOf(event, result) ?? this.#brokenBy(view);
      if (problem !== undefined) return walked(problem);
    }
    return walked();
  }

  transcriptOf(script: ReplayScript): Promise<string> {
    return replay(this.#dialogue, script, { now: this.#now, runner: this.#options });
  }

  /** Undefined where nothing can happen. */
  #pick(state: PureState, choice: number): ExploreEvent | undefined {
    const { events, commands } = this.#events(state);
    const rounds = Math.ceil((commands.length * MESSAGES_PER_COMMAND) / events.length);
    const common = events.length * Math.max(rounds, 1);
    const index = choice % (common + commands.length);
    return index < common ? events[index % events.length] : commands[index - common];
  }

  #events(state: PureState): {
    readonly events: readonly ExploreEvent[];
    readonly commands: readonly ExploreEvent[];
  } {
    const running = state.record?.services ?? [];
    const fresh = running.find(({ token }) => state.fresh.includes(token));
    const found: ExploreEvent[] = (fresh === undefined ? running : [fresh]).flatMap((service) => {
      const { src, token, input } = service;
      const ms = this.#runner.serviceMs(state, service);
      return this.#endings(src, input).map((ending): ExploreEvent => ({
        type: 'service',
        token,
        src,
        ms,
        ending,
      }));
    });
    if (fresh !== undefined) {
      const shortMs = this.#runner.shortWhile(state);
      const waits = shortMs === undefined ? [] : [{ type: 'time' as const, ms: shortMs }];
      return { events: [...found, ...waits], commands: [] };
    }
    const ms = this.#runner.untilNextTimer(state);
    const { messages, commands } = this.#inputs.of(state);
    const said = (message: Incoming): ExploreEvent => ({ type: 'message', message });
    const events = [
      ...messages.map(said),
      ...(ms === undefined ? [] : [{ type: 'time' as const, ms }]),
      ...found,
    ];
    const spoken = commands.map(said);
    return events.length === 0 ? { events: spoken, commands: [] } : { events, commands: spoken };
  }

  #endings(src: string, input: unknown): Ending[] {
    const told = this.#told.get(src);
    const outputs = this.#options.services?.[src] ?? (told && [told(input)]);
    const error = new Error(failureOf(src));
    return [...(outputs?.map((output) => ({ output })) ?? [UNKNOWN_OUTPUT]), { error }];
  }

  #silenceOf(event: ExploreEvent, { replies, handled }: StepResult): Problem | undefined {
    const { silence = 'unhandled' } = this.#options;
    if (event.type !== 'message' || replies.length > 0) return undefined;
    if (silence === 'none' || (silence === 'unhandled' && handled)) return undefined;
    const { message } = event;
    if (typeof message !== 'string' && !message.type.startsWith('message.')) return undefined;
    return { message: handled ? 'A message got no reply.' : 'No state takes the message.' };
  }

  #brokenBy(view: WalkView): Problem | undefined {
    for (const [invariant, holds] of Object.entries(this.#options.invariants ?? {})) {
      const message = `The invariant '${invariant}' does not hold`;
      try {
        if (holds(view) === false) return { message: `${message}.`, invariant };
      } catch (error) {
        return { message: `${message}: ${thrownMessage(error)}`, invariant, cause: error };
      }
    }
    return undefined;
  }
}
