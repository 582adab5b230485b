import { format, percent } from '../format.ts';
import { withBuild } from '../library.ts';
import { type Check, type Part, type Report, once } from '../part.ts';
import { launch } from '../processes.ts';
import type { ExpiriesCalls } from '../programs/expiries.ts';

/** Very many contexts that expire within a minute: the runner has to emit one event for each, in time. */
export const expiries: Part = {
  name: 'expiries',
  async run(scale): Promise<Report> {
    const count = scale.quick ? 100_000 : 1_000_000;
    const spanMs = scale.quick ? 6000 : 60_000;
    scale.note(`${count} expiries in ${spanMs / 1000} s`);
    const program = launch<ExpiriesCalls>('expiries', { env: withBuild(scale.build) });
    const found = await program.call('run', { count, spanMs });
    await program.end();
    const check = (what: string, value: number, unit: string, atMost: number): Check => ({
      what: `1 000 000 expiries in a minute: ${what}`,
      figure: once(value),
      unit,
      atMost,
    });
    return {
      title: `${format(count)} expiries within ${spanMs / 1000} seconds`,
      text: 'In real time, in one process, with a listener for each; the time that the event loop was away includes garbage collection.',
      tables: [
        {
          head: [
            'told once',
            'told again',
            'never told',
            'early',
            'late, p99',
            'late, most',
            'loop away, most',
            'CPU',
          ],
          rows: [
            [
              format(found.told),
              format(found.again),
              format(found.missing),
              format(found.early),
              `${format(found.lateP99Ms)} ms`,
              `${format(found.lateMaxMs)} ms`,
              `${format(found.blockedMaxMs)} ms`,
              percent(found.cpuShare),
            ],
          ],
        },
      ],
      checks: [
        check('not told once', found.again + found.missing + found.early, '', 0),
        check('lateness', found.lateMaxMs, 'ms', 1000),
        check('event loop away', found.blockedMaxMs, 'ms', 50),
        check('CPU', found.cpuShare * 100, '%', 25),
      ],
    };
  },
};
