import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../support/redis.ts';

/** A framework or a runtime that starts the files of the guide. */
export interface Host {
  readonly packages: readonly string[];
  /** A command that builds it. */
  readonly build?: readonly string[];
  /** A command; PORT says where it listens. */
  readonly start: readonly string[];
  /** What a project of it has beside the files of the guide. */
  readonly files?: Readonly<Record<string, string>>;
}

export const HOSTS: Readonly<Record<string, Host>> = {
  next: {
    packages: [
      ...['next@16', 'react@19', 'react-dom@19'],
      ...['typescript@6', '@types/node@20', '@types/react@19'],
    ],
    build: ['npx', '--no', 'next', 'build'],
    start: ['npx', '--no', 'next', 'start'],
    files: {
      'app/layout.tsx': `import type { ReactNode } from 'react';
export default function Layout({ children }: { children: ReactNode }) {
  return children;
}
`,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          ...{ target: 'ES2023', lib: ['ES2023', 'DOM'], module: 'ESNext', strict: true },
          ...{ moduleResolution: 'bundler', noEmit: true, skipLibCheck: true, types: ['node'] },
        },
        include: ['app', 'instrumentation.ts', 'bot.ts'],
      }),
    },
  },
  nitro: {
    packages: ['nitro@3.0.0'],
    build: ['npx', '--no', 'nitro', 'build'],
    start: ['node', '.output/server/index.mjs'],
  },
  bun: {
    packages: ['bun'],
    // Puts its program into its place, where npm runs no install scripts.
    build: ['node', 'node_modules/bun/install.js'],
    start: ['npx', '--no', 'bun', 'bun.ts'],
  },
  deno: { packages: ['deno'], start: ['npx', '--no', 'deno', 'run', '-A', 'deno.ts'] },
};

/** What the bot of the guide reads from its environment. */
export const settings = { TELEGRAM_TOKEN: '110201543:AAHdqTcv', TELEGRAM_SECRET: 'secret-token' };

let sent = 0;
/** A message as Telegram sends it. */
export function update(url: string): Request {
  sent += 1;
  const from = { id: 7, is_bot: false, first_name: 'Ann' };
  const message = { message_id: sent, date: 1, chat: { id: 7, type: 'private' }, from, text: 'hi' };
  return new Request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-telegram-bot-api-secret-token': settings.TELEGRAM_SECRET,
    },
    body: JSON.stringify({ update_id: sent, message }),
  });
}

/** @throws Error unless the host starts, answers a message, and refuses a forged one */
export async function answers(project: string, { start }: Host): Promise<void> {
  const port = await freePort();
  const [command = '', ...args] = start;
  const child = spawn(command, args, {
    cwd: project,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // What npx starts ends with it.
    detached: true,
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  const ended = once(child, 'close').then(() => 'ended' as const);
  try {
    const url = `http://127.0.0.1:${port}/bot`;
    const news = (): Promise<unknown> =>
      Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended]);
    const answer = await firstAnswer(url, news);
    const { text } = (await answer.json()) as { readonly text?: unknown };
    const forged = await fetch(url, { method: 'POST', body: '{}' });
    if (text !== 'Hello.' || forged.status !== 401) {
      throw new Error(
        `${start.join(' ')} answers ${String(text)}, and ${forged.status} to a forged message.`,
      );
    }
  } catch (error) {
    throw new Error(`${String(error)}\n${printed}`, { cause: error });
  } finally {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
}

/** A server that says something may listen now; one that ended never will. */
async function firstAnswer(url: string, news: () => Promise<unknown>): Promise<Response> {
  for (;;) {
    const heard = news();
    const answer = await fetch(update(url)).catch(() => undefined);
    if (answer !== undefined) return answer;
    if ((await heard) === 'ended') throw new Error('It ended before it answered.');
  }
}
