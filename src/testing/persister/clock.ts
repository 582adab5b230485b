import type { Persister } from '../../persist/persister.ts';
import { ContractError, brief, mustBe } from '../contract.ts';
import { type PersisterCase, mustRefuse, persisterCases } from './subject.ts';

/** No clock that is right in milliseconds shows less or more; one in seconds or microseconds does. */
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

const withClock = persisterCases(['clock'], {
  'the time is in milliseconds since 1970': async ({ persister }) => void (await timeOf(persister)),

  'the time passes': async ({ persister, passTime }) => {
    const before = await timeOf(persister);
    await passTime(200);
    const after = await timeOf(persister);
    // No more than half of it: a clock may be slowed down to be set right, and one in milliseconds rounds.
    if (after - before < 100) {
      throw new ContractError(
        `of 200 ms that passed, the persister's time went on by ${after - before}`,
        { actual: after - before, expected: 200 },
      );
    }
  },

  'a closed one tells no time': async ({ persister }) => {
    const now = clockOf(persister);
    await persister.close();
    await mustRefuse(now, 'closed', 'now() after close()');
  },
});

const onOnePlace = persisterCases(['clock', 'processes'], {
  'two on one place tell one time': async ({ persister, another }) => {
    const other = await another();
    let last = await timeOf(persister);
    for (const each of [other, persister, other, persister]) {
      const next = await timeOf(each);
      mustBe(next >= last, `told by one and then by the other, the time goes back`);
      last = next;
    }
  },
});

export const clockCases: readonly PersisterCase[] = [...withClock, ...onOnePlace];

function clockOf(persister: Persister): () => Promise<number> {
  mustBe(persister.now !== undefined, 'a clock is declared, and the persister has no `now`');
  return persister.now.bind(persister);
}

async function timeOf(persister: Persister): Promise<number> {
  const now: unknown = await clockOf(persister)();
  if (typeof now === 'number' && now > EARLIEST && now < LATEST) return now;
  throw new ContractError(
    `what now() gives is milliseconds since 1970, between the years 2000 and 2200, and it gave ${brief(now)}`,
    { actual: now },
  );
}
