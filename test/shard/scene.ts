import { setTimeout as pause } from 'node:timers/promises';
import { createContextStore } from 'colloquy';
import { type Counted, RECENT } from '../nodes/dialogue.ts';
import { look } from '../nodes/redis.fixture.ts';
import { freePort } from '../support/redis.ts';
import { BotProcess } from './bot-process.ts';
import type { BotOptions } from './bot.fixture.ts';
import { type Nginx, startNginx } from './nginx.ts';
import { blockOf } from './page.ts';
import { Platform, type Pushed } from './platform.ts';

export interface SceneOptions {
  /** The path of the program. */
  readonly nginx: string;
  /** The address of the server. */
  readonly redis: string;
  readonly users: number;
  readonly nodes: number;
  readonly lease: BotOptions['lease'];
  readonly say: (text: string) => void;
}

const TOKEN = 'a token';
/** A moment in the middle of the messages. */
const AFTER_MS = 300;
/** A little longer than nginx avoids a server that failed, by the page's configuration. */
const FORGIVEN_MS = 11_000;
/** Longer than nginx waits for an answer. */
const STILL_MS = 7000;

/** WeChat, nginx as the page sets it up, and bot servers over one Redis. */
export class Scene {
  readonly #options: SceneOptions;
  readonly #nodes: readonly [BotProcess, ...BotProcess[]];
  readonly #nginx: Nginx;
  readonly #platform: Platform;
  readonly #view: ReturnType<typeof look>;
  readonly #breaches: string[] = [];
  /** The node that each user belongs to. */
  #homes: readonly string[] = [];

  private constructor(
    options: SceneOptions,
    rest: {
      readonly nodes: readonly [BotProcess, ...BotProcess[]];
      readonly nginx: Nginx;
      readonly prefix: string;
    },
  ) {
    const { users } = options;
    this.#options = options;
    this.#nodes = rest.nodes;
    this.#nginx = rest.nginx;
    this.#view = look({ url: options.redis, prefix: rest.prefix });
    this.#platform = new Platform({ users, address: `${rest.nginx.url}/wechat`, token: TOKEN });
  }

  static async open(options: SceneOptions): Promise<Scene> {
    const prefix = `colloquy_shard_${process.pid}`;
    const start = async (name: string): Promise<BotProcess> => {
      const node = new BotProcess(
        {
          name,
          port: await freePort(),
          redis: { url: options.redis, prefix },
          token: TOKEN,
          lease: options.lease,
        },
        // For example when a call finds the node suspended. Only what happens to the messages matters.
        (error) => options.say(`  reported by ${error}`),
      );
      await node.start();
      return node;
    };
    const nodes: [BotProcess, ...BotProcess[]] = [await start('node-1')];
    while (nodes.length < options.nodes) nodes.push(await start(`node-${nodes.length + 1}`));
    const servers = nodes.map(({ address }) => address);
    const nginx = await startNginx(options.nginx, blockOf('nginx'), servers);
    options.say(`nginx ${nginx.version}, ${nodes.length} nodes, ${options.users} users`);
    return new Scene(options, { nodes, nginx, prefix });
  }

