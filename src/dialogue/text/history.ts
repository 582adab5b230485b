import { UsageError } from '../../errors.ts';
import { isKeyed, kindOf } from '../../internal/closed.ts';
import { currentStep } from './current-step.ts';
import { type HistoryEntry, entriesOf } from './history-turns.ts';

/** How much of what was said is kept. */
export interface HistoryOptions {
  /** The maximum of turns: what the user said, and what the bot said to it. 1 to 200. Default 20. */
  readonly turns?: number;
  /** The maximum of bytes that their texts take as JSON. 512 to 65 536. Default 8192. */
  readonly bytes?: number;
}

/** The same, with the defaults in place. */
export type HistoryLimits = Readonly<Required<HistoryOptions>>;

const DEFAULT_TURNS = 20;
const MAX_TURNS = 200;
const DEFAULT_BYTES = 8192;
const MIN_BYTES = 512;
const MAX_BYTES = 65_536;

/** The key of the limits in the config of a machine. Every copy that XState makes of a machine has its config. */
const HISTORY: unique symbol = Symbol.for('colloquy.history');

/**
 * The part of a machine config that says that a history is kept.
 * @throws UsageError `bad_option`
 */
export function withHistory(options: HistoryOptions | undefined): object {
  if (options === undefined) return {};
  if (!isKeyed(options)) {
    throw new UsageError(
      'bad_option',
      `setupDialogue(): \`history\` takes an object, as { turns: 20 } or {}; it got ${kindOf(options)}.`,
    );
  }
  const { turns = DEFAULT_TURNS, bytes = DEFAULT_BYTES } = options;
  checkWhole('turns', turns, [1, MAX_TURNS]);
  checkWhole('bytes', bytes, [MIN_BYTES, MAX_BYTES]);
  return { [HISTORY]: Object.freeze({ turns, bytes }) };
}

/** How much a dialogue keeps of what was said; undefined for nothing. */
export function historyLimitsOf(config: object): HistoryLimits | undefined {
  return (config as { readonly [HISTORY]?: HistoryLimits })[HISTORY];
}

/**
 * What was said before this turn, the oldest first, where `setupDialogue()` has a `history`: for the `input` of a service
 * that asks a model. Call it in any function of the dialogue or of a sub-dialogue; of all `history` options, that of the outermost
 * dialogue counts.
 * @example
 * const chat = setupDialogue({ types: {} as { context: object }, history: { turns: 10 } });
 * chat.createStateConfig({ entry: chat.reply(() => `We have said ${history().length} things.`) });
 * @throws UsageError `no_history` outside of a turn, and where the dialogue keeps none
 */
export function history(): HistoryEntry[] {
  const turns = currentStep()?.history;
  if (turns === undefined) {
    throw new UsageError(
      'no_history',
      'There is no history here: give `history` to setupDialogue() of the outermost dialogue, and call history() in a function of a dialogue, as the `input` of a service.',
    );
  }
  return entriesOf(turns);
}

function checkWhole(key: string, value: unknown, [least, most]: readonly [number, number]): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return;
  throw new UsageError(
    'bad_option',
    `setupDialogue(): \`history.${key}\` is a whole number from ${least} to ${most}.`,
  );
}
