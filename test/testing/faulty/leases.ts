import type { Leased as Answer } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type Fault, type Place, fault, leaseFault, pause } from './fault.ts';

export const leaseFaults: readonly Fault[] = [
  leaseFault(
    'a lease comes together with the record',
    'leaves the record out',
    'the record that came with the lease',
    ({ lease }) => ({
      take: async (...args) => without(await lease.take(...args)),
    }),
  ),
  leaseFault(
    'a lease comes together with the record',
    'changes the record',
    'after its lease was taken',
    ({ lease }, { disk }) => ({
      async take(openid, owner, ttlMs) {
        const answer = await lease.take(openid, owner, ttlMs);
        const found = disk.records.get(openid);
        if (found) disk.records.set(openid, { ...found, revision: found.revision + 1 });
        return answer;
      },
    }),
  ),
  leaseFault(
    'an openid without a record has a lease as well',
    'keeps it in the record',
    'must not get the lease',
    ({ lease }, { disk }) => ({
      take: async (openid, owner, ttlMs) =>
        disk.records.has(openid)
          ? lease.take(openid, owner, ttlMs)
          : { taken: true, record: undefined },
    }),
  ),
  leaseFault(
    'an openid without a record has a lease as well',
    'makes a record for it',
    'after its lease was taken',
    ({ lease }, { disk }) => ({
      async take(openid, owner, ttlMs) {
        const answer = await lease.take(openid, owner, ttlMs);
        if (!disk.records.has(openid)) {
          disk.records.set(openid, { openid, body: '', wakeAt: 0, revision: 0 });
        }
        return answer;
      },
    }),
  ),
  ...[0, -1, 60_001, Date.UTC(2026), Number.NaN].map((heldForMs) =>
    leaseFault(
      'another owner learns for how long a lease is held',
      `says ${heldForMs}`,
      'is held for more than 0',
      ({ lease }) => ({
        take: async (...args) => told(await lease.take(...args), heldForMs),
      }),
    ),
  ),
  leaseFault(
    'the time that a lease is held for counts down',
    'tells the whole',
    'is held for less later',
    ({ lease }) => ({
      take: async (...args) => told(await lease.take(...args), 60_000),
    }),
  ),
  leaseFault(
    'to take a lease again is to extend it',
    'refuses its owner',
    "owner 'one' should get the lease",
    ({ lease }) => {
      const held = new Set<string>();
      return {
        async take(openid, owner, ttlMs) {
          if (held.has(openid)) return { taken: false, heldForMs: 1 };
          held.add(openid);
          return lease.take(openid, owner, ttlMs);
        },
      };
    },
  ),
  leaseFault(
    'to take a lease again is to extend it',
    'leaves the time as it is',
    'must not get the lease',
    ({ lease }, { disk, clock }) => ({
      async take(openid, owner, ttlMs) {
        const before = disk.leases?.get(openid);
        const answer = await lease.take(openid, owner, ttlMs);
        if (before?.owner === owner && before.until > clock.now()) disk.leases?.set(openid, before);
        return answer;
      },
    }),
  ),
  leaseFault(
    'a lease given back is free at once',
    'lets it run out',
    "owner 'two' should get the lease",
    () => ({
      release: async () => {},
    }),
  ),
  leaseFault(
    'a lease is given back by its owner only',
    'takes it from anybody',
    'must not get the lease',
    (_inner, { disk }) => ({
      release: async (openid) => void disk.leases?.delete(openid),
    }),
  ),
  leaseFault(
    'a lease is given back by its owner only',
    'throws at a stranger',
    'not the owner',
    ({ lease }, { disk }) => ({
      async release(openid, owner) {
        if (disk.leases?.get(openid)?.owner !== owner) throw new Error('not the owner');
        await lease.release(openid, owner);
      },
    }),
  ),
  leaseFault(
    'a lease that ran out goes to the next',
    'never lets it run out',
    "owner 'two' should get the lease",
    ({ lease }) => ({
      take: (openid, owner) => lease.take(openid, owner, 1e9),
    }),
  ),
  leaseFault(
    'a lease that ran out goes to the next',
    'gives the record as it was when the lease was taken first',
    'the record as it is by then',
    ({ lease }) => {
      const first = new Map<string, Answer>();
      return {
        async take(openid, owner, ttlMs) {
          const answer = await lease.take(openid, owner, ttlMs);
          if (!first.has(openid)) first.set(openid, answer);
          return answer.taken ? (first.get(openid) ?? answer) : answer;
        },
      };
    },
  ),
  leaseFault(
    'an owner whose lease went to another can no longer give it back',
    'goes by its own memory',
    "owner 'three' must not get the lease",
    ({ lease }, { disk }) => {
      const owners = new Set<string>();
      return {
        async take(openid, owner, ttlMs) {
          const answer = await lease.take(openid, owner, ttlMs);
          if (answer.taken) owners.add(owner);
          return answer;
        },
        release: async (openid, owner) => void (owners.has(owner) && disk.leases?.delete(openid)),
      };
    },
  ),
  fault(
    'a lease is never due',
    'has its leases run out by the index',
    'what is due beside two leases',
    ({ due }, { disk }) => ({
      async due(until, limit) {
        const leases = [...(disk.leases ?? [])].map(([openid, { until: wakeAt }]) => ({
          openid,
          wakeAt,
        }));
        return [...(await due(until, limit)), ...leases];
      },
    }),
  ),
  leaseFault(
    'each openid has its own lease',
    'ignores case',
    "owner 'owner 1' should get the lease",
    ({ lease }) => ({
      take: (openid, owner, ttlMs) => lease.take(openid.toLowerCase(), owner, ttlMs),
    }),
  ),
  leaseFault(
    'each openid has its own lease',
    'keeps it among the records',
    'a record',
    ({ lease }, { disk }) => ({
      async take(openid, owner, ttlMs) {
        const key = `${openid}:lease`;
        disk.records.set(key, { openid: key, body: owner, wakeAt: 1e15, revision: 1 });
        return lease.take(openid, owner, ttlMs);
      },
    }),
  ),
  leaseFault(
    'each openid has its own lease',
    'gives them all back',
    'must not get the lease',
    (_inner, { disk }) => ({
      release: async () => disk.leases?.clear(),
    }),
  ),
  leaseFault(
    'of twenty owners at once one takes the lease',
    'looks first and takes later',
    'expected 1, got 20',
    (_inner, { disk, clock }) => ({
      take: (openid, owner, ttlMs) => takeLater(disk, clock.now() + ttlMs, openid, owner),
    }),
  ),
  leaseFault(
    'two on one place share the leases',
    'has them in the process only',
    "owner 'two' must not get the lease",
    ({ load, lease }, { clock }) => {
      const own = memory(createDisk(), { shared: true, clock }).lease ?? lease;
      return {
        async take(openid, owner, ttlMs) {
          const answer = await own.take(openid, owner, ttlMs);
          return answer.taken ? { taken: true, record: await load(openid) } : answer;
        },
        release: own.release,
      };
    },
  ),
];

function without(answer: Answer): Answer {
  return answer.taken ? { taken: true, record: undefined } : answer;
}

function told(answer: Answer, heldForMs: number): Answer {
  return answer.taken ? answer : { taken: false, heldForMs };
}

async function takeLater(
  disk: Place['disk'],
  until: number,
  openid: string,
  owner: string,
): Promise<Answer> {
  const held = disk.leases?.get(openid);
  await pause();
  if (held !== undefined && held.owner !== owner) return { taken: false, heldForMs: 1 };
  disk.leases?.set(openid, { owner, until });
  return { taken: true, record: disk.records.get(openid) };
}
