import { UsageError } from '../../errors.ts';
import { type KeyTable, checkOptions, isKeyed, kindOf } from '../../internal/closed.ts';

/** The keys of what the words of a dialogue take: one table for each word. */

const SILENCE: KeyTable = { after: null, say: null, target: null };
const WAY: KeyTable = { target: null, actions: null };
const ANSWERED: KeyTable = { guard: null, target: null, actions: null, description: null };
const AROUND: KeyTable = {
  on: null,
  entry: null,
  exit: null,
  id: null,
  tags: null,
  description: null,
};
const QUESTION: KeyTable = {
  question: null,
  retry: null,
  attempts: null,
  otherwise: null,
  timeout: SILENCE,
  when: null,
  skipTo: null,
  back: null,
  assign: null,
  ...AROUND,
};
const SLOT: KeyTable = {
  question: null,
  parse: null,
  parseFor: null,
  options: null,
  extract: null,
  retry: null,
  label: null,
  format: null,
  when: null,
  list: null,
  min: null,
  max: null,
  dialogue: null,
  input: null,
  value: null,
};

const WORDS = {
  ask: { ...QUESTION, parse: null, parseFor: null, target: ANSWERED },
  choose: { ...QUESTION, options: null, target: null },
  confirm: { ...QUESTION, yes: ANSWERED, no: ANSWERED },
  form: {
    slots: { '*': SLOT },
    order: null,
    confirm: null,
    correct: null,
    keep: null,
    target: null,
    attempts: null,
    otherwise: null,
    timeout: SILENCE,
    ...AROUND,
  },
  questions: {
    questions: {
      key: null,
      question: null,
      parse: null,
      parseFor: null,
      options: null,
      when: null,
      retry: null,
      required: null,
    },
    answers: null,
    progress: null,
    target: null,
    attempts: null,
    otherwise: null,
    timeout: SILENCE,
    ...AROUND,
  },
  service: {
    src: null,
    input: null,
    assign: null,
    done: ANSWERED,
    failed: ANSWERED,
    retries: null,
    backoff: null,
    timeout: null,
    busy: null,
    ...AROUND,
  },
  commands: { '*': { target: null, say: null, actions: null, guard: null } },
} as const satisfies Record<string, KeyTable>;

const SETUP: KeyTable = {
  types: null,
  schemas: null,
  actors: null,
  actions: null,
  guards: null,
  delays: null,
  intents: null,
  events: null,
  recognize: null,
  words: { locale: null, timeZone: null, prompts: null, answers: null, translate: null },
};

/** Actions of one's own may be async: they run after the turn is committed. */
const MAY_WAIT = ['actions', 'entry', 'exit'];

const CODES: { readonly [Word in keyof typeof WORDS]?: string } = {
  form: 'bad_form',
  questions: 'bad_form',
  service: 'bad_option',
  commands: 'bad_option',
};

/**
 * Refuses what a word does not take: an unknown key, an async function where the step needs its result.
 * @throws UsageError `bad_ask`, `bad_form`, `bad_option`
 */
export function checkWord(word: keyof typeof WORDS, given: unknown): void {
  const code = CODES[word] ?? 'bad_ask';
  checkOptions(`${word}()`, given, WORDS[word], { code, mayWait: MAY_WAIT });
  const { target } = given as { readonly target?: unknown };
  if (word !== 'choose' || typeof target !== 'object' || target === null) return;
  if (!Array.isArray(target)) return checkWays(target);
  for (const each of target as readonly unknown[]) {
    checkOptions('choose(): each `target` of a list', each, ANSWERED, { code, mayWait: MAY_WAIT });
  }
}

/** The ways of a choice, by the values of its options. */
function checkWays(ways: object): void {
  const fail = (problem: string): never => {
    throw new UsageError('bad_ask', `choose(): ${problem}`);
  };
  for (const [value, way] of Object.entries(ways) as [string, unknown][]) {
    const name = `target.${value}`;
    if (typeof way === 'string') continue;
    if (!isKeyed(way)) {
      fail(`'${name}' is a state, or an object with a \`target\`; it got ${kindOf(way)}.`);
    }
    const rules = { code: 'bad_ask', mayWait: MAY_WAIT };
    checkOptions('choose()', { [name]: way }, { [name]: WAY }, rules);
    if (typeof (way as { readonly target?: unknown }).target !== 'string') {
      fail(`'${name}' has no \`target\`, which names the state to go to.`);
    }
  }
}

/** @throws UsageError `bad_option` */
export function checkSetup(config: unknown): void {
  checkOptions('setupDialogue()', config, SETUP);
}
