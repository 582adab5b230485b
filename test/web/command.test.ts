import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { cli, fixtures, temporaryFolder } from '../cli/program.ts';
import { canShowPages } from '../support/browser.ts';
import { accessibilityProblems, people } from './browser-pages.ts';

interface Serving {
  /** The address that it printed. */
  readonly url: string;
  /** What it complained about until now. */
  complaints(): string;
  /** Ends it, as Ctrl-C does. @returns its exit code, and all that it printed */
  end(): Promise<{ readonly code: number; readonly out: string }>;
}

/** `colloquy chat --web` in this process. */
async function chatWeb(args: readonly string[], cwd = fixtures): Promise<Serving> {
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let [out, err] = ['', ''];
  stderr.on('data', (part: Buffer) => (err += part.toString()));
  const url = new Promise<string>((resolve) => {
    stdout.on('data', (part: Buffer) => {
      out += part.toString();
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/u.exec(out) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const code = run(['chat', ...args, '--web'], {
    cwd,
    stdin: Readable.from(['']),
    stdout,
    stderr,
    load: (path) => import(path) as Promise<unknown>,
    stopped: () => stopped,
    again: () => Promise.reject(new Error('No test in this process watches.')),
  });
  onTestFinished(async () => {
    stop();
    await code;
  });
  return {
    url: await Promise.race([url, code.then(() => Promise.reject(new Error(err)))]),
    complaints: () => err,
    async end() {
      stop();
      return { code: await code, out };
    },
  };
}

describe('chat --web', () => {
  it('serves one page, to those who have its token', async () => {
    const { url, end } = await chatWeb(['tea.ts']);
    const { origin } = new URL(url);
    const get = (path: string, headers: Record<string, string> = {}) =>
      fetch(new URL(path, origin), { headers, redirect: 'manual' });
    const forged = await Promise.all(
      ['/', '/?token=', '/?token=x', '/?as=bob'].map((path) => get(path)),
    );
    expect(forged.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    const hello = {
      method: 'POST',
      body: '{"type":"hello"}',
      headers: { 'content-type': 'application/json', origin },
    };
    expect((await fetch(`${origin}/chat`, hello)).status).toBe(401);
    expect((await get('/other')).status).toBe(404);

    const opened = await get(`${url}&as=bob`);
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/?as=bob']);
    const cookie = opened.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^colloquy-\w+=[\w-]{32}; Path=\/; HttpOnly; SameSite=Strict$/u);
    const [pair = ''] = cookie.split(';');
    const [name = ''] = pair.split('=');
    expect((await get('/', { cookie: `a=b;${name}=stale;${pair}` })).status).toBe(200);
    const page = await get('/?as=%22%3E%3Cscript%3E', { cookie: pair });
    expect(page.headers.get('content-security-policy')).toContain(
      "default-src 'none'; script-src 'self'",
    );
    expect(await page.text()).toContain('title="tea: &quot;&gt;&lt;script&gt;"');
    const welcome = await fetch(`${origin}/chat`, {
      ...hello,
      headers: { ...hello.headers, cookie: pair },
    });
    expect(await welcome.json()).toMatchObject({ type: 'welcome', isNew: true });

    const { code, out } = await end();
    expect(code).toBe(0);
    expect(out).toBe(
      `tea is at ${url}\nAnother user is at the same address with &as=bob. Ctrl-C ends.\n`,
    );
    await expect(fetch(origin)).rejects.toThrow('fetch failed');
  });

  it('prints its address as JSON, and takes a port', async () => {
    const first = await chatWeb(['tea.ts', '--json']);
    const { port } = new URL(first.url);
    const second = await cli(['chat', 'tea.ts', '--web', '--port', port]);
    expect(second).toMatchObject({ code: 2, out: '' });
    expect(second.err).toContain(`Port ${port} is in use.`);
    expect(JSON.parse((await first.end()).out)).toEqual({ url: first.url });
  });

  it.each([
    [['--port', '80'], '--port is that of the page of --web.'],
    [['--web', '--port', '65536'], '--port is a number from 0 to 65535'],
    [['--web', '--port', 'http'], '--port is a number from 0 to 65535'],
  ])('refuses %j', async (args, problem) => {
    const { code, err } = await cli(['chat', 'tea.ts', ...args]);
    expect(code).toBe(2);
    expect(err).toContain(problem);
  });
});

describe.skipIf(!canShowPages)('the page of chat --web', () => {
  const { person } = people();

  it('is the dialogue, for each user that the address names', async () => {
    const { url } = await chatWeb(['tea.ts']);
    const somebody = await person();
    const [you, bob] = [await somebody.open(url), await somebody.open(`${url}&as=bob`)];
    await you.say('hi');
    await bob.say('hi');
    await you.say('3');
    await expect.poll(() => you.lines()).toHaveLength(4);
    await expect.poll(() => bob.lines()).toHaveLength(2);
    expect(new URL(you.page.url()).search).toBe('');
    expect(await accessibilityProblems(you.page)).toEqual([]);
    await you.page.reload();
    await expect.poll(() => you.lines()).toHaveLength(4);
  });

  it('speaks Chinese where the browser does, and says in the terminal what went wrong', async () => {
    const cwd = temporaryFolder({
      'failing.ts': `
        import { setupDialogue } from 'colloquy';
        const { createDialogue, reply } = setupDialogue({ actions: { log: () => { throw new Error('the log is full'); } } });
        export default createDialogue({ id: 'failing', context: {}, initial: 'open', states: { open: {
          on: { 'message.text': { actions: ['log', reply('Noted.')] } } } } });`,
    });
    const serving = await chatWeb([join(cwd, 'failing.ts')], cwd);
    const ann = await (await person({ locale: 'zh-CN' })).open(serving.url);
    await expect.poll(() => ann.page.getByRole('textbox', { name: '输入消息' }).count()).toBe(1);
    await ann.say('hi');
    await expect.poll(() => serving.complaints()).toContain('the log is full');
    expect(serving.complaints().match(/the log is full/gu)).toHaveLength(1);
  });
});
