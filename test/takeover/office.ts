import { type Reply, createContextStore, createRunner, formatReply } from 'colloquy';
import { type DeskOptions, createDesk } from 'colloquy/takeover';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import { createDisk, memory } from '../../src/persist/memory.ts';
import { shopWith } from './shop.ts';

const PEOPLE = ['ann', 'carl', 'bob', 'eve', 'mallory'];

/** A shop, and the desk of its operators, each with a runner over a disk that survives a crash. */
export class Office {
  readonly clock: ManualClock = createManualClock();
  /** Who said what, and what they read: `ann> hi`, `ann< bot: hi`. */
  readonly log: string[] = [];
  readonly errors: unknown[] = [];
  readonly #disks = { bot: createDisk(), office: createDisk() };
  readonly #options: Partial<DeskOptions>;
  /** The ids of replies that were read: a channel says each once. */
  readonly #read = new Set<string>();
  #processes = 0;
  #current: ReturnType<Office['start']>;

  constructor(options: Partial<DeskOptions> = {}) {
    this.#options = options;
    this.#current = this.start();
  }

  // oxlint-disable-next-line typescript/explicit-module-boundary-types -- a dialogue is typed by its definition
  start() {
    const desk = createDesk({ operators: ['bob', 'eve'], ...this.#options });
    const runnerOf = <Dialogue extends Parameters<typeof createRunner>[0]>(
      dialogue: Dialogue,
      side: 'bot' | 'office',
    ): ReturnType<typeof createRunner<Dialogue>> => {
      const persister = memory(this.#disks[side]);
      const store = createContextStore({ clock: this.clock, persister });
      const runner = createRunner(dialogue, { store } as never);
      this.#processes += 1;
      const process = this.#processes;
      runner.on('reply', ({ openid, reply, id }) => {
        // A process that is dead says nothing.
        if (process <= this.#processes - 2) throw new Error('dead');
        if (!this.#read.has(id)) this.#hear(openid, reply);
        this.#read.add(id);
      });
      runner.on('error', ({ error }) => void this.errors.push(error));
      return runner as never;
    };
    const bot = runnerOf(shopWith({ tell: desk.tell }), 'bot');
    const office = runnerOf(desk.dialogue, 'office');
    desk.connect(bot, office);
    return { bot, office };
  }

  /** Both processes end without a word, and others start. */
  async crash(): Promise<void> {
    this.#current = this.start();
    await this.#current.bot.start();
    await this.#current.office.start();
    await this.settle();
  }

  /** Somebody says something, and all that follows from it without time passing. */
  async say(openid: string, text: string, id?: string): Promise<string[]> {
    const { bot, office } = this.#current;
    const from = this.log.length;
    this.log.push(`${openid}> ${text}`);
    const runner = openid === 'ann' || openid === 'carl' ? bot : office;
    const options = id === undefined ? {} : { id };
    const turn = await (runner as typeof office).handle(openid, text, options);
    if (turn.outcome !== 'duplicate') for (const reply of turn.replies) this.#hear(openid, reply);
    await this.settle();
    return this.log.slice(from + 1);
  }

  async settle(): Promise<void> {
    const { bot, office } = this.#current;
    for (let round = 0; round < 3; round += 1) {
      for (const each of PEOPLE) {
        await bot.idle(each);
        await office.idle(each);
      }
    }
  }

  /** What somebody read, in order. */
  read(openid: string): string[] {
    return this.log
      .filter((line) => line.startsWith(`${openid}< `))
      .map((line) => line.slice(openid.length + 2));
  }

  get bot(): ReturnType<Office['start']>['bot'] {
    return this.#current.bot;
  }

  get desk(): ReturnType<Office['start']>['office'] {
    return this.#current.office;
  }

  #hear(openid: string, reply: Reply): void {
    this.log.push(`${openid}< ${formatReply(reply)}`);
  }
}
