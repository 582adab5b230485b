import { format, times } from '../format.ts';
import { withBuild } from '../library.ts';
import type { Part, Report } from '../part.ts';
import { launch } from '../processes.ts';
import type { FormCalls, FormKind } from '../programs/form.ts';
import { figureOf, ratioOf } from '../statistics.ts';

/** A message that fills a form of three slots, against a turn of the survey. */
export const form: Part = {
  name: 'form',
  async run(scale): Promise<Report> {
    scale.note('a form of three slots');
    const took: Record<FormKind, number[]> = { plain: [], form: [] };
    for (let launched = 0; launched < (scale.quick ? 1 : 3); launched += 1) {
      const program = launch<FormCalls>('form', { env: withBuild(scale.build) });
      await program.call('open', undefined as never);
      for (const kind of ['plain', 'form'] as const) await program.call('play', { kind, ms: 800 });
      for (let pair = 0; pair < 6; pair += 1) {
        for (const kind of ['plain', 'form'] as const) {
          took[kind].push(await program.call('play', { kind, ms: 250 }));
        }
      }
      await program.end();
    }
    const ratio = ratioOf(took.form, took.plain);
    return {
      title: 'A form that one message fills',
      text: 'Each message leads to a form of three slots (a number, an option, a name) and fills all of them; beside it the mean turn of the survey in `ask` and `confirm`, in the same process, 1 000 users, one in flight.',
      tables: [
        {
          head: ['turn', 'time', 'against a turn of the survey'],
          rows: [
            ['the survey in `ask` and `confirm`', `${format(figureOf(took.plain).median)} µs`, '1'],
            [
              'the form',
              `${format(figureOf(took.form).median)} µs`,
              `${times(ratio.median)} ± ${ratio.noise.toFixed(2)}`,
            ],
          ],
        },
      ],
      checks: [
        {
          what: 'a message that fills a form, against a turn',
          figure: ratio,
          unit: '×',
          atMost: 5,
        },
      ],
    };
  },
};
