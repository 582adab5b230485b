import type { Model } from 'colloquy/model';
import { type ScriptedAnswer, converse, createManualClock, scripted } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { asksPrice, failureOf, streamed, wantsValue } from '../../model/requests.ts';
import { createDesk } from './desk.ts';

const usage = { inputTokens: 3, outputTokens: 4 };

describe('a scripted model', () => {
  it.each<[string, ScriptedAnswer, object]>([
    ['a text', 'Hello.', { text: 'Hello.', calls: [], finish: 'stop' }],
    [
      'calls of tools, with the text before them',
      {
        text: 'Hm.',
        calls: [
          { name: 'price_of', input: { item: 'pear' } },
          { name: 'no', id: 'x' },
        ],
      },
      {
        text: 'Hm.',
        calls: [
          { id: 'call_1_1', name: 'price_of', input: { item: 'pear' } },
          { id: 'x', name: 'no', input: {} },
        ],
        finish: 'calls',
      },
    ],
    ['a refusal', { refuses: 'No.' }, { text: 'No.', calls: [], finish: 'refusal' }],
    [
      'an answer that was cut short',
      { text: 'He', finish: 'length', usage },
      { text: 'He', finish: 'length', usage },
    ],
    [
      'what a function says',
      ({ messages }) => `${messages.length} messages`,
      { text: '2 messages' },
    ],
    ['what a function promises', async () => ({ refuses: 'No.' }), { finish: 'refusal' }],
  ])('answers with %s, as a whole and in parts', async (_name, answer, expected) => {
    const model = scripted([answer]);
    expect(await model.generate(asksPrice)).toMatchObject(expected);
    const { response, parts } = await streamed(scripted([answer]), asksPrice);
    expect(response).toMatchObject(expected);
    expect(parts.join('')).toBe(response?.text);
    model.assertComplete();
  });

  it.each<[string, ScriptedAnswer, unknown, string]>([
    [
      'right',
      { value: { item: 'pear', count: 2 } },
      { item: 'pear', count: 2 },
      '{"item":"pear","count":2}',
    ],
    ['of a wrong type', { value: { item: 3 } }, { item: 3 }, '{"item":3}'],
    ['that is nonsense', 'A pear!', undefined, 'A pear!'],
    ['whose JSON breaks off', { text: '{"item":"pe', finish: 'length' }, undefined, '{"item":"pe'],
  ])('answers with a value %s', async (_name, answer, value, text) => {
    const response = await scripted([answer]).generate(wantsValue);
    expect(response).toMatchObject({ text });
    expect(response.value).toEqual(value);
  });

  it('fails as it is asked to', async () => {
    const model = scripted([{ fails: 'rate_limited' }, { cutOff: 'We ha' }, { cutOff: 'We ha' }]);
    expect(await failureOf(model.generate(asksPrice))).toMatchObject({
      code: 'model_failed',
      retryable: true,
      details: { model: 'scripted', reason: 'rate_limited' },
    });
    expect(await failureOf(model.generate(asksPrice))).toMatchObject({
      details: { reason: 'bad_answer', problem: 'cut_off' },
    });
    const parts: string[] = [];
    const reading = (async () => {
      for await (const part of model.stream(asksPrice)) {
        if (part.type === 'text') parts.push(part.text);
      }
    })();
    expect(await failureOf(reading)).toMatchObject({ details: { problem: 'cut_off' } });
    expect(parts).toEqual(['We ', 'ha']);
  });

  it('is late on the clock of the test, within a stream as well', async () => {
    const clock = createManualClock();
    const model = scripted(
      [{ takes: { seconds: 3 }, answer: 'late' }, { parts: ['One ', { takes: 500 }, 'moment.'] }],
      { clock },
    );
    let text = '';
    void model.generate(asksPrice).then((response) => (text = response.text));
    await clock.advance(2999);
    expect(text).toBe('');
    await clock.advance(1);
    expect(text).toBe('late');
    const seen: string[] = [];
    const reading = (async () => {
      for await (const part of model.stream(asksPrice)) {
        seen.push(part.type === 'text' ? part.text : part.response.text);
      }
    })();
    await clock.advance(499);
    expect(seen).toEqual(['One ']);
    await clock.advance(1);
    await reading;
    expect(seen).toEqual(['One ', 'moment.', 'One moment.']);
  });

  it('gives up when its caller does', async () => {
    const model = scripted([{ takes: 1000, answer: 'late' }], { clock: createManualClock() });
    const caller = new AbortController();
    const failure = failureOf(model.generate({ ...asksPrice, signal: caller.signal }));
    caller.abort(new Error('left'));
    expect(await failure).toMatchObject({ message: 'left' });
    const late = scripted(['not asked for']);
    expect(await failureOf(late.generate({ ...asksPrice, signal: caller.signal }))).toMatchObject({
      message: 'left',
    });
    expect(late.requests).toEqual([]);
  });

  it('keeps its requests as they were, though the program goes on with its list', async () => {
    const model = scripted(['a']);
    const messages = [...asksPrice.messages];
    await model.generate({ messages, key: 'k' });
    messages.push({ role: 'user', text: 'later' });
    expect(model.requests).toMatchObject([{ key: 'k', messages: asksPrice.messages }]);
    expect(model.requests[0]?.messages).toHaveLength(2);
  });

  it('fails at a request beyond its script, and says which one', async () => {
    const model = scripted([]);
    const error = await failureOf(model.generate(asksPrice));
    expect(error).toMatchObject({ code: 'off_script', retryable: false });
    expect(String(error)).toContain('The script has 0 answers');
    expect(String(error)).toContain('user: What is a pear? | tools: price_of');
    expect(() => model.assertComplete()).toThrow(error as Error);
  });

  it('says how much of its script is left', () => {
    const model = scripted(['a', 'b'], { name: 'two' });
    expect(() => model.assertComplete()).toThrow(
      expect.objectContaining({
        code: 'not_played',
        message: expect.stringContaining("'two' has 2 answers, and 0 requests came") as string,
      }),
    );
  });

  it.each<[string, unknown, object, RegExp]>([
    ['no list', 'Hello.', {}, /takes a list/u],
    ['an unknown key', [{ txet: 'a' }], {}, /did you mean 'text'/u],
    ['a failure with a text', [{ fails: 'timeout', text: 'a' }], {}, /'text' is not an option/u],
    ['a number', [3], {}, /An answer of scripted\(\)/u],
    ['time without a clock', [{ takes: 3, answer: 'a' }], {}, /needs the clock/u],
    ['an unknown option', [], { nane: 'a' }, /did you mean 'name'/u],
  ])('refuses %s', (_name, script, options, text) => {
    const make = () => scripted(script as ScriptedAnswer[], options);
    expect(make).toThrow(expect.objectContaining({ code: 'bad_option' }));
    expect(make).toThrow(text);
  });
});

