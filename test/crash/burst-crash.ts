import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fixture } from './built.ts';
import { BurstDesk, type BurstsSurvived } from './burst-desk.ts';
import type { BurstNews, BurstOrder } from './burst.fixture.ts';
import { type CrashOptions, type CrashSubject, createRandom } from './crash.ts';
import type { PersisterSource } from './serve.fixture.ts';

/** The longest life of a process in acknowledged messages, and the longest extra time in milliseconds. */
const LONGEST_LIFE = 60;
const LONGEST_DELAY_MS = 40;
/** Roughly the time that a process takes to start. */
const YOUTH_MS = 150;

/**
 * Users write bursts to a process that gathers them. The process, or the server behind it, is killed at random moments, and
 * what was not acknowledged is delivered again. In the end, each text has to be in exactly one turn.
 */
export async function surviveBursts(
  { persister, server }: CrashSubject,
  { kills, seed, onKill }: CrashOptions,
): Promise<BurstsSurvived> {
  const random = createRandom(seed);
  const desk = new BurstDesk(createRandom(seed + 1));
  const start = (): GatheringProcess => {
    const started = new GatheringProcess(persister, (news) => desk.hear(news));
    started.ready.then(() => desk.connect((order) => started.order(order))).catch(() => {});
    return started;
  };
  let serving = start();
  const whileItServes = <T>(wait: Promise<T>): Promise<T> => Promise.race([wait, serving.failed]);
  for (let kill = 1; kill <= kills; kill += 1) {
    // One process in five dies while it starts, or while it takes the bursts that the one before it has left.
    const isYoung = server === undefined && random() < 0.2;
    if (!isYoung) {
      await whileItServes(serving.ready);
      await whileItServes(desk.acknowledged(Math.floor(random() * LONGEST_LIFE)));
    }
    await pause(random() * (isYoung ? YOUTH_MS : LONGEST_DELAY_MS));
    if (server === undefined) {
      await serving.kill();
      serving = start();
    } else {
      await server.kill();
      await server.start();
    }
    onKill?.(kill);
  }
  await whileItServes(serving.ready);
  await whileItServes(desk.close());
  return desk.compare(await whileItServes(serving.report(desk.users.map(({ openid }) => openid))));
}

/** A process that gathers, from its start to its death. */
class GatheringProcess {
  readonly ready: Promise<void>;
  /** Rejects if it ends before the test kills it. */
  readonly failed: Promise<never>;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  #mayEnd = false;

  constructor(persister: PersisterSource, onNews: (news: BurstNews) => void) {
    this.#process = fork(fixture('burst'), [], { execArgv: [] });
    this.#exited = once(this.#process, 'exit');
    this.failed = this.#exited.then(() =>
      this.#mayEnd
        ? new Promise<never>(() => {})
        : Promise.reject(new Error('It ended by itself.')),
    );
    this.failed.catch(() => {});
    this.ready = this.#news('ready').then(() => {});
    this.#process.on('message', onNews);
    this.order({ type: 'serve', persister });
  }

  order(order: BurstOrder): void {
    this.#process.send(order, () => {});
  }

  async kill(): Promise<void> {
    this.#mayEnd = true;
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  async report(openids: readonly string[]): Promise<readonly (readonly string[])[]> {
    const report = this.#news('report');
    this.order({ type: 'report', openids });
    const { turns } = await report;
    this.#mayEnd = true;
    this.#process.disconnect();
    await this.#exited;
    return turns;
  }

  #news<Type extends BurstNews['type']>(type: Type): Promise<Extract<BurstNews, { type: Type }>> {
    return new Promise((resolve) => {
      this.#process.on('message', (news: BurstNews) => {
        if (news.type === type) resolve(news as Extract<BurstNews, { type: Type }>);
      });
    });
  }
}
