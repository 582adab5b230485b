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
import { lazy } from '../../internal/lazy.ts';

/** The keys of what the words of a dialogue take: one table for each word. A bot without words does not make them. */
const wordKeys = /* @__PURE__ */ lazy(() => {
  const silence = keyTable('after say target');
  const answered = answeredKeys();
  const around = keyTable('on entry exit id tags description meta');
  const attempts = { ...keyTable('attempts otherwise of'), timeout: silence };
  const question = {
    ...keyTable('question inPlace retry when skipTo back assign'),
    ...attempts,
    ...around,
  };
  const slot = {
    ...keyTable('question parse parseFor options extract retry label format when'),
    ...keyTable('list min max dialogue input value'),
  };
  return {
    ask: { ...question, ...keyTable('parse parseFor'), target: answered },
    choose: { ...question, ...keyTable('options target') },
    confirm: { ...question, yes: answered, no: answered },
    form: {
      slots: { '*': slot },
      ...keyTable('order confirm correct keep understand target'),
      ...attempts,
      ...around,
    },
    questions: {
      questions: keyTable('key question parse parseFor options when retry required'),
      ...keyTable('answers progress target'),
      ...attempts,
      ...around,
    },
    service: {
      ...keyTable('src input assign retries backoff timeout busy'),
      done: answered,
      failed: answered,
      ...around,
    },
    commands: { '*': keyTable('target say actions guard') },
  } as const satisfies Record<string, KeyTable>;
});

type Word = keyof ReturnType<typeof wordKeys>;

const answeredKeys = /* @__PURE__ */ lazy(() => keyTable('guard target actions description'));
const wayKeys = /* @__PURE__ */ lazy(() => keyTable('target actions'));
const setupKeys = /* @__PURE__ */ lazy(() => ({
  ...keyTable('types schemas actors actions guards delays intents events recognize'),
  words: keyTable('locale timeZone prompts answers translate'),
  history: keyTable('turns bytes') satisfies KeysOf<HistoryOptions>,
}));

/** Actions of the author run after the turn is committed, and a recognizer before it begins. */
const MAY_WAIT = ['actions', 'entry', 'exit', 'understand'];

const CODES: { readonly [Each in Word]?: string } = {
  form: 'bad_form',
  questions: 'bad_form',
  service: 'bad_option',
  commands: 'bad_option',
};

/**
 * Refuses what a word does not take: an unknown key, an async function where the step needs its result.
 * @throws UsageError `bad_ask`, `bad_form`, `bad_option`
 */
export function checkWord(word: Word, given: unknown): void {
  const code = CODES[word] ?? 'bad_ask';
  checkOptions(`${word}()`, given, wordKeys()[word], { code, mayWait: MAY_WAIT });
  const { target } = given as { readonly target?: unknown };
  if (word !== 'choose' || typeof target !== 'object' || target === null) return;
  if (!Array.isArray(target)) return checkWays(target);
  for (const each of target as readonly unknown[]) {
    checkOptions('choose(): each `target` of a list', each, answeredKeys(), {
      code,
      mayWait: MAY_WAIT,
    });
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
    checkOptions('choose()', { [name]: way }, { [name]: wayKeys() }, rules);
    if (typeof (way as { readonly target?: unknown }).target !== 'string') {
      fail(`'${name}' has no \`target\`, which names the state to go to.`);
    }
  }
}

/** @throws UsageError `bad_option` */
export function checkSetup(config: unknown): void {
  checkOptions('setupDialogue()', config, setupKeys());
}
