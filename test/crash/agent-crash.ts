import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type AgentsDid, compareLedger, noteIn } from './agent-ledger.ts';
import { AgentUser, Manager, type ToDesk } from './agent-user.ts';
import type { AgentNews } from './agent.fixture.ts';
import { fixture } from './built.ts';
import { createRandom } from './crash.ts';

/** What came of it. */
export interface AgentsSurvived extends AgentsDid {
  readonly errors: readonly string[];
}

const USERS = 4;
const LONGEST_LIFE_MS = 400;
const WAIT_MS = 10;
const MAX_WAITS = 4500;

/** Kills a process with an agent at random moments, and looks at what the agents did in the end. */
export async function surviveAgents({
  kills,
  seed,
}: {
  readonly kills: number;
  readonly seed: number;
}): Promise<AgentsSurvived> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-agent-'));
  const random = createRandom(seed);
  const world = new World(folder);
  try {
    for (let kill = 0; kill <= kills; kill += 1) {
      await world.start();
      if (kill < kills) await pause(random() * LONGEST_LIFE_MS);
      else await world.untilClosed();
      await world.kill();
    }
    const did = compareLedger(folder, world.users);
    const breaches = [...did.breaches];
    for (const user of world.users) if (!user.close()) breaches.push(`${user.openid} did not end`);
    return { ...did, breaches, errors: world.errors };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The users, the manager, and the process that serves them. */
class World {
  readonly users: readonly AgentUser[];
  readonly errors: string[] = [];
  readonly #folder: string;
  readonly #manager: Manager;
  /** What no process has taken. */
  readonly #waiting = new Map<string, ToDesk>();
  #process: ChildProcess | undefined;
  /** Whether the process has what waited. Until then, nothing is sent to it, so that it gets each message once. */
  #isReady = false;

  constructor(folder: string) {
    this.#folder = folder;
    const outside = {
      note: (note: Parameters<typeof noteIn>[1]) => noteIn(folder, note),
      send: (message: ToDesk) => {
        this.#waiting.set(message.id, message);
        if (this.#isReady) this.#process?.send(message, () => {});
      },
    };
    this.users = Array.from({ length: USERS }, (_, n) => new AgentUser(`user-${n}`, outside));
    this.#manager = new Manager(outside);
  }

  /** Starts a process, which gets the messages again that none has taken. */
  async start(): Promise<void> {
    const child = fork(fixture('agent'), [this.#folder], { execArgv: [] });
    const isFirst = this.#process === undefined;
    this.#process = child;
    const failed = once(child, 'exit').then(() => Promise.reject(new Error('It ended by itself.')));
    const ready = new Promise<void>((resolve) => {
      child.on('message', (news: AgentNews) => {
        if (news.type === 'ready') resolve();
        else this.#hear(news);
      });
    });
    await Promise.race([ready, failed]);
    failed.catch(() => {});
    for (const message of this.#waiting.values()) child.send(message, () => {});
    this.#isReady = true;
    if (isFirst) for (const user of this.users) user.begin();
  }

  async kill(): Promise<void> {
    const child = this.#process as ChildProcess;
    this.#isReady = false;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Waits for the last conversations, and not without end: one that does not end is a breach. */
  async untilClosed(): Promise<void> {
    for (let waits = 0; waits < MAX_WAITS; waits += 1) {
      if (this.users.filter((user) => !user.close()).length === 0) return;
      await pause(WAIT_MS);
    }
  }

  #hear(news: AgentNews): void {
    if (news.type === 'error') this.errors.push(news.error);
    if (news.type === 'taken') this.#waiting.delete(news.id);
    if (news.type === 'asked') this.#manager.hear(news);
    if (news.type === 'said') {
      this.users.find(({ openid }) => openid === news.openid)?.hear(news.text);
    }
  }
}
