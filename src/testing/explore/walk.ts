import { type KeysOf, checkOptions } from '../../internal/closed.ts';
import { failureOf } from '../services.ts';
import type { AnyStateMachine } from 'xstate';
import { copyDialogue } from '../../dialogue/engine/machine-walk.ts';
import type { Reply } from '../../reply.ts';
import { Inputs } from './inputs.ts';
import {
  type Ending,
  type ExploreEvent,
  Model,
  type ModelState,
  type StepResult,
} from './model.ts';
import { type ReplayScript, type WayStep, thrownMessage, replay, scriptOf } from './replay.ts';
import type { ExploreOptions } from '../explore.ts';

/** What is needed of fast-check (https://fast-check.dev), which the test brings: `import fc from 'fast-check'`. */
export interface FastCheck {
  nat(): unknown;
  array(arbitrary: never, constraints: { readonly maxLength: number }): unknown;
  property(arbitrary: never, predicate: (choices: readonly number[]) => void): unknown;
  check(property: never, parameters: { readonly seed: number; readonly numRuns: number }): unknown;
}

/** What an invariant sees after each step of a walk. */
export interface WalkView {
  readonly context: Readonly<Record<string, unknown>>;
  /** What was said on this step. */
  readonly replies: readonly Reply[];
  readonly done: boolean;
}

export interface WalkOptions extends Omit<ExploreOptions, 'budget' | 'maxDepth' | 'services'> {
  readonly fc: FastCheck;
  /** What always has to hold: false, or a throw, breaks it. By name. */
  readonly invariants?: Readonly<Record<string, (view: WalkView) => boolean | void>> | undefined;
  /** What services give, each tried; each call is also tried to fail. */
  readonly services?: Readonly<Record<string, readonly unknown[]>> | undefined;
  /** How many walks. Default 100. */
  readonly runs?: number | undefined;
  /** The most steps of one. Default 30. */
  readonly maxLength?: number | undefined;
}

const KEYS = {
  fc: null,
  invariants: null,
  services: null,
  runs: null,
  maxLength: null,
  input: null,
  recognize: null,
  recognizers: null,
  samples: null,
  seed: null,
  now: null,
  silence: null,
} satisfies KeysOf<WalkOptions>;

/** The shortest walk, as far as shrinking found it, on which something does not hold. */
export interface WalkFailure {
  readonly message: string;
  /** To be pasted into a test. */
  readonly transcript: string;
}

/**
 * Walks through a dialogue at random: any answer, silence, services that succeed and fail. After each step the invariants
 * are looked at, and ours: a turn does not throw, its context can be kept, a message that no state takes gets an answer.
 * @returns what failed, shrunk; undefined where nothing did
 */
export async function walkDialogue(
  original: AnyStateMachine,
  options: WalkOptions,
): Promise<WalkFailure | undefined> {
  checkOptions('walkDialogue()', options, KEYS);
  const { fc, seed = 1, runs = 100, maxLength = 30 } = options;
  const walker = new Walker(original, options);
  const choices = fc.array(fc.nat() as never, { maxLength });
  const property = fc.property(choices as never, (picked) => {
    const { problem } = walker.walk(picked);
    if (problem !== undefined) throw new Error(problem);
  });
  const { counterexample } = fc.check(property as never, { seed, numRuns: runs }) as {
    readonly counterexample: readonly [readonly number[]] | null;
  };
  if (counterexample === null) return undefined;
  const { problem = '', script } = walker.walk(counterexample[0]);
  return { message: problem, transcript: await walker.transcriptOf(script) };
}

class Walker {
  readonly #dialogue: AnyStateMachine;
  readonly #options: WalkOptions;
  readonly #model: Model;
  readonly #inputs: Inputs;
  readonly #now: number;

  constructor(original: AnyStateMachine, options: WalkOptions) {
    this.#dialogue = copyDialogue(original, { isUnwatched: true });
    this.#options = options;
    this.#now = options.now ?? Date.UTC(2026, 0, 1);
    this.#model = new Model(this.#dialogue, options);
    this.#inputs = new Inputs(this.#model, options.samples ?? [], this.#now);
  }

  walk(choices: readonly number[]): { readonly problem?: string; readonly script: ReplayScript } {
    const way: WayStep[] = [];
    let state: ModelState = { record: undefined, now: this.#now, fresh: [] };
    for (const choice of choices) {
      const events = this.#events(state);
      const event = events[choice % events.length] as ExploreEvent;
      let result: StepResult;
      try {
        result = this.#model.take(state, event);
      } catch (error) {
        way.push({ event, before: state, after: state });
        return { problem: `The dialogue threw: ${thrownMessage(error)}`, script: scriptOf(way) };
      }
      way.push({ event, before: state, after: result.state });
      ({ state } = result);
      const problem = this.#problemOf(event, result);
      if (problem !== undefined) return { problem, script: scriptOf(way) };
    }
    return { script: scriptOf(way) };
  }

  transcriptOf(script: ReplayScript): Promise<string> {
    return replay(this.#dialogue, script, { now: this.#now, runner: this.#options });
  }

  #events(state: ModelState): ExploreEvent[] {
    const running = state.record?.services ?? [];
    const fresh = running.find(({ token }) => state.fresh.includes(token));
    const found: ExploreEvent[] = (fresh === undefined ? running : [fresh]).flatMap((service) => {
      const { src, token } = service;
      const ms = this.#model.serviceMs(state, service);
      return this.#endings(src).map((ending): ExploreEvent => ({
        type: 'service',
        token,
        src,
        ms,
        ending,
      }));
    });
    if (fresh !== undefined) return found;
    const ms = this.#model.untilNextTimer(state);
    const messages = this.#inputs.of(state);
    return [
      ...messages.map((message): ExploreEvent => ({ type: 'message', message })),
      ...(ms === undefined ? [] : [{ type: 'time' as const, ms }]),
      ...found,
    ];
  }

  #endings(src: string): Ending[] {
    const outputs = this.#options.services?.[src] ?? [undefined];
    const error = new Error(failureOf(src));
    return [...outputs.map((output) => ({ output })), { error }];
  }

  #problemOf(
    event: ExploreEvent,
    { state, replies, handled, done }: StepResult,
  ): string | undefined {
    const { silence = 'unhandled', invariants = {} } = this.#options;
    const isSilent = event.type === 'message' && replies.length === 0;
    if (isSilent && (silence === 'all' || (silence === 'unhandled' && !handled))) {
      const { message } = event;
      const isEvent = typeof message !== 'string' && !message.type.startsWith('message.');
      if (!isEvent) return handled ? 'A message got no reply.' : 'No state takes the message.';
    }
    for (const [name, holds] of Object.entries(invariants)) {
      try {
        if (holds({ context: state.record?.data ?? {}, replies, done }) === false) {
          return `The invariant '${name}' does not hold.`;
        }
      } catch (error) {
        return `The invariant '${name}' does not hold: ${thrownMessage(error)}`;
      }
    }
    return undefined;
  }
}
