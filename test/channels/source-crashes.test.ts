import type { Fault } from 'colloquy/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type SourceProcess, createSourceWorld } from './source-world.ts';

const USERS = ['ann', 'bob', 'cat'] as const;

/** What happens to two processes that share a persister, and to their users. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constant('say'), user: fc.constantFrom(...USERS) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('pass'), ms: fc.constantFrom(0, 1, 700, 20_000) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('stop'), at: fc.nat(1) }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('kill'), at: fc.nat(1), after: fc.nat(6) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('fault'),
      fault: fc.constantFrom<Fault>(
        { outcome: 'refused' },
        { outcome: 'lost' },
        { outcome: 'conflict' },
        { outcome: 'dropped' },
        { afterMs: 6000 },
      ),
    }),
  },
) as fc.Arbitrary<
  | { does: 'say'; user: (typeof USERS)[number] }
  | { does: 'pass'; ms: number }
  | { does: 'stop'; at: number }
  | { does: 'kill'; at: number; after: number }
  | { does: 'fault'; fault: Fault }
>;

it('with any fault and any crash, each message counts once and in order, and each reply is shown once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 30 }), async (happenings) => {
      const { pass, platform, start, heard } = createSourceWorld();
      const faults: Fault[] = [];
      /** How many calls of the persister a process still makes before it dies. */
      const lives = new Map<object, number>();
      const begin = (): SourceProcess => {
        const self = {};
        const begun = start({
          batch: 3,
          choose(call) {
            const left = lives.get(self);
            if (left === 0) {
              begun.kill();
              return { outcome: 'dropped' };
            }
            if (left !== undefined) lives.set(self, left - 1);
            // A call that no process may be without.
            return call.method === 'save' ||
              call.method === 'lease.take' ||
              call.method === 'lease.save'
              ? faults.shift()
              : undefined;
          },
        });
        keys.set(begun, self);
        return begun;
      };
      const keys = new Map<SourceProcess, object>();
      const processes = [begin(), begin()];
      const sent: Record<string, string[]> = { ann: [], bob: [], cat: [] };
      let number = 0;
      for (const each of happenings) {
        if (each.does === 'say') {
          number += 1;
          const text = String(number);
          sent[each.user]?.push(text);
          platform.say(each.user, text);
        }
        if (each.does === 'pass') await pass(each.ms);
        if (each.does === 'fault') faults.push(each.fault);
        if (each.does === 'stop' || each.does === 'kill') {
          const old = processes[each.at] as SourceProcess;
          if (each.does === 'kill') {
            lives.set(keys.get(old) as object, each.after);
            await pass(0);
            old.kill();
          } else {
            const stopping = old.stop();
            await pass(60_000);
            await stopping;
          }
          processes[each.at] = begin();
        }
      }
      faults.length = 0;
      await pass(180_000);
      for (const user of USERS) {
        expect(await heard(user)).toEqual(sent[user]);
        expect(platform.shown.filter((line) => line.startsWith(user))).toEqual(
          (sent[user] ?? []).map((text) => `${user}: ${text}`),
        );
      }
      expect(platform.mostAtOnce).toBeLessThanOrEqual(1);
      for (const process of processes) {
        const stopping = process.stop();
        await pass(60_000);
        await stopping;
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
