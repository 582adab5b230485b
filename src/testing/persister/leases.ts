import type { Leased } from '../../persist/persister.ts';
import { brief, mustBe, mustEqual } from '../contract.ts';
import { type PersisterCase, mustBeDue, mustConflict, persisterCases, race } from './subject.ts';
import { LONG_MS, PlaceUser, sampleRecord } from './user.ts';

/** Short enough to be waited for. */
const SHORT_MS = 100;
const PAST_SHORT_MS = 200;

const onePersister = persisterCases(['leases'], {
  'a lease comes together with the record': async ({ ann }) => {
    await ann.save('one', 10);
    await ann.mustGoTo('one');
    await ann.mustHold('the record after its lease was taken');
  },

  'an openid without a record has a lease as well': async ({ ann }) => {
    await ann.mustGoTo('one');
    await ann.mustBeHeldFrom('two');
    await ann.mustHold('the record, after its lease was taken');
    await ann.release('one');
    await ann.mustGoTo('two');
  },

  'another owner learns for how long a lease is held': async ({ ann }) => {
    await ann.save();
    await ann.mustGoTo('one');
    const heldForMs = await ann.mustBeHeldFrom('two');
    mustBe(
      heldForMs > 0 && heldForMs <= LONG_MS,
      `a lease of ${LONG_MS} ms is held for more than 0 and at most ${LONG_MS} ms, not ${brief(heldForMs)}`,
    );
    await ann.mustGoTo('one');
  },

  'the time that a lease is held for counts down': async ({ ann, passTime }) => {
    await ann.mustGoTo('one');
    const before = await ann.mustBeHeldFrom('two');
    await passTime(50);
    const after = await ann.mustBeHeldFrom('two');
    mustBe(after < before, `a lease held for ${before} ms is held for less later, not ${after}`);
  },

  'to take a lease again is to extend it': async ({ ann, passTime }) => {
    await ann.save();
    await ann.mustGoTo('one', undefined, SHORT_MS);
    await ann.mustGoTo('one');
    await passTime(PAST_SHORT_MS);
    await ann.mustBeHeldFrom('two');
  },

  'a lease given back is free at once': async ({ ann }) => {
    await ann.mustGoTo('one');
    await ann.release('one');
    await ann.mustGoTo('two');
    await ann.mustBeHeldFrom('one');
  },

  'a lease is given back by its owner only': async ({ ann }) => {
    await ann.release('stranger');
    await ann.mustGoTo('one');
    await ann.release('two');
    await ann.mustBeHeldFrom('two');
  },

  'a lease that ran out goes to the next': async ({ ann, passTime }) => {
    await ann.save('one');
    await ann.mustGoTo('one', undefined, SHORT_MS);
    await ann.save('two');
    await passTime(PAST_SHORT_MS);
    await ann.mustGoTo('two', 'the record as it is by then');
    await ann.mustBeHeldFrom('one');
  },

  'an owner whose lease went to another can no longer give it back': async ({ ann, passTime }) => {
    await ann.mustGoTo('one', undefined, SHORT_MS);
    await passTime(PAST_SHORT_MS);
    await ann.mustGoTo('two');
    await ann.release('one');
    await ann.mustBeHeldFrom('three');
  },

  'a leased save keeps the record and frees the lease': async ({ ann, persister }) => {
    await ann.mustGoTo('one');
    const first = await ann.saveAs('one', undefined, 'one', 10);
    await ann.mustGoTo('two', 'what the leased save kept');
    const second = await ann.saveAs('two', first, 'two', 20);
    mustBe(second > first, `a revision grows: after ${first} came ${second}`);
    await ann.mustHold('what the next one kept');
    await mustBeDue(persister, { ann: 20 }, 'what is due');
    await ann.mustGoTo('three');
  },

  'a refused leased save changes nothing, the lease neither': async ({ ann, persister }) => {
    const first = await ann.save('one', 10);
    await ann.mustGoTo('one');
    await ann.save('two', 20);
    for (const expected of [first, undefined]) {
      const rule = 'a leased save that expects another revision';
      await mustConflict(() => ann.saveAs('one', expected, 'three', 30), rule);
    }
    await ann.mustHold('after a refused leased save');
    await mustBeDue(persister, { ann: 20 }, 'what is due');
    await ann.mustBeHeldFrom('two');
  },

  'of twenty leased saves at once one is let through': async ({ ann }) => {
    const revision = await ann.save();
    await ann.mustGoTo('one');
    const bodies = Array.from({ length: 20 }, (_, index) => `body ${index}`);
    const { won } = await race(bodies.map((body) => () => ann.saveAs('one', revision, body)));
    mustEqual(won.length, 1, 'leased saves let through of 20 that expect the same revision');
  },

  'an owner who lost the lease saves by the revision, and frees nothing': async ({
    ann,
    passTime,
  }) => {
    const first = await ann.save('one');
    await ann.mustGoTo('one', undefined, SHORT_MS);
    await passTime(PAST_SHORT_MS);
    await ann.mustGoTo('two');
    await ann.saveAs('one', first, 'two');
    await ann.mustHold('by a revision that still was right');
    await ann.mustBeHeldFrom('three');
    const rule = 'a leased save by a stale revision, by the owner of the lease';
    await mustConflict(() => ann.saveAs('two', first, 'three'), rule);
  },

  'a lease holds up no save and no delete by revision': async ({ ann }) => {
    await ann.save('one');
    await ann.mustGoTo('one');
    const second = await ann.save('two');
    await ann.mustHold('a save beside a lease');
    mustEqual(await ann.delete(second), true, 'a delete beside a lease');
    await ann.mustHold('what was deleted beside a lease');
    await ann.save('three');
    await ann.mustHold('a first save beside a lease');
  },

  'a lease outlives a save and a delete by another process': async ({ ann }) => {
    await ann.save('one');
    await ann.mustGoTo('one');
    await ann.save('two');
    await ann.mustBeHeldFrom('two');
    await ann.delete();
    await ann.mustBeHeldFrom('two');
    await ann.release('one');
    await ann.mustGoTo('two');
  },

  'a lease is never due': async ({ persister, ann, user }) => {
    const bob = user('bob');
    await bob.save('body', 10);
    await ann.mustGoTo('one');
    await bob.mustGoTo('one');
    await mustBeDue(persister, { bob: 10 }, 'what is due beside two leases');
  },

  'each openid has its own lease': async ({ ann, user }) => {
    const openids = ['Ann', 'ann ', 'ann:lease', 'lease:ann', 'ann:owner', 'l:ann', 'ann\0'];
    const others = openids.map((openid) => user(openid));
    for (const [index, each] of [ann, ...others].entries()) {
      await each.mustGoTo(`owner ${index}`, 'a record beside it');
    }
    for (const each of [ann, ...others]) {
      await each.mustHold('a record where there are only leases');
      await each.save();
    }
    await ann.release('owner 0');
    for (const other of others) await other.mustBeHeldFrom('another');
    await ann.mustGoTo('another');
  },

  'of twenty owners at once one takes the lease': async ({ ann }) => {
    await mustGoToOne((owner) => ann.take(owner));
  },
});

const onOnePlace = persisterCases(['leases', 'processes'], {
  'two on one place share the leases': async ({ ann: one, another, user }) => {
    const other = await another();
    const two = new PlaceUser('ann', other);
    await one.mustGoTo('one');
    await two.mustBeHeldFrom('two');
    await two.release('two');
    two.note(sampleRecord('ann'), await one.saveAs('one', undefined));
    await two.mustGoTo('two');
    await one.mustBeHeldFrom('one');
    const bob = [user('bob'), new PlaceUser('bob', other)] as const;
    await mustGoToOne((owner, index) => bob[index % 2 === 0 ? 0 : 1].take(owner));
  },
});

export const leaseCases: readonly PersisterCase[] = [...onePersister, ...onOnePlace];

async function mustGoToOne(take: (owner: string, index: number) => Promise<Leased>): Promise<void> {
  const owners = Array.from({ length: 20 }, (_, index) => `owner ${index}`);
  const answers = await Promise.all(owners.map(take));
  const taken = answers.filter((answer) => answer.taken).length;
  mustEqual(taken, 1, `leases taken by ${answers.length} owners at once`);
}
