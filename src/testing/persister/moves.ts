import type { Revision } from '../../persist/persister.ts';
import { mustBe, mustEqual } from '../contract.ts';
import {
  type PersisterCase,
  mustBeDue,
  mustConflict,
  mustHold,
  mustHoldNone,
  mustRefuse,
  persisterCases,
  race,
  sampleRecord,
} from './subject.ts';

const LONG_MS = 60_000;

const always = persisterCases(['moves'], {
  'a move keeps the new record and deletes the old one': async (bench) => {
    const { persister, move } = bench;
    const before = await persister.save(sampleRecord('old', 'one', 10), undefined);
    await persister.save(sampleRecord('other', 'two', 15), undefined);
    const record = sampleRecord('new', 'moved', 20);
    const revision = await move('old', before, record);
    await mustHold(persister, record, revision, 'the record that was moved');
    await mustHoldNone(persister, 'old', 'the record that was moved away');
    await mustBeDue(persister, { other: 15, new: 20 }, 'what is due after a move');
    const next = await persister.save(sampleRecord('new', 'saved', 30), revision);
    await mustHold(
      persister,
      sampleRecord('new', 'saved', 30),
      next,
      'the record saved after a move',
    );
  },

  'a move that expects another revision is refused and changes nothing': async (bench) => {
    const { persister, move } = bench;
    const first = await persister.save(sampleRecord('old', 'one', 10), undefined);
    const second = await persister.save(sampleRecord('old', 'two', 20), first);
    for (const expected of [first, second + 1]) {
      await mustConflict(
        () => move('old', expected, sampleRecord('new', 'moved', 5)),
        'a move that expects another revision',
      );
    }
    await mustHold(persister, sampleRecord('old', 'two', 20), second, 'after a refused move');
    await mustHoldNone(persister, 'new', 'where a refused move led');
    await mustBeDue(persister, { old: 20 }, 'what is due');
  },

  'a move of what is not there is refused': async ({ persister, move }) => {
    const rule = 'a move of what is not there';
    await mustConflict(() => move('old', 1, sampleRecord('new')), rule);
    await mustHoldNone(persister, 'new', rule);
    await mustBeDue(persister, {}, 'what is due');
  },

  'a move to an openid that has a record is refused and changes nothing': async (bench) => {
    const { persister, move } = bench;
    const old = await persister.save(sampleRecord('old', 'one', 10), undefined);
    const taken = await persister.save(sampleRecord('new', 'two', 20), undefined);
    await mustConflict(
      () => move('old', old, sampleRecord('new', 'moved', 5)),
      'a move to an openid that has a record',
    );
    await mustConflict(
      () => move('old', old, sampleRecord('old', 'moved', 5)),
      'a move to the same openid',
    );
    await mustHold(persister, sampleRecord('old', 'one', 10), old, 'what was to be moved');
    await mustHold(persister, sampleRecord('new', 'two', 20), taken, 'what is where it was to go');
    await mustBeDue(persister, { old: 10, new: 20 }, 'what is due');
  },

  'revisions of both openids grow over moves': async ({ persister, move }) => {
    let old: Revision = 0;
    let moved: Revision = 0;
    for (let round = 0; round < 4; round += 1) {
      let revision = await persister.save(sampleRecord('old'), undefined);
      mustBe(
        revision > old,
        `a revision of what was moved away grows: after ${old} came ${revision}`,
      );
      revision = await persister.save(sampleRecord('old'), revision);
      old = revision;
      const arrived = await move('old', revision, sampleRecord('new'));
      mustBe(arrived > moved, `a revision of where it goes grows: after ${moved} came ${arrived}`);
      moved = await persister.save(sampleRecord('new'), arrived);
      await persister.delete('new');
    }
  },

  'of a move and a save at once one is let through': async ({ persister, move }) => {
    for (let round = 0; round < 10; round += 1) {
      const [from, to] = [`old-${round}`, `new-${round}`];
      const before = await persister.save(sampleRecord(from, 'one'), undefined);
      const { won } = await race([
        () => move(from, before, sampleRecord(to, 'moved')),
        () => persister.save(sampleRecord(from, 'two'), before),
      ]);
      mustEqual(won.length, 1, 'let through of a move and a save that expect the same revision');
      const [winner] = won;
      const [bodyOfOld, bodyOfNew] = [await persister.load(from), await persister.load(to)];
      mustEqual(
        [bodyOfOld?.body, bodyOfNew?.body],
        winner?.index === 0 ? [undefined, 'moved'] : ['two', undefined],
        'what is there of the two',
      );
    }
  },

  'of ten moves to one openid at once one is let through': async (bench) => {
    const { persister, move } = bench;
    const openids = Array.from({ length: 10 }, (_, index) => `old-${index}`);
    const revisions = await Promise.all(
      openids.map((openid) => persister.save(sampleRecord(openid), undefined)),
    );
    const { won } = await race(
      openids.map(
        (openid, index) => () =>
          move(openid, revisions[index] as Revision, sampleRecord('new', openid)),
      ),
    );
    mustEqual(won.length, 1, 'moves let through of 10 to one openid');
    const left = await Promise.all(openids.map((openid) => persister.load(openid)));
    const gone = openids.filter((_, index) => left[index] === undefined);
    const arrived = await persister.load('new');
    mustEqual(gone, [arrived?.body], 'what is gone, and what is there instead');
  },

  'a closed one moves nothing': async ({ persister, move }) => {
    const revision = await persister.save(sampleRecord('old'), undefined);
    await persister.close();
    await mustRefuse(
      () => move('old', revision, sampleRecord('new')),
      'closed',
      'move() after close()',
    );
  },
});

const withLeases = persisterCases(['moves', 'leases'], {
  'a move touches no lease, and a lease holds none up': async (bench) => {
    const { persister, move, lease } = bench;
    const revision = await persister.save(sampleRecord('old'), undefined);
    for (const openid of ['old', 'new']) await lease.take(openid, 'one', LONG_MS);
    const moved = await move('old', revision, sampleRecord('new', 'moved'));
    await mustHold(persister, sampleRecord('new', 'moved'), moved, 'what was moved beside leases');
    await mustHoldNone(persister, 'old', 'what was moved away beside leases');
    for (const openid of ['old', 'new']) {
      const { taken } = await lease.take(openid, 'two', LONG_MS);
      mustEqual(taken, false, `whether another owner gets the lease of '${openid}' after a move`);
      await lease.release(openid, 'one');
      const free = await lease.take(openid, 'two', LONG_MS);
      mustEqual(
        free.taken,
        true,
        `whether the lease of '${openid}' is free when it was given back`,
      );
    }
  },
});

const reopened = persisterCases(['moves', 'reopen'], {
  'what was moved is there after a restart': async (bench) => {
    const { persister, move } = bench;
    const before = await persister.save(sampleRecord('old', 'one', 10), undefined);
    const revision = await move('old', before, sampleRecord('new', 'moved', 20));
    const next = await bench.restart();
    await mustHold(next, sampleRecord('new', 'moved', 20), revision, 'after a restart');
    await mustHoldNone(next, 'old', 'what was moved away, after a restart');
    await mustBeDue(next, { new: 20 }, 'what is due');
  },
});

export const moveCases: readonly PersisterCase[] = [...always, ...withLeases, ...reopened];
