import { ColloquyError, type Persister } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import {
  ContractError,
  type PersisterSubject,
  persisterContract,
  selectCases,
} from 'colloquy/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { clockFaults } from './faulty/clock.ts';
import { deleteFaults } from './faulty/deletes.ts';
import { dueFaults } from './faulty/due.ts';
import { leasedSaveFaults } from './faulty/leased-saves.ts';
import { leaseFaults } from './faulty/leases.ts';
import { lifeFaults } from './faulty/life.ts';
import { listFaults } from './faulty/lists.ts';
import { moveFaults } from './faulty/moves.ts';
import { openidFaults } from './faulty/openids.ts';
import { recordFaults } from './faulty/records.ts';

const faults = [
  ...recordFaults,
  ...deleteFaults,
  ...openidFaults,
  ...dueFaults,
  ...lifeFaults,
  ...leaseFaults,
  ...leasedSaveFaults,
  ...clockFaults,
  ...moveFaults,
  ...listFaults,
];

const caseOf = (name: string) => {
  const found = persisterContract.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no case "${name}"`);
  return found;
};

/** The result of a run. */
const faultOf = (run: Promise<void>): Promise<unknown> =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );

afterEach(() => {
  vi.useRealTimers();
});

describe('the contract of persisters', () => {
  it('has a faulty persister for every case, and every name once', () => {
    const names = persisterContract.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(faults.map(({ breaks }) => breaks))).toEqual(new Set(names));
    const titles = faults.map(({ breaks, what }) => `${breaks}: ${what}`);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

// That a sound one passes is shown with the memory persister.
for (const { name } of persisterContract) {
  describe(`"${name}" finds one that`, () => {
    for (const { what, says, subject } of faults.filter(({ breaks }) => breaks === name)) {
      it(what, async () => {
        const error = await faultOf(caseOf(name).run(subject()));
        expect(error).toBeInstanceOf(ContractError);
        expect((error as Error).message).toContain(says);
      });
    }
  });
}

describe('a case', () => {
  const READ_BACK = 'a record is read back as it was saved last';
  const RESTART = 'what was saved is there after a restart';

  /** A subject that writes down what is done with it. */
  const watched = (spoil: Partial<Persister> = {}) => {
    const log: string[] = [];
    const disk = createDisk();
    const open = (what: string) => async (): Promise<Persister> => {
      log.push(what);
      const persister = memory(disk);
      const close = async (): Promise<void> => {
        log.push('close');
        await persister.close();
      };
      return { ...persister, close, ...spoil };
    };
    const subject: PersisterSubject = {
      capabilities: ['reopen'],
      open: open('open'),
      reopen: open('reopen'),
      cleanUp: async () => void log.push('clean up'),
    };
    return { log, subject };
  };

  it('closes what it opened, and cleans up at the end', async () => {
    const one = watched();
    await caseOf(READ_BACK).run(one.subject);
    expect(one.log).toEqual(['open', 'close', 'clean up']);
    const two = watched();
    await caseOf(RESTART).run(two.subject);
    expect(two.log).toEqual(['open', 'close', 'reopen', 'close', 'clean up']);
  });

  it('closes and cleans up as well when a rule is broken', async () => {
    const { log, subject } = watched({ load: async () => undefined });
    const error = await faultOf(caseOf(READ_BACK).run(subject));
    expect(error).toBeInstanceOf(ContractError);
    expect(log).toEqual(['open', 'close', 'clean up']);
  });

  it('tells of the rule that was broken, not of a close or a clean-up that fails after it', async () => {
    const fails = async (): Promise<never> => {
      throw new Error('at the end');
    };
    const { subject } = watched({ load: async () => undefined, close: fails });
    const error = await faultOf(caseOf(READ_BACK).run({ ...subject, cleanUp: fails }));
    expect(error).toMatchObject({ message: expect.stringContaining('the record as saved') });
  });

  it('tells of a close that fails, and of a clean-up that does', async () => {
    const fails = async (): Promise<never> => {
      throw new Error('at the end');
    };
    const { subject } = watched({ close: fails });
    const closing = await faultOf(caseOf(READ_BACK).run(subject));
    expect(closing).toBeInstanceOf(ContractError);
    expect(closing).toMatchObject({ cause: { message: 'at the end' } });
    const cleaning = caseOf(READ_BACK).run({ ...watched().subject, cleanUp: fails });
    await expect(cleaning).rejects.toThrow('at the end');
  });

  it('keeps a persister error that it did not expect as the cause', async () => {
    const cause = new TypeError('no such table');
    const { subject } = watched({
      save: async () => {
        throw cause;
      },
    });
    const error = await faultOf(caseOf(READ_BACK).run(subject));
    expect(error).toBeInstanceOf(ContractError);
    expect(error).toMatchObject({ cause, message: expect.stringContaining('no such table') });
  });

  it('shows what was found beside what was expected, cut short where it is long', async () => {
    const short = await faultOf(
      caseOf('an openid that was never saved has no record').run(
        watched({ load: async () => null as never }).subject,
      ),
    );
    expect(short).toMatchObject({ actual: null, expected: undefined });
    const body = 'x'.repeat(2 ** 20);
    const long = await faultOf(
      caseOf(READ_BACK).run(
        watched({ load: async (openid) => ({ openid, body, wakeAt: 1, revision: 1 }) }).subject,
      ),
    );
    const { message, actual } = long as ContractError;
    expect(message.length).toBeLessThan(500);
    expect(JSON.stringify(actual).length).toBeLessThan(5_000);
  });

  it('is not passed over for what the subject does not declare', async () => {
    const { subject } = watched();
    for (const undeclared of [{ ...subject, capabilities: [] }, without(subject, 'capabilities')]) {
      const error = await faultOf(caseOf(RESTART).run(undeclared));
      expect(ColloquyError.is(error, 'bad_subject')).toBe(true);
      expect((error as Error).message).toContain('reopen');
    }
  });

  it('wants reopen() of a subject that declares it', async () => {
    const { log, subject } = watched();
    const error = await faultOf(caseOf(RESTART).run(without(subject, 'reopen')));
    expect(ColloquyError.is(error, 'bad_subject')).toBe(true);
    expect(log.at(-1)).toBe('clean up');
  });

  it('waits by the clock on the wall where the subject has no `passTime`', async () => {
    vi.useFakeTimers();
    const disk = createDisk();
    const open = async (): Promise<Persister> => memory(disk, { shared: true });
    let ended = false;
    const run = caseOf('the time that a lease is held for counts down')
      .run({ capabilities: ['leases'], open })
      .finally(() => {
        ended = true;
      });
    await vi.advanceTimersByTimeAsync(40);
    expect(ended).toBe(false);
    await vi.advanceTimersByTimeAsync(300);
    await run;
  });
});

describe('the cases for a subject', () => {
  it('are those whose needs it declares; the others are named', () => {
    const { cases, skipped } = selectCases(persisterContract, { capabilities: ['reopen'] });
    expect(cases.length + skipped.length).toBe(persisterContract.length);
    for (const { needs } of cases) expect(['', 'reopen']).toContain(needs.join());
    expect(skipped).toContain('two on one place see what the other did');
    expect(skipped).toContain('a lease comes together with the record');
    expect(skipped).not.toContain('what was saved is there after a restart');
  });

  it('are those without needs where it declares nothing', () => {
    const { cases } = selectCases(persisterContract, {});
    expect(cases.length).toBeGreaterThan(0);
    expect(cases.every(({ needs }) => needs.length === 0)).toBe(true);
  });
});

function without(subject: PersisterSubject, key: 'capabilities' | 'reopen'): PersisterSubject {
  const { [key]: _left, ...others } = subject;
  return others as PersisterSubject;
}
