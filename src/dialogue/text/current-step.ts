import { systemClock } from '../../clock.ts';
import type { HistoryTurn } from './history-turns.ts';

type Setting = string | ((context: never) => string | undefined);

/** Where the language and the time zone of a user are found: constants, or functions of the dialogue's context. */
export interface Locality {
  readonly locale?: Setting | undefined;
  readonly timeZone?: Setting | undefined;
}

/** A dialogue or sub-dialogue while it takes an event. */
export interface StepLevel {
  /** The address of the sub-dialogue, as in `Effect`; '' is the dialogue itself. */
  readonly path: string;
  readonly snapshot: { readonly context: unknown } | undefined;
  /** What `words` of setupDialogue() says of locale and time zone; undefined without `words`. */
  readonly locality: Locality | undefined;
  /** The dialogue that invoked this one. */
  readonly parent: StepLevel | undefined;
  /** If this step started it: the event by which the dialogue around it did. */
  readonly startedBy?: { readonly type: string } | undefined;
}

/** What holds during one step, and for nothing outside of it: a step is synchronous. */
export interface CurrentStep {
  /** Epoch milliseconds; undefined for the time of the process. */
  readonly now: number | undefined;
  /** A `Scene` of the engine. */
  readonly scene: object | undefined;
  /** What was said before; undefined where the dialogue keeps none of it. */
  readonly history: readonly HistoryTurn[] | undefined;
  /** The dialogue or sub-dialogue that takes the event. */
  level: StepLevel | undefined;
  /** The last error with a code that a guard threw. */
  guardError: Error | undefined;
  /** What the question that was asked last has read: its guards and actions need that several times. */
  reading?: object | undefined;
  /** The context that the last guard was asked about, and what the guard saw of it. */
  looked?: { readonly context: object; readonly shown: object } | undefined;
}

type IntentValues = Readonly<Record<string, unknown>>;

interface Ambient {
  step: CurrentStep | undefined;
  /** By message: the intents that were recognised in it and that no state took, the surest first, with their values. */
  readonly untakenIntents: WeakMap<object, Map<string, IntentValues>>;
}

/**
 * One object for all copies of this package in a process. A dialogue may import its copy as ESM, the program that runs
 * it another one as CJS or of another version; with a variable in each module, `now()` of the dialogue would not see the
 * step of the runner, and answer with the time of the process.
 */
const ambient: Ambient = ((globalThis as { [key: symbol]: unknown })[
  Symbol.for('colloquy.step')
] ??= { step: undefined, untakenIntents: new WeakMap() }) as Ambient;

/** Runs `work` as a step. A guard may run another conversation, so a step may begin and end within a step. */
export function withStep<Result>(
  at: number | undefined,
  work: () => Result,
  history?: readonly HistoryTurn[],
): Result {
  const outer = beginStep(at, undefined, history);
  try {
    return work();
  } finally {
    endStep(outer);
  }
}

/** The same without a closure, for what happens at every message. @returns what `endStep` needs */
export function beginStep(
  at: number | undefined,
  scene?: object,
  history?: readonly HistoryTurn[],
): CurrentStep | undefined {
  const outer = ambient.step;
  ambient.step = {
    now: at,
    scene,
    history,
    level: undefined,
    guardError: undefined,
    reading: undefined,
    looked: undefined,
  };
  return outer;
}

export function endStep(outer: CurrentStep | undefined): void {
  ambient.step = outer;
}

/** The step that is being taken; undefined outside of one. */
export function currentStep(): CurrentStep | undefined {
  return ambient.step;
}

/**
 * The time of the step that is being taken, in epoch milliseconds by the clock of the runner. Use it in guards, assigns,
 * delays, replies and actions of a dialogue: `Date.now()` there is the time of the machine, also in a test on virtual
 * time. A delay until a moment is `({ context }) => context.day.getTime() - now()`.
 *
 * Outside of a step, as in a service, it is the time of the machine.
 * @example
 * words.assign({ day: () => new Date(now()).toISOString().slice(0, 10) });
 */
export function now(): number {
  return ambient.step?.now ?? systemClock.now();
}

/**
 * Notes that no state took an intent; other events are ignored. An intent is offered to the dialogue before its message,
 * so a state that reads the message can find out that the message was a command without effect.
 */
export function noteUntaken(event: { readonly type: string }): void {
  if (!event.type.startsWith('intent.')) return;
  const { message, values = {} } = event as {
    readonly message?: unknown;
    readonly values?: IntentValues;
  };
  if (typeof message !== 'object' || message === null) return;
  const intents = ambient.untakenIntents.get(message) ?? new Map<string, IntentValues>();
  ambient.untakenIntents.set(message, intents.set(event.type, values));
}

/** Notes the values that a recognizer found in a message without an intent. */
export function noteValues(message: object, values: IntentValues): void {
  const intents = ambient.untakenIntents.get(message) ?? new Map<string, IntentValues>();
  ambient.untakenIntents.set(message, intents.set('', values));
}

/** Whether a message was recognised as this intent, and no state took it. */
export function isUntaken(message: object, intent: string): boolean {
  return ambient.untakenIntents.get(message)?.has(`intent.${intent}`) === true;
}

/** The values found in a message without an intent, or with intents that no state took. */
export function untakenValues(message: object): readonly IntentValues[] {
  return [...(ambient.untakenIntents.get(message)?.values() ?? [])];
}
