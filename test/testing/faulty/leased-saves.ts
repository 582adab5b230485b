import { ConflictError, type DueEntry } from 'colloquy';
import { type Fault, fault, leaseFault } from './fault.ts';

export const leasedSaveFaults: readonly Fault[] = [
  leaseFault(
    'a leased save keeps the record and frees the lease',
    'keeps the lease',
    "owner 'two' should get the lease",
    ({ save }) => ({ save }),
  ),
  leaseFault(
    'a leased save keeps the record and frees the lease',
    'frees the lease only',
    'what the leased save kept',
    ({ lease }) => ({
      async save(record, _expected, owner) {
        await lease.release(record.openid, owner);
        return 1;
      },
    }),
  ),
  fault(
    'a leased save keeps the record and frees the lease',
    'leaves the index as it was',
    'what is due',
    ({ lease, due }) => {
      let index: DueEntry[] | undefined;
      return {
        lease: {
          ...lease,
          async save(record, expected, owner) {
            index = await due(100, 9);
            return lease.save(record, expected, owner);
          },
        },
        due: async (until, limit) => index ?? due(until, limit),
      };
    },
  ),
  leaseFault(
    'a refused leased save changes nothing, the lease neither',
    'frees the lease in any case',
    'must not get the lease',
    ({ lease }) => ({
      async save(record, expected, owner) {
        try {
          return await lease.save(record, expected, owner);
        } finally {
          await lease.release(record.openid, owner);
        }
      },
    }),
  ),
  leaseFault(
    'a refused leased save changes nothing, the lease neither',
    'trusts the lease',
    'a leased save that expects another revision',
    ({ lease }, { disk }) => ({
      save: (record, _expected, owner) =>
        lease.save(record, disk.records.get(record.openid)?.revision, owner),
    }),
  ),
  leaseFault(
    'of twenty leased saves at once one is let through',
    'looks first and writes later',
    'leased saves let through of 20',
    ({ lease, load }, { disk }) => ({
      async save(record, expected, owner) {
        const found = await load(record.openid);
        if (found?.revision !== expected) throw new ConflictError(record.openid);
        return lease.save(record, disk.records.get(record.openid)?.revision, owner);
      },
    }),
  ),
  leaseFault(
    'an owner who lost the lease saves by the revision, and frees nothing',
    'frees the lease of the other',
    "owner 'three' must not get the lease",
    ({ save }, { disk }) => ({
      async save(record, expected) {
        const revision = await save(record, expected);
        disk.leases?.delete(record.openid);
        return revision;
      },
    }),
  ),
  leaseFault(
    'an owner who lost the lease saves by the revision, and frees nothing',
    'wants the lease',
    "was refused: ConflictError 'conflict'",
    ({ lease }, { disk }) => ({
      async save(record, expected, owner) {
        if (disk.leases?.get(record.openid)?.owner === owner)
          return lease.save(record, expected, owner);
        throw new ConflictError(record.openid);
      },
    }),
  ),
  leaseFault(
    'an owner who lost the lease saves by the revision, and frees nothing',
    'trusts the lease',
    'by a stale revision',
    ({ lease }, { disk }) => ({
      save: (record, expected, owner) =>
        lease.save(
          record,
          disk.leases?.get(record.openid)?.owner === owner
            ? disk.records.get(record.openid)?.revision
            : expected,
          owner,
        ),
    }),
  ),
  ...(['save', 'delete'] as const).map((name) =>
    fault(
      'a lease holds up no save and no delete by revision',
      `refuses ${name}() beside a lease`,
      name === 'save' ? "was refused: ConflictError 'conflict'" : 'a delete beside a lease',
      ({ save, delete: remove }, { disk }) => ({
        async save(record, expected) {
          if (name === 'save' && disk.leases?.has(record.openid))
            throw new ConflictError(record.openid);
          return save(record, expected);
        },
        delete: async (openid, expected) =>
          name === 'delete' && disk.leases?.has(openid) ? false : remove(openid, expected),
      }),
    ),
  ),
  ...(['save', 'delete'] as const).map((name) =>
    fault(
      'a lease outlives a save and a delete by another process',
      `ends it with ${name}()`,
      "owner 'two' must not get the lease",
      ({ save, delete: remove }, { disk }) => ({
        save(record, expected) {
          if (name === 'save') disk.leases?.delete(record.openid);
          return save(record, expected);
        },
        delete(openid, expected) {
          if (name === 'delete') disk.leases?.delete(openid);
          return remove(openid, expected);
        },
      }),
    ),
  ),
];
