import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../support/redis.ts';

export interface Nginx {
  readonly url: string;
  readonly version: string;
  stop(): Promise<void>;
}

/** The program of `NGINX_PROGRAM`, or the one of this machine, or undefined. */
export async function findNginx(): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const paths = [process.env['NGINX_PROGRAM'], ...folders.map((folder) => join(folder, 'nginx'))];
  for (const path of paths) {
    if (path === undefined || path === '') continue;
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

/**
 * The configuration of the page, with the test's servers in the place of those that it names.
 * @throws Error if the page lacks a line to replace
 */
export function configuration(
  page: string,
  { port, servers }: { readonly port: number; readonly servers: readonly string[] },
): string {
  const line = /^( *)server [^{\n]*?(:\d+)([^\n]*);\n/mu.exec(page);
  const others = page.replaceAll(/^ *server [^{\n]*;\n/gmu, '');
  const head = /^upstream [^\n]*\n[^\n]*hash [^\n]*\n/mu.exec(others)?.[0];
  if (line === null || head === undefined || !/^ *listen [^;]+;/mu.test(others)) {
    throw new Error('The page shows no upstream with a hash, a server in it, and where to listen.');
  }
  const [, indent = '', , rest = ''] = line;
  const ours = servers.map((server) => `${indent}server ${server}${rest};\n`).join('');
  return others
    .replace(head, head + ours)
    .replace(/^( *)listen [^;]+;/mu, `$1listen 127.0.0.1:${port};`);
}

/** Starts nginx in a new folder, with the rest of a configuration around the page's part. */
export async function startNginx(
  program: string,
  page: string,
  servers: readonly string[],
): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-nginx-'));
  const port = await freePort();
  await mkdir(join(folder, 'temporary'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, 'temporary')};`,
  );
  const config = join(folder, 'nginx.conf');
  await writeFile(
    config,
    `daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log stderr crit;
events { worker_connections 4096; }
http {
access_log off;
${temporary.join('\n')}
${configuration(page, { port, servers })}
}
`,
  );
  const child = spawn(program, ['-p', folder, '-c', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const abandon = (): boolean => child.kill('SIGKILL');
  process.once('exit', abandon);
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; !(await answers(url)); attempt += 1) {
    if (attempt === 200 || child.exitCode !== null) throw new Error('nginx did not start.');
    await pause(25);
  }
  return {
    url,
    version: await versionOf(program),
    async stop() {
      process.off('exit', abandon);
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

async function versionOf(program: string): Promise<string> {
  const child = spawn(program, ['-v'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const chunks: Buffer[] = [];
  for await (const chunk of child.stderr) chunks.push(chunk as Buffer);
  return /\d+\.\d+\.\d+/u.exec(Buffer.concat(chunks).toString())?.[0] ?? '?';
}
