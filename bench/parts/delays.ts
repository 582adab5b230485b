import { bytes, format } from '../format.ts';
import { withBuild } from '../library.ts';
import { type Part, type Report, once } from '../part.ts';
import { launch } from '../processes.ts';
import type { DelaysCalls } from '../programs/delays.ts';
import { figureOf } from '../statistics.ts';

/** One pending delay per user, due far in the future: its weight, and the cost of setting and cancelling it. */
export const delays: Part = {
  name: 'delays',
  async run(scale): Promise<Report> {
    const users = scale.quick ? 100_000 : 1_000_000;
    scale.note(`${users} pending delays`);
    const env = withBuild(scale.build);
    const timed = launch<DelaysCalls>('delays', { env });
    const plain = launch<DelaysCalls>('delays', { env });
    const heap =
      (await timed.call('open', { users, delays: true })) -
      (await plain.call('open', { users, delays: false }));
    const differences: number[] = [];
    // One pass switches all users off, the next one switches all on: the difference of both is one set and one cancel.
    for (let pair = 0; pair < (scale.quick ? 3 : 5); pair += 1) {
      let difference = 0;
      for (let pass = 0; pass < 2; pass += 1) {
        difference += await timed.call('play', { turns: users });
        difference -= await plain.call('play', { turns: users });
      }
      differences.push(difference / 2);
    }
    const index = await plain.call('index', { entries: users });
    await timed.end();
    await plain.end();
    const inTurn = figureOf(differences);
    return {
      title: `${format(users)} pending delays`,
      text: 'A dialogue with an `after` of a month, against the same one without: the difference is the weight and the cost of its delays, including the work of XState. The index of due times is also measured by itself.',
      tables: [
        {
          head: ['heap each', 'in a turn, set or cancel', 'in the index: set', 'cancel'],
          rows: [
            [
              bytes(heap),
              `${format(inTurn.median)} ± ${format(inTurn.noise)} ns`,
              `${format(index.set)} ns`,
              `${format(index.cancel)} ns`,
            ],
          ],
        },
      ],
      checks: scale.quick
        ? []
        : [
            {
              what: '1 000 000 pending delays: heap each',
              figure: once(heap),
              unit: 'B',
              atMost: 150,
            },
            {
              what: '1 000 000 pending delays: set or cancel in a turn',
              figure: inTurn,
              unit: 'ns',
              atMost: 800,
            },
          ],
    };
  },
};
