import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fixture } from './built.ts';
import { createRandom } from './crash.ts';
import type { PersisterSource } from './serve.fixture.ts';
import { type PlatformName, type SourcePlatform, PLATFORMS } from './source-platforms.ts';

const USERS = [1, 2, 3, 4, 5, 6];
/** The largest number of calls and answers between a process and its platform until one of the processes is killed. */
const LONGEST_LIFE = 16;
/** Longer than a process waits for the lease of one that was killed. */
const LONGEST_WAIT_MS = 90_000;

export interface SourceCrashOptions {
  readonly platform: PlatformName;
  readonly persister: PersisterSource;
  /** How many processes run at a time. Several share the persister, and one of them asks. */
  readonly processes: number;
  readonly kills: number;
  readonly seed: number;
  readonly onKill?: (kills: number) => void;
}

export interface SourceSurvived {
  /** Number of messages that users sent. */
  readonly sent: number;
  /** Number of messages that the platform gave more than once. */
  readonly givenAgain: number;
  /**
   * Number of replies that arrived twice: a process may die before it hears that one has arrived, and Telegram knows no id of a
   * message.
   */
  readonly saidAgain: number;
  /** Each breach of a promise, in words. */
  readonly breaches: readonly string[];
  /** What the processes complained of. */
  readonly complaints: string;
}

/**
 * Runs bots that ask for their messages, and kills them between two frames: when a call of theirs has arrived, or when its answer
 * is on its way. In the end, each user asks for a list of what was heard of them.
 */
export async function surviveSource({
  platform,
  persister,
  processes,
  kills,
  seed,
  onKill,
}: SourceCrashOptions): Promise<SourceSurvived> {
  const random = createRandom(seed);
  const server = await PLATFORMS[platform]();
  const children: ChildProcess[] = [];
  let complaints = '';
  const start = (): void => {
    const { module, options } = persister;
    const args = [platform, server.url, server.token, module, JSON.stringify(options)];
    const child = fork(fixture('source'), args, { execArgv: [], silent: true });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    children.push(child);
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    children.splice(children.indexOf(child), 1);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  const sent = new Map<number, string[]>(USERS.map((user) => [user, []]));
  let number = 0;
  const say = (): void => {
    const user = USERS[Math.floor(random() * USERS.length)] ?? 1;
    number += 1;
    sent.get(user)?.push(String(number));
    server.say(String(number), user);
  };

  try {
    for (let i = 0; i < processes; i += 1) start();
    for (let killed = 1; killed <= kills; killed += 1) {
      const died = killAtFrame(server, 1 + Math.floor(random() * LONGEST_LIFE), () => {
        const victim = children[Math.floor(random() * children.length)];
        return victim === undefined ? Promise.resolve() : kill(victim);
      });
      const state = { isDead: false };
      void died.then(() => (state.isDead = true));
      while (!state.isDead) {
        // A few at a time, so that what is heard fits into a list.
        if (server.waiting.length < 8) say();
        await pause(random() * 20);
      }
      start();
      onKill?.(killed);
    }
    await until(() => server.waiting.length === 0);
    // What is still in an outbox.
    await until(() => repliesTo(server, 'heard ').length >= number);
    const from = server.shown.length;
    for (const user of USERS) server.say('list', user);
    // A reply that waited for its user to write comes before the list.
    await until(() => {
      const lists = server.shown.slice(from).filter(({ text }) => text.startsWith('list'));
      return new Set(lists.map(({ user }) => user)).size >= USERS.length;
    });
    return { ...compare(server, sent), sent: number, complaints };
  } finally {
    await Promise.all([...children].map(kill));
    await server.close();
  }
}

/** Kills when so many calls and answers have passed, and holds the one in whose place it is until the process is dead. */
function killAtFrame(server: SourcePlatform, at: number, kill: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    let frames = 0;
    server.watch(async () => {
      frames += 1;
      if (frames !== at) return;
      await kill();
      server.watch(undefined);
      resolve();
    });
  });
}

function repliesTo(server: SourcePlatform, word: string): string[] {
  return [...new Set(server.shown.map(({ text }) => text))].filter((text) => text.startsWith(word));
}

function compare(
  server: SourcePlatform,
  sent: ReadonlyMap<number, readonly string[]>,
): Pick<SourceSurvived, 'breaches' | 'givenAgain' | 'saidAgain'> {
  const breaches: string[] = [];
  const said = new Map<string, number>();
  for (const { text } of server.shown) said.set(text, (said.get(text) ?? 0) + 1);
  for (const [user, messages] of sent) {
    const list = server.shown.findLast(
      (seen) => seen.user === user && seen.text.startsWith('list'),
    );
    const heard = (list?.text ?? '')
      .split(' ')
      .slice(1)
      .filter((each) => each !== '');
    if (heard.join(' ') !== messages.join(' ')) {
      breaches.push(`user ${user} said ${messages.join(' ')}; heard was ${heard.join(' ')}`);
    }
    for (const message of messages) {
      if (!said.has(`heard ${message}`)) breaches.push(`message ${message} got no reply`);
    }
  }
  const again = (counts: Iterable<number>): number =>
    [...counts].filter((count) => count > 1).length;
  return { breaches, givenAgain: again(server.given.values()), saidAgain: again(said.values()) };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += 20) {
    if (waited > LONGEST_WAIT_MS) return;
    await pause(20);
  }
}
