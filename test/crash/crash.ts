import { setTimeout as pause } from 'node:timers/promises';
import { Desk, type Survived } from './desk.ts';
import type { PersisterSource } from './serve.fixture.ts';
import { ServingProcess } from './serving-process.ts';

/** What the test kills again and again. */
export interface CrashSubject {
  readonly persister: PersisterSource;
  /**
   * The server behind the persister, if the test has to kill and start that; the serving process stays alive and has to
   * recover. Default: the test kills the serving process and starts another one.
   */
  readonly server?: { kill(): Promise<void>; start(): Promise<void> };
}

export interface CrashOptions {
  readonly kills: number;
  /** Seed of the random choices: how long each process lives. */
  readonly seed: number;
  readonly onKill?: (kills: number) => void;
}

/** The longest life of a process in acknowledged messages, and the longest extra time in milliseconds. */
const LONGEST_LIFE = 60;
const LONGEST_DELAY_MS = 5;
/** Roughly the time that a process takes to start. */
const YOUTH_MS = 150;

/**
 * Runs a process that serves a counting dialogue, kills it at random moments, sends again what the process did not
 * acknowledge, and compares the data of the conversations in the end with the expected data.
 */
export async function survive(
  { persister, server }: CrashSubject,
  { kills, seed, onKill }: CrashOptions,
): Promise<Survived> {
  const random = createRandom(seed);
  const desk = new Desk();
  const start = (): ServingProcess => {
    const started = new ServingProcess(persister, (news) => desk.hear(news));
    // The wait for `ready` or `failed` reports the error.
    started.ready.then(() => desk.connect((order) => started.order(order))).catch(() => {});
    return started;
  };
  let serving = start();
  const whileItServes = <T>(wait: Promise<T>): Promise<T> => Promise.race([wait, serving.failed]);
  for (let kill = 1; kill <= kills; kill += 1) {
    // One process in five dies while it starts, or while it picks up the work of the process before it.
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
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
