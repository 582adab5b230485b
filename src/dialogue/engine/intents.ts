import type { AnyStateMachine } from 'xstate';
import { UsageError } from '../../errors.ts';
import type { IntentRecognizer, Recognizer } from '../text/recognizers.ts';

/** What recognises an intent; `{}` leaves that to `recognize`, or to the options of the runner. */
export type IntentDefinition = IntentRecognizer | Readonly<Record<string, never>>;

/** The intents that a dialogue declares. */
export interface DeclaredIntents {
  /** By name, in the order in which equally sure ones are offered. A message that means `order` is an `intent.order`. */
  readonly intents?: Readonly<Record<string, IntentDefinition>> | undefined;
  /** Recognises several of them at once. */
  readonly recognize?: Recognizer | undefined;
}

/** The intents of a dialogue and all its sub-dialogues. */
export interface Intents {
  /** By name, in the order of their declaration; undefined where no intent has phrases. */
  readonly named: ReadonlyMap<string, IntentRecognizer | undefined>;
  readonly recognizers: readonly Recognizer[];
}

/** The key of the intents in the config of a machine. Every copy that XState makes of a machine has its config. */
const INTENTS: unique symbol = Symbol.for('colloquy.intents');

/**
 * The same machine config, with the intents that the dialogue declares.
 * @throws UsageError `bad_intent`
 */
export function withIntents<Config extends object>(
  config: Config,
  { intents = {}, recognize }: DeclaredIntents,
): Config {
  checkIntents(intents, true);
  if (recognize !== undefined && typeof recognize !== 'function') {
    throw new UsageError('bad_intent', '`recognize` is a function.');
  }
  if (Object.keys(intents).length === 0 && recognize === undefined) return config;
  return { ...config, [INTENTS]: Object.freeze({ intents: { ...intents }, recognize }) };
}

/** The same machine config, with another recognizer in the place of the one that the dialogue declares for several intents. */
export function withRecognize<Config extends object>(
  config: Config,
  recognizerFor: (recognizer: Recognizer) => Recognizer,
): Config {
  const declared = (config as { readonly [INTENTS]?: DeclaredIntents })[INTENTS];
  const recognize = declared?.recognize;
  if (recognize === undefined) return config;
  return { ...config, [INTENTS]: { ...declared, recognize: recognizerFor(recognize) } };
}

/** The names of the intents that one machine declares, its sub-dialogues apart. */
export function intentNamesOf(machine: AnyStateMachine): readonly string[] {
  return Object.keys(declaredOf(machine).intents ?? {});
}

/**
 * The intents of a dialogue and its sub-dialogues. Where several recognise one of the same name, the outermost does.
 * @param machines the dialogue first, then its sub-dialogues
 */
export function intentsOf(machines: Iterable<AnyStateMachine>): Intents {
  const named = new Map<string, IntentRecognizer | undefined>();
  const recognizers = new Set<Recognizer>();
  for (const machine of machines) {
    const { intents = {}, recognize } = declaredOf(machine);
    for (const [name, definition] of Object.entries(intents)) {
      const recognizer = typeof definition === 'function' ? definition : undefined;
      named.set(name, named.get(name) ?? recognizer);
    }
    if (recognize !== undefined) recognizers.add(recognize);
  }
  return { named, recognizers: [...recognizers] };
}

/** The name of an intent, or of an event that a dialogue declares. */
export const INTENT_NAME: RegExp = /^[a-z][\w-]*(?:\.[\w-]+)*$/i;

/**
 * @param mayBeEmpty whether `{}` may stand for an intent that is recognised elsewhere
 * @throws UsageError `bad_intent`
 */
export function checkIntents(
  intents: Readonly<Record<string, unknown>>,
  mayBeEmpty: boolean,
): void {
  for (const [name, definition] of Object.entries(intents)) {
    if (!INTENT_NAME.test(name)) {
      throw new UsageError(
        'bad_intent',
        `An intent is named by letters, digits, '_' and '-', in parts joined by '.', as in 'order.tea'; '${name}' is not. Leave out the 'intent.' before it, too.`,
        { details: { intent: name } },
      );
    }
    if (typeof definition === 'function' || (mayBeEmpty && isEmpty(definition))) continue;
    throw new UsageError(
      'bad_intent',
      `Intent '${name}' needs a recognizer, as keywords('…'), pattern(/…/) or a function of the message${mayBeEmpty ? '; or {} where it is recognised elsewhere' : ''}.`,
      { details: { intent: name } },
    );
  }
}

function declaredOf(machine: AnyStateMachine): DeclaredIntents {
  return (machine.config as { readonly [INTENTS]?: DeclaredIntents })[INTENTS] ?? {};
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Reflect.ownKeys(value).length === 0;
}
