import type { Leased, Leases, LoadedRecord } from '../../persist/persister.ts';
import { ContractError, brief, mustBe, mustEqual } from '../contract.ts';
import {
  type PersisterCase,
  leasesOf,
  mustBeDue,
  mustBeRecord,
  mustConflict,
  mustHold,
  mustHoldNone,
  persisterCases,
  race,
  sampleRecord,
} from './subject.ts';

const OPENID = 'ann';
/** Longer than any case takes on the slowest machine. */
const LONG_MS = 60_000;
/** Short enough to be waited for. */
const SHORT_MS = 100;
const PAST_SHORT_MS = 200;

const onePersister = persisterCases(['leases'], {
  'a lease comes together with the record': async ({ persister, lease }) => {
    const record = sampleRecord(OPENID, 'one', 10);
    const revision = await persister.save(record, undefined);
    const found = await mustTake(lease, OPENID, 'one');
    mustBeRecord(found, record, revision, 'the record that came with the lease');
    await mustHold(persister, record, revision, 'the record after its lease was taken');
  },

  'an openid without a record has a lease as well': async ({ persister, lease }) => {
    mustEqual(await mustTake(lease, OPENID, 'one'), undefined, 'the record that is not there');
    await mustBeHeld(lease, OPENID, 'two');
    await mustHoldNone(persister, OPENID, 'the record, after its lease was taken');
    await lease.release(OPENID, 'one');
    await mustTake(lease, OPENID, 'two');
  },

  'another owner learns for how long a lease is held': async ({ persister, lease }) => {
    await persister.save(sampleRecord(OPENID), undefined);
    await mustTake(lease, OPENID, 'one');
    const heldForMs = await mustBeHeld(lease, OPENID, 'two');
    mustBe(
      heldForMs > 0 && heldForMs <= LONG_MS,
      `a lease of ${LONG_MS} ms is held for more than 0 and at most ${LONG_MS} ms, not ${brief(heldForMs)}`,
    );
    await mustTake(lease, OPENID, 'one');
  },

  'the time that a lease is held for counts down': async ({ lease, passTime }) => {
    await mustTake(lease, OPENID, 'one');
    const before = await mustBeHeld(lease, OPENID, 'two');
    await passTime(50);
    const after = await mustBeHeld(lease, OPENID, 'two');
    mustBe(after < before, `a lease held for ${before} ms is held for less later, not ${after}`);
  },

  'to take a lease again is to extend it': async ({ persister, lease, passTime }) => {
    const revision = await persister.save(sampleRecord(OPENID), undefined);
    await mustTake(lease, OPENID, 'one', SHORT_MS);
    const found = await mustTake(lease, OPENID, 'one', LONG_MS);
    mustBeRecord(found, sampleRecord(OPENID), revision, 'the record that came with it');
    await passTime(PAST_SHORT_MS);
    await mustBeHeld(lease, OPENID, 'two');
  },

  'a lease given back is free at once': async ({ lease }) => {
    await mustTake(lease, OPENID, 'one');
    await lease.release(OPENID, 'one');
    await mustTake(lease, OPENID, 'two');
    await mustBeHeld(lease, OPENID, 'one');
  },

  'a lease is given back by its owner only': async ({ lease }) => {
    await lease.release(OPENID, 'stranger');
    await mustTake(lease, OPENID, 'one');
    await lease.release(OPENID, 'two');
    await mustBeHeld(lease, OPENID, 'two');
  },

  'a lease that ran out goes to the next': async ({ persister, lease, passTime }) => {
    const revision = await persister.save(sampleRecord(OPENID, 'one'), undefined);
    await mustTake(lease, OPENID, 'one', SHORT_MS);
    const latest = await persister.save(sampleRecord(OPENID, 'two'), revision);
    await passTime(PAST_SHORT_MS);
    const found = await mustTake(lease, OPENID, 'two');
    mustBeRecord(found, sampleRecord(OPENID, 'two'), latest, 'the record as it is by then');
    await mustBeHeld(lease, OPENID, 'one');
  },

  'an owner whose lease went to another can no longer give it back': async (bench) => {
    const { lease, passTime } = bench;
    await mustTake(lease, OPENID, 'one', SHORT_MS);
    await passTime(PAST_SHORT_MS);
    await mustTake(lease, OPENID, 'two');
    await lease.release(OPENID, 'one');
    await mustBeHeld(lease, OPENID, 'three');
  },

  'a leased save keeps the record and frees the lease': async ({ persister, lease }) => {
    await mustTake(lease, OPENID, 'one');
    const first = await lease.save(sampleRecord(OPENID, 'one', 10), undefined, 'one');
    const found = await mustTake(lease, OPENID, 'two');
    mustBeRecord(found, sampleRecord(OPENID, 'one', 10), first, 'what the leased save kept');
    const second = await lease.save(sampleRecord(OPENID, 'two', 20), first, 'two');
    mustBe(second > first, `a revision grows: after ${first} came ${second}`);
    await mustHold(persister, sampleRecord(OPENID, 'two', 20), second, 'what the next one kept');
    await mustBeDue(persister, { [OPENID]: 20 }, 'what is due');
    await mustTake(lease, OPENID, 'three');
  },

  'a refused leased save changes nothing, the lease neither': async (bench) => {
    const { persister, lease } = bench;
    const first = await persister.save(sampleRecord(OPENID, 'one', 10), undefined);
    await mustTake(lease, OPENID, 'one');
    const second = await persister.save(sampleRecord(OPENID, 'two', 20), first);
    for (const expected of [first, undefined]) {
      await mustConflict(
        () => lease.save(sampleRecord(OPENID, 'three', 30), expected, 'one'),
        'a leased save that expects another revision',
      );
    }
    await mustHold(
      persister,
      sampleRecord(OPENID, 'two', 20),
      second,
      'after a refused leased save',
    );
    await mustBeDue(persister, { [OPENID]: 20 }, 'what is due');
    await mustBeHeld(lease, OPENID, 'two');
  },

  'of twenty leased saves at once one is let through': async ({ persister, lease }) => {
    const revision = await persister.save(sampleRecord(OPENID), undefined);
    await mustTake(lease, OPENID, 'one');
    const { won } = await race(
      Array.from(
        { length: 20 },
        (_, index) => () => lease.save(sampleRecord(OPENID, `body ${index}`), revision, 'one'),
      ),
    );
    mustEqual(won.length, 1, 'leased saves let through of 20 that expect the same revision');
  },

  'an owner who lost the lease saves by the revision, and frees nothing': async (bench) => {
    const { persister, lease, passTime } = bench;
    const first = await persister.save(sampleRecord(OPENID, 'one'), undefined);
    await mustTake(lease, OPENID, 'one', SHORT_MS);
    await passTime(PAST_SHORT_MS);
    await mustTake(lease, OPENID, 'two');
    const second = await lease.save(sampleRecord(OPENID, 'two'), first, 'one');
    await mustHold(
      persister,
      sampleRecord(OPENID, 'two'),
      second,
      'by a revision that still was right',
    );
    await mustBeHeld(lease, OPENID, 'three');
    await mustConflict(
      () => lease.save(sampleRecord(OPENID, 'three'), first, 'two'),
      'a leased save by a stale revision, by the owner of the lease',
    );
  },

  'a lease holds up no save and no delete by revision': async ({ persister, lease }) => {
    const first = await persister.save(sampleRecord(OPENID, 'one'), undefined);
    await mustTake(lease, OPENID, 'one');
    const second = await persister.save(sampleRecord(OPENID, 'two'), first);
    await mustHold(persister, sampleRecord(OPENID, 'two'), second, 'a save beside a lease');
    mustEqual(await persister.delete(OPENID, second), true, 'a delete beside a lease');
    await mustHoldNone(persister, OPENID, 'what was deleted beside a lease');
    const third = await persister.save(sampleRecord(OPENID, 'three'), undefined);
    await mustHold(persister, sampleRecord(OPENID, 'three'), third, 'a first save beside a lease');
  },

  'a lease outlives a save and a delete by another process': async ({ persister, lease }) => {
    const first = await persister.save(sampleRecord(OPENID, 'one'), undefined);
    await mustTake(lease, OPENID, 'one');
    await persister.save(sampleRecord(OPENID, 'two'), first);
    await mustBeHeld(lease, OPENID, 'two');
    await persister.delete(OPENID);
    await mustBeHeld(lease, OPENID, 'two');
    await lease.release(OPENID, 'one');
    mustEqual(await mustTake(lease, OPENID, 'two'), undefined, 'the record that was deleted');
  },

  'a lease is never due': async ({ persister, lease }) => {
    await persister.save(sampleRecord('bob', 'body', 10), undefined);
    await mustTake(lease, OPENID, 'one');
    await mustTake(lease, 'bob', 'one');
    await mustBeDue(persister, { bob: 10 }, 'what is due beside two leases');
  },

  'each openid has its own lease': async ({ persister, lease }) => {
    const openids = ['ann', 'Ann', 'ann ', 'ann:lease', 'lease:ann', 'ann:owner', 'l:ann', 'ann\0'];
    for (const [index, openid] of openids.entries()) {
      mustEqual(await mustTake(lease, openid, `owner ${index}`), undefined, 'a record beside it');
    }
    for (const openid of openids) {
      await mustHoldNone(persister, openid, 'a record where there are only leases');
      await persister.save(sampleRecord(openid), undefined);
    }
    await lease.release('ann', 'owner 0');
    for (const openid of openids.slice(1)) await mustBeHeld(lease, openid, 'another');
    await mustTake(lease, 'ann', 'another');
  },

  'of twenty owners at once one takes the lease': async ({ lease }) => {
    const owners = Array.from({ length: 20 }, (_, index) => `owner ${index}`);
    await mustGoToOne(owners.map((owner) => () => lease.take(OPENID, owner, LONG_MS)));
  },
});

