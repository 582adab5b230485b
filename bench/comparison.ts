import { withBuild } from './library.ts';
import type { Scale } from './part.ts';
import { type Measurer, launch } from './processes.ts';
import type { PlayCalls, Slice, Weight } from './programs/play.ts';
import type { Latency } from './driver.ts';
import { type Figure, figureOf, median, ratioOf } from './statistics.ts';
import { type SystemName, systems } from './system.ts';

export interface ComparisonOptions {
  readonly systems: readonly SystemName[];
  readonly users: number;
  readonly inFlight: readonly number[];
  /**
   * Number of launches. Each launch gives every system a new process, because V8 compiles one differently each time.
   */
  readonly launches: number;
  /** Number of slices that each system plays in a launch. */
  readonly slices: number;
  readonly sliceMs: number;
  readonly warmMs: number;
  /** Time that a slow system has for the first round of all users; the others play that round to its end. */
  readonly fillMs: number;
  readonly env?: Readonly<Record<string, string>>;
}

const ANY_MS = 240_000;

/** The results of one system. */
export interface Row {
  readonly name: SystemName;
  readonly turnsPerSecond: Figure;
  readonly latency: Latency;
  readonly cpuMicroseconds: Figure;
  readonly gcShare: number;
  readonly weight: Weight;
}

/**
 * Measures systems side by side: each has a process, and the processes play one slice of turns after the other. What
 * the machine does to one slice it also does to the slices next to it, so the ratios within a round can be trusted
 * where absolute figures cannot.
 */
export class Comparison {
  readonly #slices = new Map<string, Slice[]>();
  readonly #latencies = new Map<string, Latency[]>();
  readonly #weights = new Map<SystemName, Weight[]>();
  readonly #options: ComparisonOptions;

  private constructor(options: ComparisonOptions) {
    this.#options = options;
  }

  static async run(options: ComparisonOptions, scale: Scale): Promise<Comparison> {
    const comparison = new Comparison(options);
    for (let launched = 1; launched <= options.launches; launched += 1) {
      scale.note(`${options.users} users, launch ${launched} of ${options.launches}`);
      await comparison.#launch(scale);
    }
    return comparison;
  }

  row(name: SystemName, inFlight: number): Row {
    const slices = this.#slices.get(key(name, inFlight)) ?? [];
    const latencies = this.#latencies.get(key(name, inFlight)) ?? [];
    const weights = this.#weights.get(name) ?? [];
    const middle = (field: keyof Latency): number => median(latencies.map((each) => each[field]));
    const weight = (field: keyof Weight): number => median(weights.map((each) => each[field]));
    return {
      name,
      turnsPerSecond: figureOf(slices.map(rateOf)),
      latency: {
        p50: middle('p50'),
        p99: middle('p99'),
        p999: middle('p999'),
        loopP99: middle('loopP99'),
      },
      cpuMicroseconds: figureOf(slices.map(({ cpuMs, turns }) => (cpuMs * 1000) / turns)),
      gcShare: sum(slices.map(({ gcMs }) => gcMs)) / sum(slices.map(({ ms }) => ms)),
      weight: {
        conversations: weight('conversations'),
        heapBytes: weight('heapBytes'),
        rssBytes: weight('rssBytes'),
        totalRssBytes: weight('totalRssBytes'),
      },
    };
  }

  /** The speed of one system divided by that of another, slice by slice. Undefined if one of them was left out. */
  ratio(
    name: SystemName,
    base: SystemName,
    inFlight: number,
    baseInFlight: number = inFlight,
  ): Figure | undefined {
    const own = this.#slices.get(key(name, inFlight));
    const other = this.#slices.get(key(base, baseInFlight));
    return own && other && ratioOf(own.map(rateOf), other.map(rateOf));
  }

  async #launch(scale: Scale): Promise<void> {
    const { users, inFlight, slices, sliceMs, warmMs, fillMs, env } = this.#options;
    const running: { name: SystemName; process: Measurer<PlayCalls> }[] = [];
    for (const name of this.#options.systems) {
      const build = name === 'against' ? scale.against : scale.build;
      const process = launch<PlayCalls>('play', { env: { ...env, ...withBuild(build ?? '') } });
      running.push({ name, process });
      push(
        this.#weights,
        name,
        await process.call('open', { name, users, fillMs: systems[name].slow ? fillMs : ANY_MS }),
      );
      for (const many of inFlight.filter((many) => can(name, many))) {
        await process.call('play', { ms: warmMs, inFlight: many });
      }
    }
    for (const many of inFlight) {
      const measured = running.filter(({ name }) => can(name, many));
      for (let slice = 0; slice < slices; slice += 1) {
        for (const { name, process } of measured) {
          const played = await process.call('play', { ms: sliceMs, inFlight: many });
          push(this.#slices, key(name, many), played);
        }
      }
      for (const { name, process } of measured) {
        const timed = await process.call('time', { ms: sliceMs * 2, inFlight: many });
        push(this.#latencies, key(name, many), timed);
      }
    }
    for (const { process } of running) {
      await process.call('close', undefined as never);
      await process.end();
    }
  }
}

/** Whether a system is measured with that number of messages in flight. */
export function can(name: SystemName, inFlight: number): boolean {
  return inFlight === 1 || systems[name].oneAtATime !== true;
}

/** The title of a system, for a table. */
export function titleOf(name: SystemName): string {
  return systems[name].title;
}

function key(name: SystemName, inFlight: number): string {
  return `${name} ${inFlight}`;
}

function rateOf({ turns, ms }: Slice): number {
  return (turns * 1000) / ms;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
