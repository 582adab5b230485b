import { format, times } from '../format.ts';
import { withBuild } from '../library.ts';
import type { Check, Part, Report } from '../part.ts';
import { launch } from '../processes.ts';
import type { Grown, GrowthCalls } from '../programs/growth.ts';
import { figureOf, ratioOf } from '../statistics.ts';

const SIZES: Readonly<Record<Grown, readonly number[]>> = {
  users: [1000, 10_000, 100_000],
  context: [10, 100, 1000],
  copy: [10, 100, 1000],
  states: [10, 100, 1000],
};
const WHAT: Readonly<Record<Grown, string>> = {
  users: 'users in memory',
  context: 'keys in the context, one of which changes',
  copy: 'keys, by themselves: `Object.freeze({ ...context, key0 })`',
  states: 'states of the dialogue, one after the other',
};
/**
 * The maximal ratio for ten times as many. Constant cost gives about 1, apart from the caches of the machine; linear
 * cost gives 10.
 */
const AT_MOST: Readonly<Record<Grown, number | undefined>> = {
  users: 1.5,
  context: 12,
  // What JavaScript itself takes for the copy that every assign of XState makes.
  copy: undefined,
  states: 1.5,
};

/** The cost of a turn as users, keys or states grow tenfold, twice. */
export const growth: Part = {
  name: 'growth',
  async run(scale): Promise<Report> {
    scale.note('cost as things grow');
    const program = launch<GrowthCalls>('growth', { env: withBuild(scale.build) });
    const kinds = Object.keys(SIZES) as Grown[];
    const took = new Map<string, number[]>();
    for (const grown of kinds) {
      for (const size of SIZES[grown]) {
        took.set(`${grown} ${size}`, []);
        await program.call('open', { grown, size });
        await program.call('play', { grown, size, ms: 200 });
      }
    }
    for (let round = 0; round < (scale.quick ? 5 : 15); round += 1) {
      for (const grown of kinds) {
        for (const size of SIZES[grown]) {
          const each = await program.call('play', { grown, size, ms: scale.quick ? 60 : 150 });
          took.get(`${grown} ${size}`)?.push(each);
        }
      }
    }
    await program.end();
    const all = (grown: Grown, size: number): number[] => took.get(`${grown} ${size}`) ?? [];
    const steps = kinds.flatMap((grown) =>
      SIZES[grown].map((size, index) => {
        const before = SIZES[grown][index - 1];
        const ratio =
          before === undefined ? undefined : ratioOf(all(grown, size), all(grown, before));
        return { grown, size, ratio, figure: figureOf(all(grown, size)) };
      }),
    );
    return {
      title: 'Cost as things grow',
      text: 'Microseconds per turn, one in flight, in one process that plays the slices in turn.',
      tables: [
        {
          head: ['what', 'how many', 'a turn', 'for ten times as many'],
          rows: steps.map(({ grown, size, ratio, figure }) => [
            WHAT[grown],
            format(size),
            `${format(figure.median)} µs`,
            ratio === undefined ? '' : times(ratio.median),
          ]),
        },
      ],
      checks: steps.flatMap(({ grown, size, ratio }): Check[] => {
        const atMost = AT_MOST[grown];
        if (ratio === undefined || atMost === undefined) return [];
        const what = `cost of a turn, ${format(size)} ${WHAT[grown].split(' ')[0]} against a tenth`;
        return [{ what, figure: ratio, unit: '×', atMost }];
      }),
    };
  },
};
