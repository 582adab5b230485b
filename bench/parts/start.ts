import { format } from '../format.ts';
import { withBuild } from '../library.ts';
import type { Part, Report } from '../part.ts';
import { launch } from '../processes.ts';
import type { StartCalls } from '../programs/start.ts';
import { figureOf } from '../statistics.ts';

/** The cost of starting: for a function that starts for each request, and for a test that starts a process. */
export const start: Part = {
  name: 'start',
  async run(scale): Promise<Report> {
    scale.note('import and first turn');
    const took = { xstate: [] as number[], colloquy: [] as number[] };
    for (let pair = 0; pair < (scale.quick ? 5 : 15); pair += 1) {
      for (const name of ['xstate', 'colloquy'] as const) {
        const program = launch<StartCalls>('start', { env: withBuild(scale.build) });
        took[name].push(await program.call(name, undefined as never));
        await program.end();
      }
    }
    const [xstate, colloquy] = [figureOf(took.xstate), figureOf(took.colloquy)];
    return {
      title: 'Import and first turn',
      text: 'In a new process, without the start of Node.js itself.',
      tables: [
        {
          head: ['what', 'time'],
          rows: [
            [
              'XState alone, to its first event',
              `${format(xstate.median)} ± ${format(xstate.noise)} ms`,
            ],
            [
              'colloquy, XState included, to its first reply',
              `${format(colloquy.median)} ± ${format(colloquy.noise)} ms`,
            ],
          ],
        },
      ],
      checks: [{ what: 'import and first turn', figure: colloquy, unit: 'ms', atMost: 40 }],
    };
  },
};
