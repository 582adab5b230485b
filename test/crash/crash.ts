import { setTimeout as pause } from 'node:timers/promises';
import { Desk, type Survived } from './desk.ts';
import type { PersisterSource } from './serve.fixture.ts';
import { ServingProcess } from './serving-process.ts';

/** What is brought down again and again. */
export interface CrashSubject {
  readonly persister: PersisterSource;
  /**
   * Brings down something else than the serving process, and up again: the server behind the persister. Then the
   * serving process lives on, and has to get over it. Default: the serving process is killed and started anew.
   */
  readonly server?: { kill(): Promise<void>; start(): Promise<void> };
}

export interface CrashOptions {
  readonly kills: number;
  /** Decides what is left to chance: how long each process lives. */
  readonly seed: number;
  readonly onKill?: (kills: number) => void;
}

/** The longest life of a process, in acknowledged messages, and how much longer it may get. */
const LONGEST_LIFE = 60;
const LONGEST_DELAY_MS = 5;
/** About what a process takes to start. */
const YOUTH_MS = 150;

/**
 * Serves a counting dialogue in a process of its own, kills as often as asked for at moments left to chance, sends again
 * what was not acknowledged, and compares what the conversations know in the end with what they should.
 */
export async function survive(
  { persister, server }: CrashSubject,
  { kills, seed, onKill }: CrashOptions,
): Promise<Survived> {
  const random = createRandom(seed);
  const desk = new Desk();
  const start = (): ServingProcess => {
    const started = new ServingProcess(persister, (news) => desk.hear(news));
    // Whatever came of it, it is told where it is waited for.
    started.ready.then(() => desk.connect((order) => started.order(order))).catch(() => {});
    return started;
  };
  let serving = start();
  const whileItServes = <T>(wait: Promise<T>): Promise<T> => Promise.race([wait, serving.failed]);
  for (let kill = 1; kill <= kills; kill += 1) {
    // One in five dies while it starts, or picks up what the one before has left.
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
  return desk.compare(await whileItServes(serving.report(desk.openids)));
}

/** Mulberry32: the same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
