import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fromPromise } from 'xstate';
import { type DraftEvent, createRunner, setupDialogue } from 'colloquy';
import { generateWithDrafts } from 'colloquy/model';
import { type RecordingOptions, recordConversations } from 'colloquy/studio';
import { scripted } from 'colloquy/testing';
import { recordingInText } from '../../src/studio/recording/recording-lines.ts';
import { channels } from '../../src/runner/reporting/trace.ts';
import type { StudioRecording } from '../../src/studio/wire.ts';
import { bundle } from '../support/bundle.ts';

const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
const talk = createDialogue({
  id: 'talk',
  context: {},
  on: { 'message.text': { actions: reply('A secret answer.') } },
});

/** Its service streams a story of a model. */
const teller = (() => {
  const { createDialogue: create, reply: say } = setupDialogue({
    types: {} as { context: object },
    actors: {
      story: fromPromise<string, undefined, DraftEvent>(async ({ emit }) => {
        const model = scripted(['A secret story.']);
        const messages = [{ role: 'user', text: 'A secret prompt.' }] as const;
        return (await generateWithDrafts(model, { messages }, emit)).text;
      }),
    },
  });
  return create({
    id: 'teller',
    context: {},
    initial: 'ready',
    states: {
      ready: { on: { 'message.text': 'telling' } },
      telling: {
        invoke: {
          src: 'story',
          onDone: { target: 'ready', actions: say(({ event }) => event.output) },
          onError: 'ready',
        },
      },
    },
  });
})();

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-recording-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'bot.colloquy.json');
}

function record(options: Partial<RecordingOptions> = {}) {
  const file = options.file ?? newFile();
  const runner = createRunner(talk);
  const recorder = recordConversations(runner, { file, ...options });
  onTestFinished(async () => {
    recorder.close();
    await runner.stop();
  });
  return { file, runner, recorder };
}

function read(file: string): StudioRecording {
  return recordingInText(readFileSync(file, 'utf8')) as StudioRecording;
}

describe('a recording', () => {
  test('is whole after each turn', async () => {
    const { file, runner } = record({ redact: false });
    expect(read(file)).toMatchObject({ colloquy: 'recording', wire: 1, turns: [] });
    await runner.handle('ann', 'hi');
    expect(read(file)).toMatchObject({
      hello: { kind: 'recording', powers: [], dialogue: { id: 'talk' } },
      turns: [{ turn: 1, openid: 'ann', label: 'hi' }],
    });
    await runner.handle('ann', 'you');
    expect(read(file)).toMatchObject({
      turns: [{ turn: 1 }, { turn: 2 }],
      conversations: [{ openid: 'ann' }],
    });
  });

  test('has no text and no openid by default, and no other user may read it', async () => {
    const { file, runner, recorder } = record();
    await runner.handle('openid-of-ann', 'a secret question');
    recorder.close();
    expect(readFileSync(file, 'utf8')).not.toMatch(/secret|openid-of-ann/u);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  test('has the calls of models, also of a process that was killed, and no draft', async () => {
    const file = newFile();
    const runner = createRunner(teller);
    const recorder = recordConversations(runner, { file, redact: false });
    onTestFinished(async () => {
      recorder.close();
      await runner.stop();
    });
    await runner.handle('ann', 'a story');
    const text = readFileSync(file, 'utf8');
    expect(read(file).models).toMatchObject([
      {
        call: 1,
        turn: 1,
        by: { kind: 'service', name: 'story' },
        messages: [{ role: 'user', text: 'A secret prompt.' }],
        end: { words: { text: 'A secret story.' } },
      },
    ]);
    expect(text).not.toContain('"draft"');
    // The charts are there, and the file was written again as a whole.
    await expect.poll(() => read(file).hello.charts.length).toBeGreaterThan(0);
    expect(read(file).models).toHaveLength(1);
  });

  test('hides what models are asked and answer by default', async () => {
    const file = newFile();
    const runner = createRunner(teller);
    const recorder = recordConversations(runner, { file });
    await runner.handle('ann', 'a story');
    recorder.close();
    await runner.stop();
    expect(read(file).models).toMatchObject([
      { messages: [{ role: 'user', length: 16 }], end: { words: { length: 15 } } },
    ]);
    expect(readFileSync(file, 'utf8')).not.toContain('secret');
  });

  test('has a maximum of bytes, and counts the turns that had to go', async () => {
    const { file, runner } = record({ maxBytes: 20_000 });
    for (let count = 0; count < 200; count += 1) await runner.handle('ann', 'hi');
    expect(statSync(file).size).toBeLessThan(25_000);
    const { turns, dropped } = read(file);
    expect(turns.at(-1)?.turn).toBe(200);
    expect(turns.length).toBeGreaterThan(3);
    expect(dropped).toBeGreaterThan(100);
  });

  test('of the process before this one is kept', async () => {
    const file = newFile();
    const first = record({ file });
    await first.runner.handle('ann', 'hi');
    first.recorder.close();
    record({ file });
    const before = file.replace('.colloquy.json', '.before.colloquy.json');
    expect(read(before).turns).toHaveLength(1);
    expect(read(file).turns).toHaveLength(0);
  });

  test('ends when it is closed, and the runner goes on', async () => {
    const { file, runner, recorder } = record();
    recorder.close();
    expect((await runner.handle('ann', 'hi')).outcome).toBe('replied');
    expect(read(file).turns).toHaveLength(0);
  });

  test('that cannot begin leaves nothing behind', () => {
    const file = join(newFile(), 'there-is-no-such-folder.colloquy.json');
    const before = channels.start.hasSubscribers;
    expect(() => recordConversations(createRunner(talk), { file })).toThrow(/ENOENT/u);
    expect([before, channels.start.hasSubscribers]).toEqual([false, false]);
  });

  test('of another name is refused', () => {
    const runner = createRunner(talk);
    onTestFinished(() => runner.stop());
    expect(() => recordConversations(runner, { file: 'bot.json' })).toThrow(/\.colloquy\.json/u);
  });
});

test('a process that is killed at any moment leaves a recording that opens', async () => {
  const program = (await bundle('test/studio/recorded-process.ts'))(
    'test/studio/recorded-process.ts',
  );
  for (const least of [50, 150, 400]) {
    const file = newFile();
    const child = spawn(process.execPath, [program, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = 0;
    for await (const text of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      said = Math.max(said, ...text.trim().split('\n').map(Number));
      if (said >= least) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { turns } = read(file);
    expect(turns.at(-1)?.turn).toBeGreaterThanOrEqual(said);
    expect(
      readdirSync(join(file, '..')).filter((name) => name.endsWith('.colloquy.json')),
    ).toHaveLength(1);
    expect(existsSync(file)).toBe(true);
  }
});

test('a line that was cut off is left out', () => {
  const whole = JSON.stringify({ colloquy: 'recording', wire: 1, turns: [], conversations: [] });
  const turn = JSON.stringify({ name: 'turn', data: { turn: 1 } });
  const text = `${whole}\n${turn}\n${turn.slice(0, 12)}`;
  expect(recordingInText(text)).toMatchObject({ turns: [{ turn: 1 }] });
  expect(recordingInText(JSON.stringify(JSON.parse(whole), null, 2))).toMatchObject({ wire: 1 });
  expect(() => recordingInText('{')).toThrow(SyntaxError);
});
