import { temporaryFolder } from '../folder.ts';
import { bytes, format } from '../format.ts';
import { withBuild } from '../library.ts';
import type { Part, Report } from '../part.ts';
import { launch } from '../processes.ts';
import type { ColdStartCalls } from '../programs/cold-start.ts';

/** Only with `--cold`: a new process over very many conversations in LMDB. */
export function coldStart(count: number): Part {
  return {
    name: 'cold',
    async run(scale): Promise<Report> {
      const folder = temporaryFolder();
      const env = withBuild(scale.build);
      scale.note(`seeding ${count} conversations`);
      const seeder = launch<ColdStartCalls>('cold-start', { env });
      const rate = await seeder.call('seed', { folder, count });
      await seeder.end();
      const starter = launch<ColdStartCalls>('cold-start', { env });
      const found = await starter.call('start', { folder });
      await starter.end();
      return {
        title: `Cold start over ${format(count)} stored conversations`,
        text: `They were stored at ${format(rate)} turns/s, each with a delay or an expiry pending.`,
        tables: [
          {
            head: [
              'opened',
              'first answer',
              '`start()` done',
              'heap then',
              'heap for each touched',
            ],
            rows: [
              [
                `${format(found.openedMs)} ms`,
                `${format(found.answeredMs)} ms`,
                `${format(found.startedMs)} ms`,
                bytes(found.heapBytes),
                bytes(found.touchedBytes),
              ],
            ],
          },
        ],
        checks: [],
      };
    },
  };
}
