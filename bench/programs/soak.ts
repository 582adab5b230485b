// Half of the load that it could do, for a long time, with more users than fit and contexts that expire.
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContextStore, Runner } from 'colloquy';
import { collect } from '../heap.ts';
import { library } from '../library.ts';
import { serve } from '../serve.ts';
import { line, survey } from '../survey.ts';

const USERS = 200_000;
const MAX = 100_000;
/** Shorter than a record stays in memory before another one evicts it. */
const AGE_SECONDS = 10;

export interface Stretch {
  readonly turnsPerSecond: number;
  readonly p99Ms: number;
  readonly expired: number;
  readonly evicted: number;
  readonly records: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

let store: ContextStore | undefined;
let runner: Runner | undefined;
let turns = 0;
let expired = 0;
let evicted = 0;
let seed = 1;

/** A user like any other; the sequence is the same in each run. */
function anyUser(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed % USERS;
}

async function turn(): Promise<void> {
  turns += 1;
  const user = anyUser();
  const said = line(user, turns % 5);
  const { outcome } = (await runner?.handle(`user-${user}`, said, { id: `m${turns}` })) ?? {};
  if (outcome !== 'replied' && outcome !== 'unhandled') throw new Error(`A turn was ${outcome}.`);
}

const calls = {
  async open(): Promise<void> {
    const { createContextStore, createRunner } = await library();
    store = createContextStore({ max: MAX, age: AGE_SECONDS });
    store.on('expire', () => {
      expired += 1;
    });
    store.on('evict', () => {
      evicted += 1;
    });
    runner = createRunner(survey, { store });
  },
  /** Plays as fast as it can. @returns turns per second */
  async capacity({ ms }: { ms: number }): Promise<number> {
    const start = performance.now();
    const before = turns;
    while (performance.now() - start < ms) {
      await Promise.all(Array.from({ length: 64 }, turn));
      await sleep(0);
    }
    return ((turns - before) * 1000) / (performance.now() - start);
  },
  /** Plays at a given rate. A turn that starts late counts as late from its planned time. */
  async stretch({ ms, rate }: { ms: number; rate: number }): Promise<Stretch> {
    const took = createHistogram();
    const start = performance.now();
    let sent = 0;
    const before = { turns, expired, evicted };
    while (performance.now() - start < ms) {
      const due = Math.floor(((performance.now() - start) * rate) / 1000);
      const batch: Promise<void>[] = [];
      for (; sent < due; sent += 1) {
        const arrived = start + (sent * 1000) / rate;
        const timed = (): void =>
          took.record(Math.max(1, Math.round((performance.now() - arrived) * 1e6)));
        batch.push(turn().then(timed));
      }
      await Promise.all(batch);
      await sleep(2);
    }
    const seconds = (performance.now() - start) / 1000;
    const { heap, rss } = await collect();
    return {
      turnsPerSecond: (turns - before.turns) / seconds,
      p99Ms: took.percentile(99) / 1e6,
      expired: expired - before.expired,
      evicted: evicted - before.evicted,
      records: store?.size ?? 0,
      heapBytes: heap,
      rssBytes: rss,
    };
  },
};

export type SoakCalls = typeof calls;

serve(calls);