const onOnePlace = persisterCases(['leases', 'processes'], {
  'two on one place share the leases': async (bench) => {
    const one = bench.lease;
    const two = leasesOf(await bench.another());
    await mustTake(one, OPENID, 'one');
    await mustBeHeld(two, OPENID, 'two');
    await two.release(OPENID, 'two');
    await one.save(sampleRecord(OPENID, 'body'), undefined, 'one');
    mustEqual((await mustTake(two, OPENID, 'two'))?.body, 'body', 'what the other saved');
    await mustBeHeld(one, OPENID, 'one');
    const owners = Array.from({ length: 20 }, (_, index) => `owner ${index}`);
    await mustGoToOne(
      owners.map((owner, index) => () => (index % 2 ? one : two).take('bob', owner, LONG_MS)),
    );
  },
});

export const leaseCases: readonly PersisterCase[] = [...onePersister, ...onOnePlace];

/** That `owner` gets the lease; gives the record that came with it. */
async function mustTake(
  lease: Leases,
  openid: string,
  owner: string,
  ttlMs = LONG_MS,
): Promise<LoadedRecord | undefined> {
  const answer = await lease.take(openid, owner, ttlMs);
  if (answer.taken) return answer.record;
  throw new ContractError(`owner '${owner}' should get the lease: it is free, or its own already`, {
    actual: answer,
  });
}

/** That `owner` does not get the lease, because another has it; gives for how long. */
async function mustBeHeld(lease: Leases, openid: string, owner: string): Promise<number> {
  const answer = await lease.take(openid, owner, LONG_MS);
  if (!answer.taken) return answer.heldForMs;
  throw new ContractError(`owner '${owner}' must not get the lease: another has it`, {
    actual: answer,
  });
}

async function mustGoToOne(takes: readonly (() => Promise<Leased>)[]): Promise<void> {
  const answers = await Promise.all(takes.map((take) => take()));
  const taken = answers.filter((answer) => answer.taken).length;
  mustEqual(taken, 1, `leases taken by ${takes.length} owners at once`);
}
