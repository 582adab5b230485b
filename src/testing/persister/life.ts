import { inspect } from 'node:util';
import { ContractError, mustBe, mustEqual } from '../contract.ts';
import {
  type PersisterCase,
  type PersisterHarness,
  mustBeDue,
  mustConflict,
  mustLetOneThrough,
  mustRefuse,
  mustRefuseCalls,
  persisterCases,
  race,
} from './subject.ts';
import { sampleRecord } from './user.ts';

const always = persisterCases([], {
  'leases are there where they are declared, and only there': async ({ persister, declares }) => {
    const rule = 'whether the persister has `lease`, by what its subject declares';
    mustEqual(persister.lease !== undefined, declares('leases'), rule);
  },

  'a persister has `now` where that is declared, and only there': async (bench) => {
    const rule = 'whether the persister has `now`, by what its subject declares';
    mustEqual(bench.persister.now !== undefined, bench.declares('clock'), rule);
  },

  'close may be called twice, also at once': async ({ persister, user }) => {
    await user('ann').save();
    const { lost } = await race([() => persister.close(), () => persister.close()]);
    lost.push(...(await race([() => persister.close()])).lost);
    if (lost.length > 0) throw new ContractError('a close was refused', { cause: lost[0] });
  },

  'every call after close is refused as closed': async (bench) => {
    const { persister, ann } = bench;
    await ann.save();
    await persister.close();
    await mustRefuseCalls(bench, 'ann', 'closed', 'after close()');
    await mustRefuse(() => persister.due(1, 1), 'closed', 'due() after close()');
  },

  'no error tells of a body, nor of an openid in its text': mustTellNothing,
});

const reopened = persisterCases(['reopen'], {
  'what was saved is there after a restart': async ({ user, restart }) => {
    const [ann, bob, cid] = [user('ann'), user('bob'), user('cid')];
    await ann.save('one', 1);
    const revision = await ann.save('two 微信 👋', 20);
    await bob.save('three', 10);
    await cid.save('four', 30);
    await cid.delete();
    const next = await restart();
    await ann.mustHold('a record after a restart', next);
    await bob.mustHold('a record after a restart', next);
    await cid.mustHold('what was deleted, after a restart', next);
    await mustBeDue(next, { bob: 10, ann: 20 }, 'what is due after a restart');
    await next.save(sampleRecord('ann', 'five'), revision);
  },

  'revisions grow over a restart, after a delete, too': async (bench) => {
    let { persister } = bench;
    let last = Number.NEGATIVE_INFINITY;
    for (let round = 0; round < 3; round += 1) {
      const first = await persister.save(sampleRecord('ann'), undefined);
      mustBe(first > last, `a revision grows: after ${last}, and a restart, came ${first}`);
      last = await persister.save(sampleRecord('ann'), first);
      await persister.delete('ann', last);
      persister = await bench.restart();
    }
  },

  'a save under way at a close is kept or refused': async ({ persister, user, restart }) => {
    const users = Array.from({ length: 20 }, (_, index) => user(`user-${index}`));
    const saves = race(users.map((each) => () => each.save()));
    await persister.close();
    const { won } = await saves;
    const next = await restart();
    for (const { index } of won) await users[index]?.mustHold('a save that was not refused', next);
  },
});

const onOnePlace = persisterCases(['processes'], {
  'two on one place see what the other did': async ({ persister, ann, another }) => {
    const one = persister;
    const two = await another();
    const first = await ann.save('one', 10);
    await ann.mustHold('what the other saved', two);
    const record = sampleRecord('ann', 'two', 20);
    const second = ann.note(record, await two.save(record, first));
    mustBe(second > first, `a revision grows: after ${first} came ${second} from the other`);
    await ann.mustHold('what the other saved over it');
    await mustBeDue(one, { ann: 20 }, 'what is due by the other');
    await mustConflict(() => ann.saveOver(first, 'three'), 'a stale save');
    mustEqual(await ann.delete(second), true, 'a delete of what the other saved');
    await ann.mustHold('what the other deleted', two);
    await mustBeDue(two, {}, 'what is due after the other deleted it');
    const third = await two.save(sampleRecord('ann', 'four'), undefined);
    mustBe(third > second, `a revision grows: after ${second}, and a delete, came ${third}`);
  },

  'of saves at once by two on one place one is let through': async ({ persister, another }) => {
    const other = await another();
    await mustLetOneThrough([persister, other], undefined);
    const revision = (await other.load('ann'))?.revision;
    await mustLetOneThrough([other, persister], revision);
  },

  'one of two on a place closes without the other': async (bench) => {
    const two = await bench.another();
    const revision = await bench.user('ann').save();
    await bench.persister.close();
    const { lost } = await race([() => two.save(sampleRecord('ann', 'two'), revision)]);
    if (lost.length === 0) return;
    throw new ContractError('a save failed after the other on the place was closed', {
      cause: lost[0],
    });
  },
});

export const lifeCases: readonly PersisterCase[] = [...always, ...reopened, ...onOnePlace];

const BODY = 'canary-of-a-body-5f1c';
const OPENID = 'canary-of-an-openid-9b3e';

/** An error holds no body; it holds the openid in its property, and not in its text. */
async function mustTellNothing(bench: PersisterHarness): Promise<void> {
  const { persister } = bench;
  const record = sampleRecord(OPENID, BODY);
  const lease = bench.declares('leases') ? bench.lease : undefined;
  const revision = await persister.save(record, undefined);
  const odd = sampleRecord(`${OPENID}\ud800`, `${BODY}\0\ud800`);
  const long = sampleRecord(OPENID.repeat(400), BODY);
  const open = [
    () => persister.save(record, undefined),
    () => persister.save(record, revision + 1),
    () => persister.save(odd, undefined),
    () => persister.save({ ...odd, openid: OPENID }, revision + 1),
    () => persister.save(long, undefined),
    () => persister.save({ ...record, wakeAt: Number.NaN }, revision + 1),
    () => persister.load(odd.openid),
    () => persister.load(long.openid),
    () => persister.delete(long.openid),
    ...(lease ? [() => lease.save(record, undefined, 'owner')] : []),
  ];
  const closed = [
    () => persister.load(OPENID),
    () => persister.save(record, revision),
    () => persister.delete(OPENID),
    ...(lease ? [() => lease.take(OPENID, 'owner', 1_000)] : []),
    ...(lease ? [() => lease.save(record, revision, 'owner')] : []),
  ];
  const { lost } = await race<unknown>(open);
  mustBe(lost.length > 0, 'a second first save is refused');
  await persister.close();
  lost.push(...(await race<unknown>(closed)).lost);
  for (const error of lost) {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      const whole = inspect(cause, { depth: 6, maxStringLength: null });
      mustBe(
        !whole.includes(BODY),
        `an error holds no body, in its causes neither: ${errorName(error)}`,
      );
      mustBe(
        !cause.message.includes(OPENID),
        `the text of an error names no openid: ${errorName(error)} (${errorName(cause)})`,
      );
    }
  }
}

/** Without its text, which is what must not be shown. */
function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