  async allServe(messages: number): Promise<void> {
    const visited = await this.#speak('all serve', messages);
    for (const [user, nodes] of visited.entries()) {
      if (nodes.size !== 1) this.#breach(user, `was on ${[...nodes].join(' and ')}`);
    }
    this.#homes = visited.map(([home = '']: ReadonlySet<string> | string[]) => home);
    const shares = this.#nodes.map(
      ({ name }) => this.#homes.filter((home) => home === name).length,
    );
    this.#options.say(`  of each node: ${shares.join(', ')} users`);
  }

  async oneIsKilled(messages: number): Promise<void> {
    const [victim] = this.#nodes;
    let left = 0;
    const visited = await this.#speak('one is killed', messages, async () => {
      await pause(AFTER_MS);
      await victim.kill();
      left = (await this.#view.leases()).length;
    });
    this.#expectOthersAtHome(visited, victim);
    const moved = this.#homes.filter((home) => home === victim.name).length;
    this.#options.say(`  moved: ${moved} users, ${left} leases were held when it ended`);
  }

  async itComesBack(messages: number): Promise<void> {
    await this.#nodes[0].start();
    await pause(FORGIVEN_MS);
    await this.#speak('it is back', messages);
    // While nginx tries the node with a first request, users still visit other nodes: only the last node counts.
    for (const [index, { nodes }] of this.#platform.users.entries()) {
      const home = this.#homes[index];
      if (nodes.at(-1) !== home) this.#breach(index, `did not go back to ${home}`);
    }
  }

  /** Suspends a node for a while: its port takes connections and gets no answer until it continues its work. */
  async oneIsSuspended(messages: number): Promise<void> {
    const [victim] = this.#nodes;
    const visited = await this.#speak('one is suspended', messages, async () => {
      await pause(AFTER_MS);
      victim.pause();
      await pause(STILL_MS);
      victim.resume();
    });
    this.#expectOthersAtHome(visited, victim);
  }

  /** @returns each breach of a promise, in words */
  async compare(): Promise<readonly string[]> {
    // The next message brings the replies that were too late for their answer.
    await this.#speak('the last words', 1);
    const { persister } = this.#view;
    const store = createContextStore<Counted>({ persister });
    for (const [index, { openid, said, heard }] of this.#platform.users.entries()) {
      const { count, misplaced, recent } = (await store.open(openid)).toJSON();
      const numbers = Array.from({ length: said }, (_, number) => number + 1);
      const known = JSON.stringify({ count, misplaced, recent });
      const should = JSON.stringify({ count: said, misplaced: 0, recent: numbers.slice(-RECENT) });
      if (known !== should) this.#breach(index, `is known as ${known}, not ${should}`);
      const lines = numbers.map((number) => `heard ${number} ${number}`);
      const missing = lines.filter((line) => !heard.includes(line));
      const extra = heard.filter((line, at) => !lines.includes(line) || heard.indexOf(line) < at);
      if (missing.length > 0)
        this.#breach(index, `never received ${missing.length} lines, such as ${missing[0]}`);
      if (extra.length > 0)
        this.#breach(index, `received ${extra.length} lines too many, such as ${extra[0]}`);
    }
    await store.close();
    return this.#breaches;
  }

  async close(): Promise<void> {
    await this.#nginx.stop();
    await Promise.all(this.#nodes.map((node) => node.kill()));
    await this.#view.close();
  }

  /** @returns the nodes that answered each user */
  async #speak(
    what: string,
    messages: number,
    during?: () => Promise<void>,
  ): Promise<readonly ReadonlySet<string>[]> {
    const { users } = this.#platform;
    const before = users.map(({ nodes }) => nodes.length);
    const pushed = await this.#platform.speak(messages, during);
    this.#options.say(`${what}: ${describe(pushed)}`);
    if (pushed.lost > 0) this.#breaches.push(`${what}: WeChat gave up ${pushed.lost} messages`);
    return users.map(({ nodes }, index) => new Set(nodes.slice(before[index])));
  }

  /** The hash moves only users of the node that fails. */
  #expectOthersAtHome(visited: readonly ReadonlySet<string>[], victim: BotProcess): void {
    for (const [user, nodes] of visited.entries()) {
      const home = this.#homes[user] ?? '';
      const stayed = nodes.size === 1 && nodes.has(home);
      if (home !== victim.name && !stayed) this.#breach(user, `left ${home}`);
      if (home === victim.name && nodes.size === 1 && stayed)
        this.#breach(user, `stayed on ${home}`);
    }
  }

  #breach(user: number, what: string): void {
    this.#breaches.push(`user ${user} ${what}`);
  }
}

function describe({ milliseconds, redelivered }: Pushed): string {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)} ms`;
  const times = `p50 ${at(0.5)}, p99 ${at(0.99)}, the slowest ${at(1)}`;
  return `${sorted.length} messages, ${redelivered} delivered again, ${times}`;
}
