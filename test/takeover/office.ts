import {
  type Clock,
  type Message,
  type Persister,
  type Reply,
  type Turn,
  createContextStore,
  createRunner,
  formatReply,
} from 'colloquy';
import { type DeskOptions, createDesk } from 'colloquy/takeover';
import { type Fault, type ManualClock, createManualClock, faulty } from 'colloquy/testing';
import { createDisk, memory } from 'colloquy/persist/memory';
import { shopWith } from './shop.ts';

const PEOPLE = ['ann', 'carl', 'bob', 'eve', 'mallory'];

/** A shop, and the desk of its operators, each with a runner over a disk that survives a crash. */
export class Office {
  readonly clock: ManualClock = createManualClock();
  /** Who said what, and what they read: `ann> hi`, `ann< bot: hi`. */
  readonly log: string[] = [];
  readonly errors: unknown[] = [];
  /** The lines that takeovers ended with. */
  readonly ended: string[][] = [];
  readonly #disks = { bot: createDisk(), office: createDisk() };
  readonly #options: Partial<DeskOptions>;
  /** The ids of replies that were read: a channel says each once. */
  readonly #read = new Set<string>();
  #life = { over: false };
  /** How many calls of the persisters succeed before the next one fails. */
  failAfter = Infinity;
  /** Whether the process dies at that call, rather than have a failure. */
  dies = false;
  /** How that call fails. */
  outcome: NonNullable<Fault['outcome']> = 'dropped';
  #current: ReturnType<Office['start']>;

  constructor(options: Partial<DeskOptions> = {}) {
    this.#options = options;
    this.#current = this.start();
  }

  // oxlint-disable-next-line typescript/explicit-module-boundary-types -- a dialogue is typed by its definition
  start() {
    const life = { over: false };
    this.#life = life;
    const desk = createDesk({ operators: ['bob', 'eve'], ...this.#options });
    const runnerOf = <Dialogue extends Parameters<typeof createRunner>[0]>(
      dialogue: Dialogue,
      side: 'bot' | 'office',
    ): ReturnType<typeof createRunner<Dialogue>> => {
      const persister = this.#failing(memory(this.#disks[side]), life);
      const store = createContextStore({ clock: clockOf(this.clock, life), persister });
      store.on('error', () => {});
      const runner = createRunner(dialogue, { store } as never);
      runner.on('reply', ({ openid, reply, id }) => {
        if (life.over) throw new Error('A process that is dead says nothing.');
        if (!this.#read.has(id)) this.#hear(openid, reply);
        this.#read.add(id);
      });
      runner.on('error', ({ error }) => void this.errors.push(error));
      return runner as never;
    };
    const bot = runnerOf(shopWith({ tell: desk.tell }), 'bot');
    const office = runnerOf(desk.dialogue, 'office');
    desk.connect(bot, office);
    bot.on('turn', async ({ openid }) => {
      const { end } = (await bot.inspect(openid))?.context ?? {};
      if (end !== undefined) this.ended.push(end.lines.map(({ text }) => text));
    });
    return { bot, office };
  }

  /** Both processes end without a word, and others start. */
  async crash(): Promise<void> {
    this.#life.over = true;
    this.#current = this.start();
    void this.#current.bot.start();
    void this.#current.office.start();
    await this.clock.advance(0);
  }

  /** The platform delivers the message again until it is taken, also by the process after a crash. */
  async sayUntilTaken(openid: string, text: string, id: string): Promise<string> {
    this.log.push(`${openid}> ${text}`);
    for (let tries = 0; tries < 20; tries += 1) {
      const turn = await this.#taken(openid, text, id);
      if (turn === undefined) await this.crash();
      else if (turn.error === undefined && turn.uncommitted !== true && turn.outcome !== 'shed') {
        for (const reply of turn.replies) this.#hear(openid, reply);
        return turn.outcome;
      }
    }
    throw new Error(`The message ${id} was not taken.`);
  }

  /** The turn of a message; undefined if the process is dead. */
  async #taken(openid: string, text: string, id: string): Promise<Turn | undefined> {
    const { bot, office } = this.#current;
    const runner = openid === 'ann' || openid === 'carl' ? bot : office;
    const turns: Turn[] = [];
    (runner as typeof office).handle(openid, text, { id }).then(
      (turn) => turns.push(turn),
      () => {},
    );
    for (let waits = 0; waits < 40 && turns.length === 0; waits += 1) {
      await this.clock.advance(waits === 0 ? 0 : 250);
    }
    return turns[0];
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

  /** A customer sends something that is no text of theirs alone. */
  async hear(openid: string, message: Message): Promise<void> {
    const { replies } = await this.#current.bot.handle(openid, message);
    for (const reply of replies) this.#hear(openid, reply);
    await this.settle();
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

  #failing(persister: Persister, life: { over: boolean }): Persister {
    return faulty(persister, {
      clock: this.clock,
      choose: () => {
        if (life.over) return { outcome: 'unanswered' };
        this.failAfter -= 1;
        if (this.failAfter >= 0) return undefined;
        this.failAfter = Infinity;
        if (this.dies) life.over = true;
        return { outcome: this.dies ? 'unanswered' : this.outcome };
      },
    });
  }

  #hear(openid: string, reply: Reply): void {
    this.log.push(`${openid}< ${formatReply(reply)}`);
  }
}

/** The clock of a process, which wakes nobody any more once that is dead. */
function clockOf(clock: ManualClock, life: { readonly over: boolean }): Clock {
  return {
    now: () => clock.now(),
    wake: (at, callback) =>
      clock.wake(at, () => {
        if (!life.over) callback();
      }),
  };
}
