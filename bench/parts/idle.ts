import { bytes, format, times } from '../format.ts';
import { withBuild } from '../library.ts';
import { type Part, type Report, once } from '../part.ts';
import { launch } from '../processes.ts';
import type { PlayCalls } from '../programs/play.ts';
import { figureOf, median, ratioOf } from '../statistics.ts';

const FEW = 1000;
/** Without a limit, V8 grows its heap far ahead of need. */
const HEAP_LIMIT = '--max-old-space-size=960';

/** How much a crowd of silent users slows down the one who speaks. */
export const idle: Part = {
  name: 'idle',
  async run(scale): Promise<Report> {
    const many = scale.quick ? 100_000 : 1_000_000;
    scale.note(`${many} idle conversations`);
    const env = withBuild(scale.build);
    const crowded = launch<PlayCalls>('play', { env, flags: [HEAP_LIMIT] });
    const alone = launch<PlayCalls>('play', { env });
    const unlimited = launch<PlayCalls>('play', { env });
    const about = { name: 'colloquy', fillMs: 120_000 } as const;
    const free = await unlimited.call('open', { ...about, users: many });
    await unlimited.end();
    const weight = await crowded.call('open', { ...about, users: many });
    await alone.call('open', { ...about, users: FEW });
    if (weight.conversations < many) throw new Error('There was no time to begin them all.');
    const slice = { ms: 1000, inFlight: 1 };
    const p99 = { crowded: [] as number[], alone: [] as number[] };
    await crowded.call('play', slice);
    await alone.call('play', slice);
    for (let pair = 0; pair < 5; pair += 1) {
      p99.crowded.push((await crowded.call('time', slice)).p99);
      p99.alone.push((await alone.call('time', slice)).p99);
    }
    await crowded.end();
    await alone.end();
    const ratio = ratioOf(p99.crowded, p99.alone);
    return {
      title: `${format(many)} idle conversations`,
      text: `Every user plays a first round; then users speak in turn, one at a time. The process with the many conversations runs with \`${HEAP_LIMIT}\`, and once, for its memory, without.`,
      tables: [
        {
          head: [
            'conversations',
            'RSS of the process',
            'heap each',
            'p99 of a turn',
            `against ${format(FEW)}`,
          ],
          rows: [
            [
              format(many),
              bytes(weight.totalRssBytes),
              bytes(weight.heapBytes),
              `${format(median(p99.crowded))} µs`,
              times(ratio.median),
            ],
            [
              `${format(many)}, without the flag`,
              bytes(free.totalRssBytes),
              bytes(free.heapBytes),
              '',
              '',
            ],
            [format(FEW), '', '', `${format(figureOf(p99.alone).median)} µs`, ''],
          ],
        },
      ],
      checks: scale.quick
        ? []
        : [
            {
              what: '1 000 000 idle conversations: RSS without flags',
              figure: once(free.totalRssBytes / 2 ** 30),
              unit: 'GiB',
              atMost: 0.6,
            },
            {
              what: `1 000 000 idle conversations: RSS with ${HEAP_LIMIT}`,
              figure: once(weight.totalRssBytes / 2 ** 30),
              unit: 'GiB',
              atMost: 1,
            },
            {
              what: `1 000 000 idle conversations: p99 of a turn, against 1 000`,
              figure: ratio,
              unit: '×',
              atMost: 2,
            },
          ],
    };
  },
};
