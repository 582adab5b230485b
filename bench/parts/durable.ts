import { Comparison } from '../comparison.ts';
import type { Part, Report } from '../part.ts';
import { startPostgres, startRedis } from '../servers.ts';
import type { SystemName } from '../system.ts';
import { ratioCheck, turnsTable } from './turns-table.ts';

/** Turns that are stored outside the process before the system answers. */
export const durable: Part = {
  name: 'durable',
  async run(scale): Promise<Report> {
    const redis = await startRedis();
    const postgres = await startPostgres();
    try {
      const names = (
        [
          'colloquy',
          'xstate-lmdb',
          'colloquy-lmdb',
          ...(redis ? (['xstate-redis', 'colloquy-redis'] as const) : []),
          ...(postgres ? (['xstate-postgres', 'colloquy-postgres'] as const) : []),
          'grammy-file',
        ] satisfies SystemName[]
      ).filter((name) => name === 'colloquy' || (scale.only?.includes(name) ?? true));
      const comparison = await Comparison.run(
        {
          systems: names,
          users: 1000,
          inFlight: [1, 64],
          launches: scale.quick ? 1 : 5,
          slices: scale.quick ? 3 : 4,
          sliceMs: scale.quick ? 250 : 400,
          warmMs: scale.quick ? 300 : 600,
          fillMs: 2000,
          env: {
            ...(redis && { REDIS_URL: redis.url }),
            ...(postgres && { DATABASE_URL: postgres.url }),
          },
        },
        scale,
      );
      const { ratio } = { ratio: comparison.ratio.bind(comparison) };
      return {
        title: 'Durable, 1 000 users',
        text: [
          'LMDB is on the disk before a turn is answered.',
          redis === undefined
            ? 'There is no Redis on this machine.'
            : `Redis ${redis.version} with an append-only file, written each second; colloquy takes and gives back a lease with every turn.`,
          postgres === undefined
            ? 'There is no PostgreSQL on this machine.'
            : `PostgreSQL ${postgres.version} as it comes, 16 connections for each system: colloquy with a lease with every turn, XState with a transaction that locks the row (\`SELECT … FOR UPDATE\`).`,
          'The file storage of grammY does not wait for the disk.',
        ].join(' '),
        tables: [1, 64].map((many) =>
          turnsTable(comparison, names, many, `${many} in flight, 1 000 users`),
        ),
        checks: [
          ...ratioCheck(
            'LMDB, 64 in flight: against XState JSON in LMDB',
            ratio('colloquy-lmdb', 'xstate-lmdb', 64),
            2.5,
          ),
          ...ratioCheck(
            'LMDB, 64 in flight: against memory',
            ratio('colloquy-lmdb', 'colloquy', 64),
            0.25,
          ),
          ...ratioCheck(
            'LMDB, 1 in flight: against XState JSON in LMDB',
            ratio('colloquy-lmdb', 'xstate-lmdb', 1),
            1.5,
          ),
          ...ratioCheck(
            'Redis, 64 in flight: against XState JSON in Redis',
            ratio('colloquy-redis', 'xstate-redis', 64),
            2,
          ),
          ...ratioCheck(
            'PostgreSQL, 64 in flight: against XState JSON in PostgreSQL',
            ratio('colloquy-postgres', 'xstate-postgres', 64),
            1,
          ),
        ],
      };
    } finally {
      await redis?.stop();
      await postgres?.stop();
    }
  },
};
