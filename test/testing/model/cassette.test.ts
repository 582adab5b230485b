import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { type Model, type ModelRequest, openAiCompatible } from 'colloquy/model';
import {
  type CassetteOptions,
  cassette,
  converse,
  playTranscript,
  scripted,
} from 'colloquy/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asksPrice, failureOf, knowsPrice, streamed, wantsValue } from '../../model/requests.ts';
import { createDesk } from './desk.ts';

const folder = mkdtempSync(join(tmpdir(), 'cassette-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let number = 0;
let file = '';
beforeEach(() => {
  number += 1;
  file = join(folder, `${number}`, 'order.model.jsonl');
  // The tests of a recording run in CI as well.
  vi.stubEnv('CI', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const record = (model: Model) => cassette(file, { mode: 'record', model });
const asks = (text: string, system = 'You sell fruit.\nBe short.'): ModelRequest => ({
  messages: [
    { role: 'system', text: system },
    { role: 'user', text },
  ],
});

describe('a cassette', () => {
  it('replays what it has recorded, as a whole and in parts', async () => {
    const tape = record(
      scripted([
        { text: 'Hm.', calls: [{ name: 'price_of', input: { item: 'pear' } }] },
        { value: { item: 'pear', count: 2 } },
        { parts: ['2 ', 'euros.'] },
        { fails: 'rate_limited' },
      ]),
    );
    expect(tape.isRecording).toBe(true);
    const recorded = [
      await tape.generate(asksPrice),
      await tape.generate(wantsValue),
      await streamed(tape, knowsPrice),
      await failureOf(tape.generate(asks('x'))),
    ];
    tape.assertComplete();
    const replay = cassette(file);
    expect(replay.name).toBe('scripted');
    // In another order, with another key, and with the keys of objects in another order.
    const { tools = [], messages } = asksPrice;
    const [{ parameters, description, name }] = tools as [NonNullable<typeof tools>[number]];
    const same = { key: 'other', tools: [{ parameters, name, description }], messages };
    expect(await failureOf(replay.generate(asks('x')))).toEqual(recorded[3]);
    expect(await streamed(replay, knowsPrice)).toEqual(recorded[2]);
    expect(await replay.generate(wantsValue)).toEqual(recorded[1]);
    expect(await replay.generate(same)).toEqual(recorded[0]);
    replay.assertComplete();
  });

  it('never calls out where it replays, nor in CI', async () => {
    await record(scripted(['a'])).generate(asksPrice);
    const model = scripted([]);
    const replay = cassette(file, { mode: 'replay', model });
    expect(await replay.generate(asksPrice)).toMatchObject({ text: 'a' });
    vi.stubEnv('CI', 'true');
    const inCi = cassette(file, { mode: 'record', model });
    expect(inCi.isRecording).toBe(false);
    expect(await inCi.generate(asksPrice)).toMatchObject({ text: 'a' });
    expect(model.requests).toEqual([]);
  });

  it('takes a line for each call, so the same call made twice is two lines', async () => {
    const tape = record(scripted(['first', 'second']));
    await tape.generate(asksPrice);
    await tape.generate(asksPrice);
    const replay = cassette(file);
    const texts = [await replay.generate(asksPrice), await replay.generate(asksPrice)];
    expect(texts.map(({ text }) => text)).toEqual(['first', 'second']);
    const error = await failureOf(replay.generate(asksPrice));
    expect(error).toMatchObject({ code: 'not_recorded' });
    expect(String(error)).toContain('has this call 2 times, and it was made once more');
    expect(() => replay.assertComplete()).toThrow(error as Error);
  });

  it('shows which part of which message differs from the nearest call', async () => {
    const tape = record(scripted(['a', 'b']));
    await tape.generate(asksPrice);
    await tape.generate(asks('What do you have?'));
    const replay = cassette(file);
    const error = await failureOf(
      replay.generate(asks('What do you have?', 'You sell fruit.\nBe very short.')),
    );
    expect(error).toMatchObject({
      code: 'not_recorded',
      details: { line: 3, differs: ['messages[0] (system)'] },
    });
    expect(String(error)).toContain(
      [
        'The nearest one is on line 3. It differs (- recorded, + now) in',
        '',
        'messages[0] (system):',
        '  You sell fruit.',
        '- Be short.',
        '+ Be very short.',
      ].join('\n'),
    );
  });

  it('shows a tool and a schema that have changed', async () => {
    const tape = record(scripted(['a', { value: 1 }]));
    await tape.generate(asksPrice);
    await tape.generate(wantsValue);
    const replay = cassette(file);
    const tools = asksPrice.tools?.map((tool) => ({ ...tool, description: 'What it costs' })) ?? [];
    expect(await failureOf(replay.generate({ ...asksPrice, tools }))).toMatchObject({
      message: expect.stringMatching(
        /tools\[0\] \(price_of\):[^]*- {3}"description": "The price of an item",\n\+ {3}"description": "What it costs",/u,
      ) as string,
    });
    const schema = { ...wantsValue.schema, required: ['item'] };
    expect(await failureOf(replay.generate({ ...wantsValue, schema }))).toMatchObject({
      details: { differs: ['schema'] },
    });
  });

  it('reports the lines that no call has used', async () => {
    const tape = record(scripted(['a', 'b']));
    await tape.generate(asks('one'));
    await tape.generate(asks('two'));
    const replay = cassette(file);
    await replay.generate(asks('one'));
    expect(() => replay.assertComplete()).toThrow(
      expect.objectContaining({
        code: 'not_played',
        message: expect.stringContaining('line 3: user: two') as string,
        details: { lines: [3] },
      }),
    );
  });

  it('is written again by the first call of a recording, and not before', async () => {
    await record(scripted(['old'])).generate(asks('one'));
    const again = record(scripted(['new']));
    expect(readFileSync(file, 'utf8')).toContain('old');
    await again.generate(asks('one'));
    expect(readFileSync(file, 'utf8')).not.toContain('old');
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2);
  });

  it.each<[string, string | undefined, CassetteOptions, string, RegExp]>([
    ['is missing', undefined, {}, 'bad_file', /There is no cassette/u],
    ['is none', 'hello\n', {}, 'bad_file', /Line 1/u],
    ['is of another version', '{"cassette":9,"model":"m"}\n', {}, 'bad_file', /this version/u],
    ['has a broken line', '{"cassette":1,"model":"m"}\n{"request":', {}, 'bad_file', /Line 2/u],
    ['is recorded without a model', undefined, { mode: 'record' }, 'bad_option', /`model`/u],
    ['has an unknown mode', undefined, { mode: 'rec' as never }, 'bad_option', /'record'/u],
    ['has an unknown option', undefined, { mod: 'replay' } as never, 'bad_option', /did you mean/u],
  ])('is refused if it %s', (_name, text, options, code, message) => {
    const path = join(folder, `wrong-${number}.jsonl`);
    if (text !== undefined) writeFileSync(path, text);
    const make = () => cassette(path, options);
    expect(make).toThrow(expect.objectContaining({ code }));
    expect(make).toThrow(message);
  });
});

describe('a golden conversation', () => {
  const chat = readFileSync(new URL('./desk.chat', import.meta.url), 'utf8');

  it('is a transcript and its cassette', async () => {
    const model = cassette(new URL('./desk.model.jsonl', import.meta.url));
    const { same, diff } = await playTranscript(chat, createDesk(model));
    expect({ same, diff }).toEqual({ same: true, diff: '' });
    model.assertComplete();
  });

  it('shows the prompt that has changed, and not only the answer that is missing', async () => {
    const model = cassette(new URL('./desk.model.jsonl', import.meta.url));
    const { same } = await playTranscript(chat, createDesk(model, 'You sell fruit.\nBe kind.'));
    expect(same).toBe(false);
    expect(() => model.assertComplete()).toThrow(/- Be short\.\n\+ Be kind\./u);
  });

  it('is recorded from a real server, for which virtual time waits; no key is in the file', async () => {
    const server = new LLMock({ port: 0, latency: 5 });
    server.onMessage('What do you have?', { content: 'We have pears.' });
    server.onMessage('And today?', { content: 'Today they are cheap.' });
    await server.start();
    const apiKey = 'sk-never-in-a-file';
    const baseUrl = `${server.url}/v1`;
    const headers = { 'x-account': 'account-never-in-a-file' };
    const tape = record(openAiCompatible({ baseUrl, apiKey, headers, model: 'gpt-4o' }));
    try {
      const { same, diff } = await playTranscript(chat, createDesk(tape));
      expect({ same, diff }).toEqual({ same: true, diff: '' });
    } finally {
      await server.stop();
    }
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('never-in-a-file');
    expect(text).not.toContain(baseUrl);
    expect(text.trim().split('\n')).toHaveLength(3);
    const replay = cassette(file);
    const replayed = converse(createDesk(replay));
    expect(await replayed.say('What do you have?')).toEqual(['We have pears.']);
    expect(await replayed.say('And today?')).toEqual(['Today they are cheap.']);
    replay.assertComplete();
    expect(existsSync(file)).toBe(true);
  });
});
