import { inspect } from 'node:util';
import { ContractError, mustBe, mustEqual } from '../contract.ts';
import {
  type PersisterCase,
  type PersisterHarness,
  mustBeDue,
  mustConflict,
  mustHold,
  mustHoldNone,
  mustLetOneThrough,
  mustRefuse,
  persisterCases,
  race,
  sampleRecord,
} from './subject.ts';

const always = persisterCases([], {
  'leases are there where they are declared, and only there': async ({ persister, declares }) => {
    mustEqual(
      persister.lease !== undefined,
      declares('leases'),
      'whether the persister has `lease`, by what its subject declares',
    );
  },

  'close may be called twice, also at once': async ({ persister }) => {
    await persister.save(sampleRecord('ann'), undefined);
    const { lost } = await race([() => persister.close(), () => persister.close()]);
    lost.push(...(await race([() => persister.close()])).lost);
    if (lost.length > 0) throw new ContractError('a close was refused', { cause: lost[0] });
  },

  'every call after close is refused as closed': async (bench) => {
    const { persister } = bench;
    const revision = await persister.save(sampleRecord('ann'), undefined);
    const lease = bench.declares('leases') ? bench.lease : undefined;
    await persister.close();
    const calls: Record<string, () => Promise<unknown>> = {
      'load()': () => persister.load('ann'),
      'save()': () => persister.save(sampleRecord('ann'), revision),
      'delete()': () => persister.delete('ann'),
      'due()': () => persister.due(1, 1),
      ...(lease && {
        'lease.take()': () => lease.take('ann', 'owner', 1_000),
        'lease.save()': () => lease.save(sampleRecord('ann'), revision, 'owner'),
        'lease.release()': () => lease.release('ann', 'owner'),
      }),
    };
    for (const [name, call] of Object.entries(calls)) {
      await mustRefuse(call, 'closed', `${name} after close()`);
    }
  },

  'no error tells of a body, nor of an openid in its text': mustTellNothing,
});

const reopened = persisterCases(['reopen'], {
  'what was saved is there after a restart': async (bench) => {
    const { persister } = bench;
    const first = await persister.save(sampleRecord('ann', 'one', 1), undefined);
    const ann = await persister.save(sampleRecord('ann', 'two 微信 👋', 20), first);
    const bob = await persister.save(sampleRecord('bob', 'three', 10), undefined);
    await persister.save(sampleRecord('cid', 'four', 30), undefined);
    await persister.delete('cid');
    const next = await bench.restart();
    await mustHold(next, sampleRecord('ann', 'two 微信 👋', 20), ann, 'a record after a restart');
    await mustHold(next, sampleRecord('bob', 'three', 10), bob, 'a record after a restart');
    await mustHoldNone(next, 'cid', 'what was deleted, after a restart');
    await mustBeDue(next, { bob: 10, ann: 20 }, 'what is due after a restart');
    await next.save(sampleRecord('ann', 'five'), ann);
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

  'a save under way at a close is kept or refused': async (bench) => {
    const records = Array.from({ length: 20 }, (_, index) => sampleRecord(`user-${index}`));
    const saves = race(records.map((record) => () => bench.persister.save(record, undefined)));
    await bench.persister.close();
    const { won } = await saves;
    const next = await bench.restart();
    for (const { index, value } of won) {
      await mustHold(
        next,
        records[index] ?? sampleRecord(''),
        value,
        'a save that was not refused',
      );
    }
  },
});

const onOnePlace = persisterCases(['processes'], {
  'two on one place see what the other did': async (bench) => {
    const one = bench.persister;
    const two = await bench.another();
    const first = await one.save(sampleRecord('ann', 'one', 10), undefined);
    await mustHold(two, sampleRecord('ann', 'one', 10), first, 'what the other saved');
    const second = await two.save(sampleRecord('ann', 'two', 20), first);
    mustBe(second > first, `a revision grows: after ${first} came ${second} from the other`);
    await mustHold(one, sampleRecord('ann', 'two', 20), second, 'what the other saved over it');
    await mustBeDue(one, { ann: 20 }, 'what is due by the other');
    await mustConflict(() => one.save(sampleRecord('ann', 'three'), first), 'a stale save');
    mustEqual(await one.delete('ann', second), true, 'a delete of what the other saved');
    await mustHoldNone(two, 'ann', 'what the other deleted');
    await mustBeDue(two, {}, 'what is due after the other deleted it');
    const third = await two.save(sampleRecord('ann', 'four'), undefined);
    mustBe(third > second, `a revision grows: after ${second}, and a delete, came ${third}`);
  },

  'of saves at once by two on one place one is let through': async (bench) => {
    const both = [bench.persister, await bench.another()] as const;
    const saves = Array.from({ length: 50 }, (_, index) => ({
      record: sampleRecord('ann', `body ${index}`, index),
      by: both[index % 2 === 0 ? 0 : 1],
    }));
    await mustLetOneThrough(saves, undefined, both[0]);
    const revision = (await both[1].load('ann'))?.revision;
    await mustLetOneThrough(saves, revision, both[1]);
  },

  'one of two on a place closes without the other': async (bench) => {
    const two = await bench.another();
    const revision = await bench.persister.save(sampleRecord('ann'), undefined);
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
    const whole = inspect(error, { depth: 6, maxStringLength: null });
    mustBe(
      !whole.includes(BODY),
      `an error holds no body, in its causes neither: ${errorName(error)}`,
    );
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
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
