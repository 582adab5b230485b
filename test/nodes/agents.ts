import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type AgentsDid, type Note, compareLedger, noteIn } from '../crash/agent-ledger.ts';
import { AgentUser, Manager, type ToDesk } from '../crash/agent-user.ts';
import { createRandom } from '../crash/crash.ts';
import { AgentNode } from './agent-node.ts';
import type { AgentNews, Answer } from './agent.fixture.ts';
import type { Place } from './places.ts';

export interface AgentsOptions {
  readonly kills: number;
  readonly users: number;
  /** Seed of the random choices. */
  readonly seed: number;
  /** How many times as fast as the wall the clock of the nodes is. */
  readonly speed: number;
  readonly onKill?: (kills: number) => void;
}

/** What came of it. */
export interface AgentsOnNodes extends AgentsDid {
  /** Number of deliveries after the first of a message. */
  readonly redelivered: number;
  /** Number of replies that came a second time, as a process died or the message did, too. */
  readonly repeated: number;
  readonly drafts: number;
  /** Number of commits that the persister refused. */
  readonly conflicts: number;
  readonly seconds: number;
  readonly errors: readonly string[];
}

/** Kills one of two nodes again and again while users talk with an agent through both, and looks at what the agents did. */
export async function surviveOnNodes(place: Place, options: AgentsOptions): Promise<AgentsOnNodes> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-agents-'));
  const platform = new AgentPlatform(place, folder, options);
  try {
    return await platform.run();
  } finally {
    await platform.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The longest time between two kills, and how long a node may need to start. */
const LONGEST_LIFE_MS = 600;
const DOUBLED = 0.1;
const RETRY_MS = 20;
/** How long an answer waits for services: some of it for the end of the conversation, some for none. */
const LONG_PATIENCE_MS = 400;
const SHORT_PATIENCE_MS = 10;
/** Of the clock of the nodes: everything may have to wait for the grace of a dead node more than once. */
const SETTLE_MS = 300_000;

/** A text that a user got, and from where. */
interface First {
  readonly from: AgentNode;
  readonly message: string | undefined;
}

class AgentPlatform {
  readonly #place: Place;
  readonly #folder: string;
  readonly #options: AgentsOptions;
  readonly #random: () => number;
  readonly #users: ReadonlyMap<string, AgentUser>;
  readonly #manager: Manager;
  readonly #epoch = Date.now();
  readonly #nodes: [AgentNode, AgentNode];
  readonly #errors: string[] = [];
  readonly #breaches: string[] = [];
  readonly #got = new Map<string, First>();
  /** Of each node, the drafts that are over. */
  readonly #over = new WeakMap<AgentNode, Set<string>>();
  readonly #counts = { redelivered: 0, repeated: 0, drafts: 0, conflicts: 0 };
  #isOver = false;

  constructor(place: Place, folder: string, options: AgentsOptions) {
    this.#place = place;
    this.#folder = folder;
    this.#options = options;
    this.#random = createRandom(options.seed);
    const outside = {
      note: (note: Note) => noteIn(folder, note),
      send: (message: ToDesk) => this.#attend(message),
    };
    const openids = Array.from({ length: options.users }, (_, n) => `user-${n}`);
    this.#users = new Map(openids.map((openid) => [openid, new AgentUser(openid, outside)]));
    this.#manager = new Manager(outside);
    this.#nodes = [this.#start(), this.#start()];
  }

  async run(): Promise<AgentsOnNodes> {
    const { kills, onKill } = this.#options;
    await Promise.all(this.#nodes.map(({ ready }) => ready));
    const startedAt = performance.now();
    const users = [...this.#users.values()];
    for (const user of users) user.begin();
    for (let killed = 1; killed <= kills; killed += 1) {
      await pause(this.#random() * LONGEST_LIFE_MS);
      const index = this.#random() < 0.5 ? 0 : 1;
      await this.#nodes[index].kill();
      this.#nodes[index] = this.#start();
      await this.#nodes[index].ready;
      onKill?.(killed);
    }
    await this.#untilClosed(users);
    const { breaches, ...did } = compareLedger(this.#folder, users);
    return {
      ...did,
      ...this.#counts,
      seconds: Math.round((performance.now() - startedAt) / 1000),
      breaches: [...this.#breaches, ...breaches],
      errors: this.#errors,
    };
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#nodes.map((node) => node.kill()));
  }

  #start(): AgentNode {
    const { source: persister } = this.#place;
    const { speed } = this.#options;
    const serving = { persister, folder: this.#folder, speed, epoch: this.#epoch };
    return new AgentNode(serving, (news, from) => this.#hear(news, from));
  }

  /** A platform delivers a message to either node, and sometimes to both at once. */
  #attend(message: ToDesk): void {
    const first = this.#random() < 0.5 ? 0 : 1;
    void this.#insist(message, first);
    if (this.#random() < DOUBLED) void this.#insist(message, 1 - first);
  }

  /** Delivers a message again and again, until a node has taken this very delivery. */
  async #insist(message: ToDesk, first: number): Promise<void> {
    for (let node = first; !this.#isOver; node = 1 - node) {
      if (isCounted(await this.#deliver(message, node))) return;
      this.#counts.redelivered += 1;
      // The node refused it, or died; a platform delivers it again after a while.
      await pause(RETRY_MS);
    }
  }

  async #deliver(message: ToDesk, to: number): Promise<Answer | undefined> {
    const node = this.#nodes[to === 0 ? 0 : 1];
    const patienceMs = this.#random() < 0.5 ? SHORT_PATIENCE_MS : LONG_PATIENCE_MS;
    const answer = await node.deliver({ ...message, patienceMs });
    if (answer?.outcome === 'unhandled') this.#breaches.push(`${message.id} was unhandled`);
    for (const reply of answer?.replies ?? []) {
      this.#receive(message.openid, reply, { from: node, message: message.id });
    }
    return answer;
  }

  #hear(news: AgentNews, from: AgentNode): void {
    if (news.type === 'error') this.#errors.push(news.error);
    if (news.type === 'conflict') this.#counts.conflicts += 1;
    if (news.type === 'asked') this.#manager.hear(news);
    if (news.type === 'draft') this.#look(news, from);
    if (news.type === 'said') {
      this.#receive(news.openid, news.text, { from, message: undefined });
    }
  }

  /** A reply comes again only in the answer to the same message, or where the node that delivered it has died. */
  #receive(openid: string, text: string, got: First): void {
    const key = `${openid} ${text}`;
    const first = this.#got.get(key);
    if (first === undefined) {
      this.#got.set(key, got);
      this.#users.get(openid)?.hear(text);
      return;
    }
    this.#counts.repeated += 1;
    const isSame = first.message !== undefined && first.message === got.message;
    if (!isSame && !first.from.isDead) this.#breaches.push(`${openid} got twice: ${text}`);
  }

  /** After the end of a draft, its node shows nothing more of it. */
  #look({ id, text }: { readonly id: string; readonly text: string }, from: AgentNode): void {
    const over = this.#over.get(from) ?? new Set();
    this.#over.set(from, over);
    if (over.has(id)) this.#breaches.push(`the draft ${id} came back`);
    if (text === '') over.add(id);
    else this.#counts.drafts += 1;
  }

  /** Waits for the last conversations, and not without end: one that does not end is a breach. */
  async #untilClosed(users: readonly AgentUser[]): Promise<void> {
    const until = performance.now() + SETTLE_MS / this.#options.speed + 10_000;
    for (;;) {
      const open = users.filter((user) => !user.close());
      if (open.length === 0) return;
      if (performance.now() > until) {
        for (const { openid } of open) this.#breaches.push(`${openid} did not end`);
        return;
      }
      await pause(RETRY_MS);
    }
  }
}

function isCounted(answer: Answer | undefined): boolean {
  return answer?.counts === true;
}
