import { EventEmitter, once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { type Caller, type Sent, call } from './client.ts';

/** How long a guest waits for what the bot has to say. */
const PATIENCE_MS = 60_000;

/** Somebody who drinks tea, and writes down all that the bot says. */
export class Guest {
  readonly name: string;
  readonly heard: string[] = [];
  /** Messages that had to be sent again, because their node was gone. */
  repeated = 0;
  readonly #pushed = new Set<string>();
  readonly #news = new EventEmitter();
  readonly #nodes: readonly Caller[];
  #preferred: number;
  #sent = 0;

  /** @param preferred the index of the node that this guest's messages go to while it lives */
  constructor(name: string, nodes: readonly Caller[], preferred: number) {
    this.name = name;
    this.#nodes = nodes;
    this.#preferred = preferred;
  }

  /** Drinks some cups, one after the other. */
  async drink(cups: number): Promise<void> {
    for (let cup = 1; cup <= cups; cup += 1) {
      await this.#say('tea, please');
      await this.#hears(`How long shall cup no. ${cup} steep?`);
      await this.#say('1 s');
      await this.#hears(`Cup no. ${cup} is ready.`);
    }
  }

  /** Takes what the bot pushes. Killed before it has noted it, a node leaves the push to another, under the same id. */
  take(id: string, text: string): void {
    if (this.#pushed.has(id)) return;
    this.#pushed.add(id);
    this.#hear(text);
  }

  /** Sends a message until a node has answered it: always under the same id, so that it counts once. */
  async #say(text: string): Promise<void> {
    this.#sent += 1;
    const message: Sent = { user: this.name, id: `${this.name}-${this.#sent}`, text };
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    while (!deadline.aborted) {
      const node = this.#nodes[this.#preferred % this.#nodes.length];
      if (node === undefined) break;
      try {
        for (const reply of await call(node, message)) this.#hear(reply);
        return;
      } catch {
        this.repeated += 1;
        this.#preferred += 1;
        await setTimeout(100);
      }
    }
    throw new Error(`No node answers ${this.name}.`);
  }

  #hear(text: string): void {
    this.heard.push(text);
    this.#news.emit('heard');
  }

  async #hears(text: string): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    while (!this.heard.includes(text)) {
      await once(this.#news, 'heard', { signal }).catch(() => {
        throw new Error(`${this.name} did not hear “${text}”, but: ${this.heard.join(' | ')}`);
      });
    }
  }
}

/** Where a guest heard something else than each reply once, in order. */
export function problemsOf({ name, heard }: Pick<Guest, 'name' | 'heard'>, cups: number): string[] {
  const expected = Array.from({ length: cups }, (_, index) => [
    `How long shall cup no. ${index + 1} steep?`,
    'I will call you.',
    `Cup no. ${index + 1} is ready.`,
  ]).flat();
  if (heard.join('\n') === expected.join('\n')) return [];
  return [`${name} heard: ${heard.join(' | ')}`];
}
