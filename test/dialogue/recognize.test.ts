import fc from 'fast-check';
import { type AnyStateMachine, setup } from 'xstate';
import { describe, expect, it } from 'vitest';
import {
  type IntentRecognizer,
  type Message,
  type RecognizeAbout,
  keywords,
  mentions,
  pattern,
} from 'colloquy';
import { checkDialogue } from '../../src/dialogue/engine/validate.ts';
import { createEngine } from '../../src/dialogue/engine/engine.ts';
import { type DeclaredIntents, withIntents } from '../../src/dialogue/engine/intents.ts';

const ABOUT: RecognizeAbout = {
  openid: 'u',
  intents: [],
  signal: new AbortController().signal,
  takes: [],
  dialogue: { status: 'active', value: {}, children: {} },
  question: undefined,
  slots: [],
  history: [],
  context: {},
};
const ask = (recognizer: IntentRecognizer, said: string | Message): unknown =>
  recognizer(typeof said === 'string' ? { type: 'message.text', text: said } : said, ABOUT);

describe('keywords', () => {
  const cancel = keywords('cancel', 'never mind', '取消', '?');

  it.each<[said: string | Message, recognised: boolean]>([
    ['cancel', true],
    [' CANCEL! ', true],
    ['Never  mind.', true],
    ['取消', true],
    ['？', true],
    ['do not cancel', false],
    ['取消订单', false],
    ['', false],
    [{ type: 'message.voice', transcript: 'Cancel.' }, true],
    [{ type: 'message.action', value: 'x', label: 'Cancel' }, true],
    [{ type: 'message.image' }, false],
    [{ type: 'event.follow' }, false],
  ])('%j: %s', (said, recognised) => expect(ask(cancel, said)).toBe(recognised));
});

describe('mentions', () => {
  const refund = mentions('refund', 'money back', '退款', 'café');

  it.each<[said: string | Message, score: number]>([
    ['refund', 1],
    ['a refund', 6 / 8],
    ['Refund, please', 6 / 14],
    ['I want my money back', 10 / 20],
    ['refund: I want my money back', 10 / 28],
    ['refunds', 0],
    ['prerefund', 0],
    ['refund2', 0],
    ['我要退款', 2 / 4],
    ['我要refund。', 6 / 8],
    ['退款', 1],
    ['un café noir', 4 / 12],
    ['cafés', 0],
    ['', 0],
    [{ type: 'message.action', value: 'money back now', label: 'Refund' }, 1],
    [{ type: 'message.image' }, 0],
  ])('%j: %s', (said, score) => expect(ask(refund, said)).toBe(score));

  it('takes every character of a word for what it is', () => {
    expect(ask(mentions('a.b*c[d'), 'say a.b*c[d now')).toBeGreaterThan(0);
    expect(ask(mentions('a.b*c[d'), 'say aXb*c[d now')).toBe(0);
  });
});

describe('pattern', () => {
  it('gives its named groups as values', () => {
    const order = pattern(/^order (?<dish>\w+)( for (?<guests>\d+))?$/iu, /^(?<dish>\w+) now$/u);
    expect(ask(order, ' Order Tea for ２')).toEqual({
      score: 1,
      values: { dish: 'Tea', guests: '2' },
    });
    expect(ask(order, 'order tea')).toEqual({ score: 1, values: { dish: 'tea' } });
    expect(ask(order, 'tea now')).toEqual({ score: 1, values: { dish: 'tea' } });
    expect(ask(order, 'tea')).toBeUndefined();
    expect(ask(order, { type: 'message.image' })).toBeUndefined();
  });

  it('keeps no state between messages', () => {
    const lucky = pattern(/7/gy);
    for (let time = 0; time < 3; time += 1) expect(ask(lucky, '77')).toMatchObject({ score: 1 });
  });
});

describe('what can never be recognised', () => {
  it.each<[what: string, define: () => unknown]>([
    ['no keyword', () => keywords()],
    ['an empty keyword', () => keywords('a', ' ')],
    ['a pattern among keywords', () => keywords(/a/u as never)],
    ['nothing to be mentioned', () => mentions()],
    ['no pattern', () => pattern()],
    ['a string as a pattern', () => pattern('a' as never)],
  ])('is refused: %s', (_what, define) => {
    expect(define).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'bad_phrase' }) as Error,
    );
  });
});

it('keywords, mentions and pattern never throw on any text', () => {
  const all = [keywords('a', '取消'), mentions('a', '取消'), pattern(/(?<a>.)\w*$/u)];
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (said) => {
      for (const recognizer of all) ask(recognizer, said);
    }),
    { numRuns: 10_000 },
  );
});

