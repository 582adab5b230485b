import { UsageError } from '../../errors.ts';
import type { HistoryOptions } from '../text/history.ts';
import {
  type KeyTable,
  type KeysOf,
  checkOptions,
  isKeyed,
  keyTable,
  kindOf,
} from '../../internal/closed.ts';

/** The keys of what the words of a dialogue take: one table for each word. */

const SILENCE = keyTable('after say target');
const WAY = keyTable('target actions');
const ANSWERED = keyTable('guard target actions description');
const AROUND = keyTable('on entry exit id tags description meta');
const ATTEMPTS = { ...keyTable('attempts otherwise of'), timeout: SILENCE };
const QUESTION = {
  ...keyTable('question inPlace retry when skipTo back assign'),
  ...ATTEMPTS,
  ...AROUND,
};
const SLOT = {
  ...keyTable('question parse parseFor options extract retry label format when'),
  ...keyTable('list min max dialogue input value'),
};

const WORDS = {
  ask: { ...QUESTION, ...keyTable('parse parseFor'), target: ANSWERED },
  choose: { ...QUESTION, ...keyTable('options target') },
  confirm: { ...QUESTION, yes: ANSWERED, no: ANSWERED },
  form: {
    slots: { '*': SLOT },
    ...keyTable('order confirm correct keep understand target'),
    ...ATTEMPTS,
    ...AROUND,
  },
  questions: {
    questions: keyTable('key question parse parseFor options when retry required'),
    ...keyTable('answers progress target'),
    ...ATTEMPTS,
    ...AROUND,
  },
  service: {
    ...keyTable('src input assign retries backoff timeout busy'),
    done: ANSWERED,
    failed: ANSWERED,
    ...AROUND,
  },
  commands: { '*': keyTable('target say actions guard') },
} as const satisfies Record<string, KeyTable>;

const SETUP = {
  ...keyTable('types schemas actors actions guards delays intents events recognize'),
  words: keyTable('locale timeZone prompts answers translate'),
  history: keyTable('turns bytes') satisfies KeysOf<HistoryOptions>,
};

/** Actions of the author run after the turn is committed, and a recognizer before it begins. */
const MAY_WAIT = ['actions', 'entry', 'exit', 'understand'];

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
