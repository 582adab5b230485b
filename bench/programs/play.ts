// A process that plays one system: on each call, turns for a given time.
import { setImmediate as nextLoop } from 'node:timers/promises';
import { PerformanceObserver } from 'node:perf_hooks';
import { Driver, type Latency } from '../driver.ts';
import { collect } from '../heap.ts';
import { serve } from '../serve.ts';
import { type System, type SystemName, systems } from '../system.ts';

/** The results of a slice of turns. */
export interface Slice {
  readonly turns: number;
  readonly ms: number;
  /** CPU time of all threads of the process. */
  readonly cpuMs: number;
  readonly gcMs: number;
}

/** The weight of a system's conversations while no user speaks. */
export interface Weight {
  readonly conversations: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Of the whole process. */
  readonly totalRssBytes: number;
}

let driver: Driver | undefined;
let system: System | undefined;
let gcMs = 0;
const observer = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) gcMs += duration;
});
observer.observe({ entryTypes: ['gc'] });

const calls = {
  /** Opens the system and plays the first round of every user, or as much of it as the time limit allows. */
  async open(about: { name: SystemName; users: number; fillMs: number }): Promise<Weight> {
    const { load, oneAtATime } = systems[about.name];
    const { open } = await load();
    const before = await collect();
    system = await open(about.users);
    driver = new Driver(system, about.users);
    await driver.fill(about.fillMs, oneAtATime ? 1 : 64);
    const after = await collect();
    const { conversations } = driver;
    return {
      conversations,
      heapBytes: (after.heap - before.heap) / conversations,
      rssBytes: (after.rss - before.rss) / conversations,
      totalRssBytes: after.rss,
    };
  },
  async play(about: { ms: number; inFlight: number }): Promise<Slice> {
    const cpu = process.cpuUsage();
    const gc = gcMs;
    const played = await opened().play(about.ms, about.inFlight);
    const { user, system: kernel } = process.cpuUsage(cpu);
    await nextLoop();
    for (const { duration } of observer.takeRecords()) gcMs += duration;
    return { ...played, cpuMs: (user + kernel) / 1000, gcMs: gcMs - gc };
  },
  time: (about: { ms: number; inFlight: number }): Promise<Latency> =>
    opened().time(about.ms, about.inFlight),
  close: async (): Promise<void> => system?.close?.(),
};

export type PlayCalls = typeof calls;

serve(calls);

function opened(): Driver {
  if (driver === undefined) throw new Error('Nothing is open.');
  return driver;
}
