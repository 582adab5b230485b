import type { Leases, Persister, StoredRecord } from 'colloquy';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { type ManualClock, type PersisterSubject, createManualClock } from 'colloquy/testing';

/** What all persisters on one place share. */
export interface Place {
  readonly disk: Disk;
  readonly clock: ManualClock;
  /** How many were opened before. */
  opened: number;
}

/** A sound persister, and what is done to it. */
export type Spoil = (inner: Leased, place: Place) => Partial<Persister>;

export type Leased = Persister & { readonly lease: Leases };

/** A persister that breaks a rule in one way, as a driver might. */
export interface Fault {
  /** What is wrong with it. */
  readonly what: string;
  /** The name of the case that has to find it. */
  readonly breaks: string;
  /** What the case has to say of it, among other things. */
  readonly says: string;
  subject(): PersisterSubject;
}

export function fault(
  breaks: string,
  what: string,
  says: string,
  spoil: Spoil,
  capabilities: PersisterSubject['capabilities'] = [
    'reopen',
    'processes',
    'leases',
    'clock',
    'moves',
    'lists',
  ],
): Fault {
  const subject = (): PersisterSubject => {
    const clock = createManualClock();
    const place = { disk: createDisk(), clock, opened: 0 };
    const open = async (): Promise<Persister> => {
      const { lease, ...inner } = memory(place.disk, { shared: true, clock });
      if (lease === undefined) throw new Error('a shared disk has leases');
      const spoilt = { ...inner, lease };
      const parts = spoil(spoilt, place);
      place.opened += 1;
      return { ...spoilt, ...parts };
    };
    return { capabilities, open, reopen: open, passTime: (ms) => clock.advance(ms) };
  };
  return { what, breaks, says, subject };
}

/** The same, of its leases. */
export function leaseFault(
  breaks: string,
  what: string,
  says: string,
  spoil: (inner: Leased, place: Place) => Partial<Leases>,
): Fault {
  return fault(breaks, what, says, (inner, place) => ({
    lease: { ...inner.lease, ...spoil(inner, place) },
  }));
}

/** Lets others run in between. */
export async function pause(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

/** The persister, with every record changed on its way in. */
export function changing(change: (record: StoredRecord) => StoredRecord): Spoil {
  return ({ save }) => ({ save: (record, expected) => save(change(record), expected) });
}

/** The persister, with its keys made of openids in another way. */
export function keyed(toKey: (openid: string) => string): Spoil {
  return ({ load, save, delete: remove, due }, { disk }) => {
    const names = new Map<string, string>();
    const named = <T extends { readonly openid: string }>(record: T): T => ({
      ...record,
      openid: names.get(record.openid) ?? record.openid,
    });
    return {
      async load(openid) {
        const found = await load(toKey(openid));
        return found && named(found);
      },
      save: (record, expected) => {
        const key = toKey(record.openid);
        if (!disk.records.has(key)) names.set(key, record.openid);
        return save({ ...record, openid: key }, expected);
      },
      delete: (openid, expected) => remove(toKey(openid), expected),
      async due(until, limit) {
        return (await due(until, limit)).map(named);
      },
    };
  };
}
