import { randomBytes } from 'node:crypto';
import type { AnyStateMachine } from 'xstate';
import { isOneOf } from '../../channels/secrets.ts';
import { createWebChat } from '../../channels/web/index.ts';
import { createContextStore } from '../../context/store.ts';
import { cookiesOf } from '../../internal/cookies.ts';
import type { RunnerOptions } from '../../runner/options.ts';
import { createRunner } from '../../runner/create-runner.ts';
import { serveHere } from '../local-server.ts';
import { browserPage } from './browser-page.ts';

export interface BrowserTalkOptions {
  /** On this machine; 0 takes a free one. */
  readonly port: number;
  /** The user, where the address names no other. */
  readonly main: string;
  readonly runner: Omit<RunnerOptions, 'store' | 'clock' | 'createId'>;
  /** Told of what goes wrong. */
  onError(error: unknown): void;
}

export interface BrowserTalk {
  /** The address to open. The token in it is the key: without it, no other user of this machine gets in. */
  readonly url: string;
  /** Answers what has arrived, and ends. */
  close(): Promise<void>;
}

/** A person at a keyboard, and a test that is faster. */
const RATE = { perMinute: 6000, burst: 1000 };

/**
 * Serves a dialogue to the browsers of this machine, in real time and in memory. The address names the user, as
 * `&as=bob`: two of them can talk in two tabs.
 * @throws UsageError `bad_arguments` where the port is taken
 */
export async function talkInBrowser(
  dialogue: AnyStateMachine,
  { port, main, runner: options, onError }: BrowserTalkOptions,
): Promise<BrowserTalk> {
  const store = createContextStore();
  const runner = createRunner(dialogue, { ...options, store });
  const key = randomBytes(24).toString('base64url');
  // Cookies do not know ports: another talk on this machine has another key.
  const cookieName = `colloquy-${randomBytes(6).toString('hex')}`;
  const isKey = (given: string): boolean => isOneOf([key], given);
  const isLetIn = (request: Request): boolean => cookiesOf(request, cookieName).some(isKey);
  const chat = createWebChat(runner, {
    getUser: (request) => (isLetIn(request) ? userIn(new URL(request.url), main) : undefined),
    rate: RATE,
    onError,
  });
  runner.on('error', ({ error }) => onError(error));

  const answer = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/chat' || pathname === '/chat/chat.js') return chat(request);
    if (pathname !== '/' || request.method !== 'GET') return new Response(null, { status: 404 });
    const name = searchParams.get('as') ?? '';
    const as = name === '' ? '' : `?${String(new URLSearchParams({ as: name }))}`;
    if (isKey(searchParams.get('token') ?? '')) {
      // The key leaves the address, so that no history and no screenshot has it.
      const cookie = `${cookieName}=${key}; Path=/; HttpOnly; SameSite=Strict`;
      return new Response(null, {
        status: 303,
        headers: { location: `/${as}`, 'set-cookie': cookie },
      });
    }
    if (!isLetIn(request)) return new Response(LOCKED, { status: 403 });
    const title = name === '' ? dialogue.id : `${dialogue.id}: ${name}`;
    return browserPage({ title, lang: langOf(request), endpoint: `/chat${as}` });
  };
  const server = await serveHere(answer, port);
  await runner.start();
  return {
    url: `${server.origin}/?token=${key}`,
    close: () =>
      server.close(async () => {
        chat.close();
        await runner.stop();
        await store.close();
      }),
  };
}

const LOCKED = 'Open the address that `colloquy chat --web` has printed, with its token.\n';

function userIn({ searchParams }: URL, main: string): string {
  const name = searchParams.get('as') ?? '';
  return name === '' ? main : name;
}

/** The first language that the browser asks for, of those that the page speaks. */
function langOf({ headers }: Request): string {
  return /^zh\b/iu.test(headers.get('accept-language') ?? '') ? 'zh-CN' : 'en';
}