/** A machine that takes these types, with these sub-dialogues. */
function machine(
  intents: DeclaredIntents,
  types: readonly string[] = [],
  actors: Record<string, AnyStateMachine> = {},
): AnyStateMachine {
  const on = Object.fromEntries(types.map((type) => [type, {}]));
  const config = { id: 'd', initial: 'a', context: {}, states: { a: { on } } };
  const made = setup({ actors: actors as never }).createMachine(
    withIntents(config, intents) as never,
  );
  return made as unknown as AnyStateMachine;
}

const yes: IntentRecognizer = () => true;
const no: IntentRecognizer = () => false;

describe('the intents of a dialogue', () => {
  it.each(['cancel', 'order.tea', 'a', 'A-1_b', 'constructor'])('may be called %s', (name) => {
    expect(createEngine(machine({ intents: { [name]: yes } })).declared).toContain(
      `intent.${name}`,
    );
  });

  it.each(['', '*', 'order.*', '1st', '.a', 'a.', 'a b', '取消', 'a..b', '-a'])(
    'may not be called %j',
    (name) => {
      expect(() => withIntents({}, { intents: { [name]: yes } })).toThrow(
        expect.objectContaining({ name: 'UsageError', code: 'bad_intent' }) as Error,
      );
    },
  );

  it.each<[what: string, definition: unknown]>([
    ['a string', 'cancel'],
    ['null', null],
    ['true', true],
    ['a list', []],
    ['an object with something in it', { keywords: [] }],
  ])('may not be %s', (_what, definition) => {
    expect(() => withIntents({}, { intents: { cancel: definition as never } })).toThrow(
      expect.objectContaining({ code: 'bad_intent' }) as Error,
    );
  });

  it('may be recognised elsewhere', () => {
    const recognize = (): [] => [];
    const { intents } = createEngine(machine({ intents: { refund: {} }, recognize }));
    expect([...intents.named]).toEqual([['refund', undefined]]);
    expect(intents.recognizers).toEqual([recognize]);
    expect(() => withIntents({}, { recognize: 'model' as never })).toThrow(
      expect.objectContaining({ code: 'bad_intent' }) as Error,
    );
  });

  it('stay with the machine when XState makes another one of it', () => {
    const provided = machine({ intents: { cancel: yes } }).provide({ actions: {} });
    expect([...createEngine(provided).intents.named.keys()]).toEqual(['cancel']);
  });

  it('are those of its sub-dialogues, too; of one name, the outermost recognises', () => {
    const model = (): [] => [];
    const inner = machine({ intents: { both: no, inner: yes, given: yes }, recognize: model });
    const outer = machine({ intents: { outer: yes, both: yes, given: {} } }, [], { inner });
    const { intents, declared } = createEngine(outer);
    expect([...intents.named]).toEqual([
      ['outer', yes],
      ['both', yes],
      ['given', yes],
      ['inner', yes],
    ]);
    expect(intents.recognizers).toEqual([model]);
    expect(declared).toContain('intent.inner');
  });

  it('are none where none are declared', () => {
    const { intents } = createEngine(machine({}, ['intent.order']));
    expect(intents).toEqual({ named: new Map(), recognizers: [] });
  });
});

describe('a transition on an intent', () => {
  const intents = { intents: { order: yes, 'pay.card': yes } };

  it.each([
    'intent.order',
    'intent.*',
    'intent.pay.*',
    'intent.pay.card',
    'intent.pay.card.*',
    'intent.help',
    'intent.cancel',
    'intent.back',
    'intent.restart',
  ])('may be on %s', (type) => {
    expect(() => checkDialogue(machine(intents, [type]))).not.toThrow();
  });

  it.each(['intent.ordr', 'intent.pay', 'intent.pa.*', 'intent.order.tea'])(
    'is refused on %s, which the dialogue does not declare',
    (type) => {
      const act = (): void => checkDialogue(machine(intents, [type]));
      expect(act).toThrow(
        expect.objectContaining({
          code: 'bad_dialogue',
          details: { dialogue: 'd', state: 'd.a' },
        }) as Error,
      );
      expect(act).toThrow(type);
    },
  );

  it('may be on one that a sub-dialogue declares', () => {
    expect(() =>
      checkDialogue(
        machine({ intents: { a: yes } }, ['intent.order'], { inner: machine(intents) }),
      ),
    ).not.toThrow();
  });

  it('may be on any where the dialogue declares none: they come from outside', () => {
    expect(() => checkDialogue(machine({}, ['intent.anything']))).not.toThrow();
  });
});
