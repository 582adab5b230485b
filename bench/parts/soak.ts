import { bytes, format } from '../format.ts';
import { withBuild } from '../library.ts';
import { type Part, type Report, once } from '../part.ts';
import { launch } from '../processes.ts';
import type { SoakCalls, Stretch } from '../programs/soak.ts';
import { median } from '../statistics.ts';

const STRETCH_MS = 15_000;

/** Only with `--soak`: once full, memory must not grow. */
export function soak(minutes: number): Part {
  return {
    name: 'soak',
    async run(scale): Promise<Report> {
      const program = launch<SoakCalls>('soak', { env: withBuild(scale.build) });
      await program.call('open', undefined as never);
      const capacity = await program.call('capacity', { ms: 10_000 });
      const stretches: Stretch[] = [];
      const count = Math.max(4, Math.round((minutes * 60_000) / STRETCH_MS));
      for (let index = 0; index < count; index += 1) {
        const stretch = await program.call('stretch', { ms: STRETCH_MS, rate: capacity / 2 });
        stretches.push(stretch);
        scale.note(`soak, ${index + 1} of ${count}: ${describe(stretch).join(', ')}`);
      }
      await program.end();
      // The first quarter fills everything that has a limit.
      const full = stretches.slice(Math.ceil(count / 4));
      const half = Math.ceil(full.length / 2);
      const growth = (field: 'heapBytes' | 'rssBytes'): number =>
        median(full.slice(half).map((each) => each[field])) /
        median(full.slice(0, half).map((each) => each[field]));
      return {
        title: `Soak, ${format(minutes)} minutes`,
        text: `At half of its capacity of ${format(capacity)} turns/s: 200 000 users of whom 100 000 fit, contexts of 10 seconds.`,
        tables: [
          {
            head: ['stretch', 'turns/s', 'p99', 'records', 'expired', 'evicted', 'heap', 'RSS'],
            rows: stretches
              .filter((_, index) => index % Math.ceil(count / 20) === 0 || index === count - 1)
              .map((stretch) => [String(stretches.indexOf(stretch) + 1), ...describe(stretch)]),
          },
        ],
        checks: [
          {
            what: 'soak: heap, second half against first',
            figure: once(growth('heapBytes')),
            unit: '×',
            atMost: 1.05,
          },
          {
            what: 'soak: RSS, second half against first',
            figure: once(growth('rssBytes')),
            unit: '×',
            atMost: 1.1,
          },
        ],
      };
    },
  };
}

function describe(stretch: Stretch): string[] {
  return [
    format(stretch.turnsPerSecond),
    `${format(stretch.p99Ms)} ms`,
    format(stretch.records),
    format(stretch.expired),
    format(stretch.evicted),
    bytes(stretch.heapBytes),
    bytes(stretch.rssBytes),
  ];
}