describe('a conversation with a scripted model', () => {
  it('runs on virtual time, and leaves nothing of the script', async () => {
    const clock = createManualClock();
    const model = scripted(
      ['We have pears.', { fails: 'unavailable' }, { takes: { seconds: 9 }, answer: 'Two euros.' }],
      { clock },
    );
    const chat = converse(createDesk(model), { clock });
    expect(await chat.say('What do you have?')).toEqual(['We have pears.']);
    expect(await chat.say('And apples?')).toEqual(['I cannot answer now.']);
    await chat.say('How much?');
    expect(chat.outcome).toBe('waiting');
    expect(await chat.until('ready')).toEqual(['Two euros.']);
    model.assertComplete();
  });

  it('asks again with the same key after a crash', async () => {
    const clock = createManualClock();
    const late: ScriptedAnswer = { takes: { seconds: 2 }, answer: 'Pears.' };
    const model = scripted([late, late], { clock });
    const chat = converse(createDesk(model), { clock });
    await chat.say('What do you have?');
    await chat.crash();
    expect(await chat.advance({ seconds: 2 })).toEqual(['Pears.']);
    const [first, second] = model.requests;
    expect(second?.key).toBe(first?.key);
  });

  it('shows a request beyond the script though the dialogue has an answer to failures', async () => {
    const model: Model & { assertComplete(): void } = scripted(['We have pears.']);
    const chat = converse(createDesk(model));
    await chat.say('What do you have?');
    expect(await chat.say('And plums?')).toEqual(['I cannot answer now.']);
    expect(() => model.assertComplete()).toThrow(/user: And plums\?/u);
  });
});
