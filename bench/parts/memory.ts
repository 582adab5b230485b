import { Comparison, titleOf } from '../comparison.ts';
import { bytes } from '../format.ts';
import { type Part, type Report, type Scale, once } from '../part.ts';
import { type SystemName, systems } from '../system.ts';
import { ratioCheck, turnsTable } from './turns-table.ts';

const SYSTEMS: readonly SystemName[] = [
  'xstate-actors',
  'colloquy',
  'colloquy-words',
  'telegraf',
  'switch',
  'xstate-json',
  'bottender',
  'botbuilder',
  'grammy',
];

/** A thousand users, who fit into the caches of the processor. */
export const memory: Part = {
  name: 'memory',
  async run(scale): Promise<Report> {
    const names = namesFor(scale);
    const comparison = await Comparison.run(
      {
        systems: names,
        users: 1000,
        inFlight: [1, 64],
        launches: scale.quick ? 2 : 5,
        slices: scale.quick ? 4 : 6,
        sliceMs: scale.quick ? 150 : 250,
        warmMs: scale.quick ? 400 : 800,
        fillMs: 5000,
      },
      scale,
    );
    const against = (base: SystemName, inFlight: number) =>
      comparison.ratio('colloquy', base, inFlight);
    return {
      title: 'In memory, 1 000 users',
      text: 'Five turns a round, users in turn, every reply checked. With 64 in flight, p50 to p99.9 are those of 64 messages that arrive at once. grammY is measured with one in flight: with several, some of its conversations never ended here.',
      tables: [1, 64].map((many) =>
        turnsTable(comparison, names, many, `${many} in flight, 1 000 users`),
      ),
      checks: [
        ...ratioCheck(
          'memory, 1 000 users, 1 in flight: against live actors',
          against('xstate-actors', 1),
          2,
        ),
        ...ratioCheck(
          'memory, 1 000 users, 64 in flight: against live actors',
          against('xstate-actors', 64),
          1.5,
        ),
        ...[1, 64].flatMap((many) =>
          ratioCheck(
            `memory, 1 000 users, ${many} in flight, in ask and confirm: against live actors`,
            comparison.ratio('colloquy-words', 'xstate-actors', many),
            1.2,
          ),
        ),
      ],
    };
  },
};

/** A hundred thousand users, who do not fit, and the weight of their conversations. */
export const crowd: Part = {
  name: 'crowd',
  async run(scale): Promise<Report> {
    // A quick run leaves out the systems that take minutes for that number of users.
    const names = namesFor(scale).filter((name) => !scale.quick || !systems[name].slow);
    const comparison = await Comparison.run(
      {
        systems: names,
        users: 100_000,
        inFlight: [1, 64],
        launches: scale.quick ? 1 : 5,
        slices: scale.quick ? 4 : 3,
        sliceMs: 250,
        warmMs: 500,
        fillMs: 10_000,
      },
      scale,
    );
    return {
      title: 'In memory, 100 000 users',
      text: 'The same. Every user plays a first round first; a slow system stops after ten seconds. The weight of a conversation, message ids included, is measured over those that exist by then.',
      tables: [
        ...[1, 64].map((many) =>
          turnsTable(comparison, names, many, `${many} in flight, 100 000 users`),
        ),
        {
          caption: 'An idle conversation',
          head: ['system', 'conversations', 'heap each', 'RSS each'],
          rows: names.map((name) => {
            const { weight } = comparison.row(name, 1);
            return [
              titleOf(name),
              String(weight.conversations),
              bytes(weight.heapBytes),
              bytes(weight.rssBytes),
            ];
          }),
        },
      ],
      checks: [
        ...ratioCheck(
          'memory, 100 000 users, 1 in flight: against live actors',
          comparison.ratio('colloquy', 'xstate-actors', 1),
          1.2,
        ),
        ...ratioCheck(
          'memory, 100 000 users, 1 in flight: against Telegraf',
          comparison.ratio('colloquy', 'telegraf', 1),
          1.2,
        ),
        ...ratioCheck(
          'memory, 100 000 users, 1 in flight, in ask and confirm: against live actors',
          comparison.ratio('colloquy-words', 'xstate-actors', 1),
          1.2,
        ),
        ...ratioCheck(
          'memory, 100 000 users, 1 in flight, in ask and confirm: against Telegraf',
          comparison.ratio('colloquy-words', 'telegraf', 1),
          1.5,
        ),
        ...(['colloquy', 'colloquy-words'] as const)
          .filter((name) => names.includes(name))
          .map((name) => ({
            what: `heap of an idle conversation, 100 000 users${name === 'colloquy' ? '' : ', in ask and confirm'}`,
            figure: once(comparison.row(name, 1).weight.heapBytes),
            unit: 'B',
            atMost: 340,
          })),
      ],
    };
  },
};

function namesFor({ only, against }: Scale): readonly SystemName[] {
  const wanted =
    only === undefined
      ? SYSTEMS
      : SYSTEMS.filter((name) => name === 'colloquy' || only.includes(name));
  if (against === undefined) return wanted;
  return wanted.flatMap((name): SystemName[] => (name === 'colloquy' ? [name, 'against'] : [name]));
}
