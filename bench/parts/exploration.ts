import { format } from '../format.ts';
import { withBuild } from '../library.ts';
import type { Part, Report } from '../part.ts';
import { launch } from '../processes.ts';
import type { ExplorationCalls } from '../programs/exploration.ts';
import { figureOf } from '../statistics.ts';

/** The time that an exploration of a large dialogue takes. */
export const exploration: Part = {
  name: 'explore',
  async run(scale): Promise<Report> {
    scale.note('the conversations of the support desk');
    const took: number[] = [];
    let conversations = 0;
    // Each in a new process: people explore once, with cold code.
    for (let launched = 0; launched < (scale.quick ? 1 : 5); launched += 1) {
      const program = launch<ExplorationCalls>('exploration', { env: withBuild(scale.build) });
      const found = await program.call('run', { runs: 1 });
      await program.end();
      took.push(...found.took);
      conversations = found.conversations;
    }
    const seconds = figureOf(took.map((ms) => ms / 1000));
    return {
      title: 'An exploration',
      text: `\`explore()\` of \`examples/support-desk\` with the samples and the budget of its configuration: 4 000 steps, from which it finds ${conversations} conversations and says each of them to the real runner. A new process each time.`,
      tables: [
        {
          head: ['time'],
          rows: [[`${format(seconds.median)} ± ${format(seconds.noise)} s`]],
        },
      ],
      checks: [
        { what: 'an exploration of the support desk', figure: seconds, unit: 's', atMost: 1.5 },
      ],
    };
  },
};
