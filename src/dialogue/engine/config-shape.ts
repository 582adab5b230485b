import { UsageError } from '../../errors.ts';
import { type WordsIn, isKeyed, kindOf, unknownName } from '../../internal/closed.ts';

/** The closed form of what a dialogue is written as. XState keeps a key that it does not know, and does nothing with it. */

export type StateKey = WordsIn<typeof STATE_KEYS>;
export type RootKey = WordsIn<typeof ROOT_KEYS>;
export type TransitionKey = WordsIn<typeof TRANSITION_KEYS>;

const STATE_KEYS =
  'initial type history states invoke on entry exit onDone after always meta output id order tags description target route';
const ROOT_KEYS = `${STATE_KEYS} context version options types schemas` as const;
const TRANSITION_KEYS = 'target actions guard reenter description meta';
const INVOKE_KEYS = 'src input id systemId onDone onError onSnapshot';
const TYPES = ['atomic', 'compound', 'parallel', 'final', 'history'];
const HISTORIES = ['shallow', 'deep'];

/**
 * Checks the config of a machine, before or after XState has it.
 * @throws UsageError `bad_dialogue` for an unknown key of a state, a transition or an `invoke`, and for what is none of these
 */
export function checkConfig(config: unknown): void {
  if (!isKeyed(config)) {
    throw new UsageError(
      'bad_dialogue',
      `A dialogue is written as an object with \`id\`, \`context\`, \`initial\` and \`states\`; it got ${kindOf(config)}.`,
    );
  }
  const id = typeof config['id'] === 'string' ? config['id'] : '(machine)';
  new ConfigShape(id, id).check(config, ROOT_KEYS);
}

class ConfigShape {
  readonly #dialogue: string;
  readonly #path: string;

  constructor(dialogue: string, path: string) {
    this.#dialogue = dialogue;
    this.#path = path;
  }

  check(config: unknown, keys: string): void {
    if (!isKeyed(config)) return this.#fail(`a state is an object, and ${kindOf(config)} came.`);
    this.#keys(config, keys, 'a key of a state');
    const { type, history, states = {}, on = {}, after = {}, invoke, initial } = config;
    if (type !== undefined) this.#among(type, TYPES, 'the `type` of a state');
    if (history !== undefined && typeof history !== 'boolean') {
      this.#among(history, HISTORIES, 'a `history`');
    }
    for (const [name, given] of Object.entries({ states, on, after })) {
      if (!isKeyed(given)) this.#fail(`\`${name}\` is an object, and ${kindOf(given)} came.`);
    }
    const [first] = Object.keys(states as object);
    if (first !== undefined && initial === undefined && (type ?? 'compound') === 'compound') {
      this.#fail(
        `it has no \`initial\`. Name the state in which it begins, as in initial: '${first}'.`,
      );
    }
    for (const [event, given] of Object.entries(on as object))
      this.#transition(`on['${event}']`, given);
    for (const [delay, given] of Object.entries(after as object)) {
      this.#transition(`after['${delay}']`, given);
    }
    this.#transition('always', config['always']);
    this.#transition('onDone', config['onDone']);
    if (isKeyed(initial)) this.#transition('initial', initial);
    for (const invoked of invoke === undefined ? [] : [invoke].flat()) this.#invoke(invoked);
    for (const [key, state] of Object.entries(states as object)) {
      const own: unknown = isKeyed(state) ? state['id'] : undefined;
      const path = typeof own === 'string' ? own : `${this.#path}.${key}`;
      new ConfigShape(this.#dialogue, path).check(state, STATE_KEYS);
    }
  }

  #invoke(invoked: unknown): void {
    if (!isKeyed(invoked))
      return this.#fail(`\`invoke\` takes an object, and ${kindOf(invoked)} came.`);
    this.#keys(invoked, INVOKE_KEYS, 'a key of an `invoke`');
    for (const name of ['onDone', 'onError', 'onSnapshot']) {
      this.#transition(`invoke.${name}`, invoked[name]);
    }
  }

  #transition(place: string, given: unknown): void {
    for (const each of Array.isArray(given) ? (given as readonly unknown[]) : [given]) {
      if (each === undefined || typeof each === 'string') continue;
      if (!isKeyed(each)) {
        return this.#fail(
          `a transition is a target, or an object with \`target\` or \`actions\`, and ${kindOf(each)} came under \`${place}\`.`,
        );
      }
      this.#keys(each, TRANSITION_KEYS, `a key of a transition, as under \`${place}\``);
    }
  }

  #keys(given: object, keys: string, what: string): void {
    const known = keys.split(' ');
    for (const key of Object.keys(given)) {
      if (!known.includes(key)) this.#fail(unknownName(key, known, what));
    }
  }

  #among(given: unknown, known: readonly string[], what: string): void {
    if (typeof given === 'string' && known.includes(given)) return;
    this.#fail(
      typeof given === 'string' ? unknownName(given, known, what) : `${what} is a string.`,
    );
  }

  #fail(problem: string): never {
    throw new UsageError(
      'bad_dialogue',
      `Dialogue '${this.#dialogue}', state '${this.#path}': ${problem}`,
      { details: { dialogue: this.#dialogue, state: this.#path } },
    );
  }
}
