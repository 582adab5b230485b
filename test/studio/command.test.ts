import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CSRF_HEADER } from '../../src/studio/server/access.ts';
import type { StudioEvent } from '../../src/studio/server/desk.ts';
import { command, root } from '../cli/program.ts';

const ORDER = `import { setupDialogue, text } from 'colloquy';
import { hello } from './words.ts';

const { ask, createDialogue, done } = setupDialogue({ types: {} as { context: { name?: string } } });

export default createDialogue({
  id: 'order',
  context: {},
  initial: 'name',
  states: {
    name: ask({ question: hello, parse: text(), assign: 'name', target: 'over' }),
    over: done('Bye.'),
  },
});
`;
const WORDS = `export const hello: string = 'Who are you?';\n`;

interface RunningStudio {
  readonly child: ChildProcess;
  readonly url: string;
  readonly printed: () => string;
}

/** Runs the command in a folder beside this file. */
async function studioIn(folder: string, args: readonly string[]): Promise<RunningStudio> {
  const [file = '', ...flags] = command.map((flag) =>
    flag === 'tsx' ? import.meta.resolve('tsx') : flag,
  );
  const child = spawn(file, [...flags, 'studio', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  const url = new Promise<string>((resolve, reject) => {
    const take = (part: Buffer): void => {
      printed += part.toString();
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/u.exec(printed) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('close', () => reject(new Error(printed)));
  });
  return { child, url: await url, printed: () => printed };
}

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(root, 'test/studio/tmp-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/** A page: with the cookie that the token gives, and the events of its stream. */
async function pageOf(url: string): Promise<{
  ask(name: string, body: object): Promise<unknown>;
  until(isSo: (events: readonly StudioEvent[]) => boolean): Promise<readonly StudioEvent[]>;
}> {
  const entered = await fetch(url, { redirect: 'manual' });
  const cookie = entered.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  const { origin } = new URL(url);
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const events: StudioEvent[] = [];
  const stream = await fetch(`${origin}/events`, { headers: { cookie }, signal: abort.signal });
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  return {
    async ask(name, body) {
      const response = await fetch(`${origin}/api/${name}`, {
        method: 'POST',
        headers: { cookie, origin, 'content-type': 'application/json', [CSRF_HEADER]: '1' },
        body: JSON.stringify(body),
      });
      return response.json();
    },
    async until(isSo) {
      while (!isSo(events)) {
        const { value, done } = (await reader?.read()) ?? { done: true };
        if (done) throw new Error('The stream has ended.');
        const blocks = `${rest}${value ?? ''}`.split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const [, name, data] = /^event: (\w+)\ndata: (.*)$/mu.exec(block) ?? [];
          if (name !== undefined) {
            events.push({ name, data: JSON.parse(data ?? '') } as StudioEvent);
          }
        }
      }
      return events;
    },
  };
}

const lastReload = (events: readonly StudioEvent[]): string | undefined => {
  const hello = events.findLast(({ name }) => name === 'hello');
  return hello?.name === 'hello' ? hello.data.reload?.how : undefined;
};

describe('colloquy studio', () => {
  it('loads what was saved, keeps the conversation, and outlives a broken file', async () => {
    const folder = await folderWith({ 'dialogue.ts': ORDER, 'words.ts': WORDS });
    const { child, url } = await studioIn(folder, ['dialogue.ts']);
    const page = await pageOf(url);
    expect(await page.ask('say', { openid: 'ann', message: 'hi' })).toEqual({ outcome: 'replied' });
    // A file that it imports.
    await writeFile(join(folder, 'words.ts'), WORDS.replace('Who are you?', 'Your name?'));
    await page.until((events) => lastReload(events) === 'kept');
    await page.ask('say', { openid: 'bob', message: 'hi' });
    const said = await page.until((events) => JSON.stringify(events).includes('Your name?'));
    expect(JSON.stringify(said)).toContain('Who are you?');
    await writeFile(join(folder, 'dialogue.ts'), 'export default const;');
    await page.until((events) => events.some(({ name }) => name === 'problem'));
    expect(await page.ask('say', { openid: 'ann', message: 'Ann' })).toEqual({
      outcome: 'replied',
    });
    await writeFile(join(folder, 'dialogue.ts'), ORDER.replace('over:', 'end: {}, over:'));
    await page.until((events) => lastReload(events) === 'migrated');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('shows an example where it is given nothing, and answers with the token only', async () => {
    const folder = await folderWith({ 'package.json': '{}' });
    const { child, url, printed } = await studioIn(folder, ['--json']);
    const { dialogue, isExample } = JSON.parse(printed()) as Record<string, unknown>;
    expect({ dialogue, isExample }).toEqual({ dialogue: 'table', isExample: true });
    const { origin } = new URL(url);
    for (const path of ['/', '/events', '/?token=wrong', '/recording.colloquy.json']) {
      const refused = await fetch(`${origin}${path}`, { redirect: 'manual' });
      expect(refused.status).toBe(401);
    }
    const bare = await fetch(`${origin}/api/say`, { method: 'POST', body: '{}' });
    expect(bare.status).toBe(401);
    const page = await pageOf(url);
    expect(await page.ask('say', { openid: 'ann', message: 'hi' })).toEqual({ outcome: 'replied' });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
