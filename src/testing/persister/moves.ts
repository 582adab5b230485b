import type { Revision } from '../../persist/persister.ts';
import { mustBe, mustEqual } from '../contract.ts';
import {
  type PersisterCase,
  mustBeDue,
  mustConflict,
  mustRefuse,
  persisterCases,
  race,
} from './subject.ts';
import { sampleRecord } from './user.ts';

const always = persisterCases(['moves'], {
  'a move keeps the new record and deletes the old one': async ({ persister, user, move }) => {
    const moved = user('new');
    const before = await user('old').save('one', 10);
    await user('other').save('two', 15);
    const record = sampleRecord('new', 'moved', 20);
    moved.note(record, await move('old', before, record));
    await moved.mustHold('the record that was moved');
    await user('old').mustHold('the record that was moved away');
    await mustBeDue(persister, { other: 15, new: 20 }, 'what is due after a move');
    await moved.save('saved', 30);
    await moved.mustHold('the record saved after a move');
  },

  'a move that expects another revision is refused and changes nothing': async (bench) => {
    const old = bench.user('old');
    const first = await old.save('one', 10);
    const second = await old.save('two', 20);
    for (const expected of [first, second + 1]) {
      await mustConflict(
        () => bench.move('old', expected, sampleRecord('new', 'moved', 5)),
        'a move that expects another revision',
      );
    }
    await old.mustHold('after a refused move');
    await bench.user('new').mustHold('where a refused move led');
    await mustBeDue(bench.persister, { old: 20 }, 'what is due');
  },

  'a move of what is not there is refused': async ({ persister, user, move }) => {
    const rule = 'a move of what is not there';
    await mustConflict(() => move('old', 1, sampleRecord('new')), rule);
    await user('new').mustHold(rule);
    await mustBeDue(persister, {}, 'what is due');
  },

  'a move to an openid that has a record is refused and changes nothing': async (bench) => {
    const old = bench.user('old');
    const taken = bench.user('new');
    const revision = await old.save('one', 10);
    await taken.save('two', 20);
    for (const [to, rule] of [
      ['new', 'a move to an openid that has a record'],
      ['old', 'a move to the same openid'],
    ] as const) {
      await mustConflict(() => bench.move('old', revision, sampleRecord(to, 'moved', 5)), rule);
    }
    await old.mustHold('what was to be moved');
    await taken.mustHold('what is where it was to go');
    await mustBeDue(bench.persister, { old: 10, new: 20 }, 'what is due');
  },

  'revisions of both openids grow over moves': async ({ persister, move }) => {
    let old: Revision = 0;
    let moved: Revision = 0;
    for (let round = 0; round < 4; round += 1) {
      const first = await persister.save(sampleRecord('old'), undefined);
      mustBe(first > old, `a revision of what was moved away grows: after ${old} came ${first}`);
      old = await persister.save(sampleRecord('old'), first);
      const arrived = await move('old', old, sampleRecord('new'));
      mustBe(arrived > moved, `a revision of where it goes grows: after ${moved} came ${arrived}`);
      moved = await persister.save(sampleRecord('new'), arrived);
      await persister.delete('new');
    }
  },

  'of a move and a save at once one is let through': async ({ persister, user, move }) => {
    for (let round = 0; round < 10; round += 1) {
      const [from, to] = [`old-${round}`, `new-${round}`];
      const old = user(from);
      const before = await old.save('one');
      const { won } = await race([
        () => move(from, before, sampleRecord(to, 'moved')),
        () => old.save('two'),
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

  'of ten moves to one openid at once one is let through': async ({ persister, user, move }) => {
    const openids = Array.from({ length: 10 }, (_, index) => `old-${index}`);
    const revisions = await Promise.all(openids.map((openid) => user(openid).save()));
    const { won } = await race(
      revisions.map(
        (revision, index) => () =>
          move(`old-${index}`, revision, sampleRecord('new', `old-${index}`)),
      ),
    );
    mustEqual(won.length, 1, 'moves let through of 10 to one openid');
    const left = await Promise.all(openids.map((openid) => persister.load(openid)));
    const gone = openids.filter((_, index) => left[index] === undefined);
    const arrived = await persister.load('new');
    mustEqual(gone, [arrived?.body], 'what is gone, and what is there instead');
  },

  'a closed one moves nothing': async ({ persister, user, move }) => {
    const revision = await user('old').save();
    await persister.close();
    const moving = (): Promise<Revision> => move('old', revision, sampleRecord('new'));
    await mustRefuse(moving, 'closed', 'move() after close()');
  },
});

const withLeases = persisterCases(['moves', 'leases'], {
  'a move touches no lease, and a lease holds none up': async ({ user, move }) => {
    const [old, moved] = [user('old'), user('new')];
    const revision = await old.save();
    for (const each of [old, moved]) await each.take('one');
    const record = sampleRecord('new', 'moved');
    moved.note(record, await move('old', revision, record));
    await moved.mustHold('what was moved beside leases');
    await user('old').mustHold('what was moved away beside leases');
    for (const each of [old, moved]) {
      const held = await each.take('two');
      const afterMove = `whether another owner gets the lease of '${each.openid}' after a move`;
      mustEqual(held.taken, false, afterMove);
      await each.release('one');
      const free = await each.take('two');
      const givenBack = `whether the lease of '${each.openid}' is free when it was given back`;
      mustEqual(free.taken, true, givenBack);
    }
  },
});

const reopened = persisterCases(['moves', 'reopen'], {
  'what was moved is there after a restart': async ({ user, move, restart }) => {
    const moved = user('new');
    const before = await user('old').save('one', 10);
    const record = sampleRecord('new', 'moved', 20);
    moved.note(record, await move('old', before, record));
    const next = await restart();
    await moved.mustHold('after a restart', next);
    await user('old').mustHold('what was moved away, after a restart', next);
    await mustBeDue(next, { new: 20 }, 'what is due');
  },
});

export const moveCases: readonly PersisterCase[] = [...always, ...withLeases, ...reopened];
