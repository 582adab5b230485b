import { format } from '../format.ts';
import { withBuild } from '../library.ts';
import { type Part, type Report, once } from '../part.ts';
import { launch } from '../processes.ts';
import type { ParsersCalls } from '../programs/parsers.ts';
import { figureOf } from '../statistics.ts';

/** The time that a parser needs to read an answer. */
export const parsers: Part = {
  name: 'parsers',
  async run(scale): Promise<Report> {
    scale.note('parsers');
    const env = withBuild(scale.build);
    const first: number[] = [];
    for (let launched = 0; launched < (scale.quick ? 3 : 9); launched += 1) {
      const program = launch<ParsersCalls>('parsers', { env });
      first.push(await program.call('firstDate', undefined as never));
      await program.end();
    }
    const program = launch<ParsersCalls>('parsers', { env });
    const slowest = await program.call('slowest', { runs: scale.quick ? 15 : 101 });
    await program.end();
    const firstDate = figureOf(first);
    return {
      title: 'Reading an answer',
      text: 'Each parser reads texts of 200, 500 and 1 000 characters, made of one piece that is repeated, for about 60 pieces that are hard for some parser. The table shows the median for the slowest text. The first date is read in a new process, after the import.',
      tables: [
        {
          head: ['parser', 'slowest text', 'made of'],
          rows: [
            ...Object.entries(slowest).map(([name, { ms, of }]) => [
              name,
              `${format(ms * 1000)} µs`,
              JSON.stringify(of),
            ]),
            [
              'first date of a process',
              `${format(firstDate.median)} ± ${format(firstDate.noise)} ms`,
              '',
            ],
          ],
        },
      ],
      checks: [
        ...Object.entries(slowest).map(([name, { ms }]) => ({
          what: `${name}(): up to 1 000 characters`,
          figure: once(ms),
          unit: 'ms',
          atMost: 1,
        })),
        { what: 'the first date of a process', figure: firstDate, unit: 'ms', atMost: 20 },
      ],
    };
  },
};
