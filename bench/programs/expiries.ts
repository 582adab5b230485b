// Very many conversations that expire within a minute, in real time.
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { library } from '../library.ts';
import { serve } from '../serve.ts';

export interface Expiries {
  readonly count: number;
  /** Number of expiries with one event, with more than one, and with none. */
  readonly told: number;
  readonly again: number;
  readonly missing: number;
  readonly early: number;
  readonly lateP99Ms: number;
  readonly lateMaxMs: number;
  readonly blockedMaxMs: number;
  /** The share of one core that the process uses while they expire. */
  readonly cpuShare: number;
}

const calls = {
  async run({ count, spanMs }: { count: number; spanMs: number }): Promise<Expiries> {
    const { createContextStore } = await library();
    const store = createContextStore<{ due: number }>({ max: count + 1, age: 24 * 3600 });
    const save = async (user: number, due: number): Promise<void> => {
      const context = await store.open(`user-${user}`);
      context.set('due', due);
      context.setExpiry(new Date(due));
      await context.save();
    };

    // Time to create them all, so that none falls due before the last one exists.
    const sample = Math.min(20_000, count);
    const sampledAt = performance.now();
    for (let user = 0; user < sample; user += 1) await save(user, Date.now() + 3_600_000);
    const fillMs = ((performance.now() - sampledAt) / sample) * count * 2 + 2000;
    const first = Date.now() + fillMs;
    for (let user = 0; user < count; user += 1) {
      await save(user, Math.floor(first + (spanMs * user) / count));
      if (user % 1000 === 0) await sleep(0);
    }
    if (Date.now() > first) throw new Error('The first fell due before the last was there.');
    globalThis.gc?.();

    const heard = new Uint8Array(count);
    const late = createHistogram();
    let early = 0;
    store.on('expire', ({ openid, data }) => {
      const user = Number(openid.slice('user-'.length));
      heard[user] = (heard[user] ?? 0) + 1;
      const lateMs = Date.now() - data.due;
      if (lateMs < 0) early += 1;
      late.record(Math.max(1, lateMs));
    });
    await sleep(first - Date.now());
    const loop = monitorEventLoopDelay({ resolution: 5 });
    loop.enable();
    const cpu = process.cpuUsage();
    await sleep(first + spanMs - Date.now());
    const { user, system } = process.cpuUsage(cpu);
    await sleep(2000);
    loop.disable();
    await store.close();

    const told = heard.filter((times) => times === 1).length;
    const missing = heard.filter((times) => times === 0).length;
    return {
      count,
      told,
      again: count - told - missing,
      missing,
      early,
      lateP99Ms: late.percentile(99),
      lateMaxMs: late.max,
      blockedMaxMs: loop.max / 1e6,
      cpuShare: (user + system) / 1000 / spanMs,
    };
  },
};

export type ExpiriesCalls = typeof calls;

serve(calls);
