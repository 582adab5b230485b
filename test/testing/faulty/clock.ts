import { type Fault, fault } from './fault.ts';

const TOLD = 'the time is in milliseconds since 1970';
const GOES_ON = 'the time passes';
const ONE = 'two on one place tell one time';

export const clockFaults: readonly Fault[] = [
  fault(
    'a persister has `now` where that is declared, and only there',
    'declares it, and has none',
    'whether the persister has `now`',
    () => ({ now: undefined as never }),
  ),
  fault(
    'a persister has `now` where that is declared, and only there',
    'has it, and does not say so',
    'whether the persister has `now`',
    () => ({}),
    ['reopen', 'processes', 'leases'],
  ),
  fault(TOLD, 'tells seconds', 'between the years', (_inner, { clock }) => ({
    now: async () => clock.now() / 1000,
  })),
  fault(TOLD, 'tells microseconds', 'between the years', (_inner, { clock }) => ({
    now: async () => clock.now() * 1000,
  })),
  fault(TOLD, 'tells text', 'between the years', (_inner, { clock }) => ({
    now: async () => `${clock.now()}` as never,
  })),
  fault(TOLD, 'tells a time that is none', 'and it gave NaN', () => ({
    now: async () => Number.NaN,
  })),
  fault(GOES_ON, 'tells the time of its first answer', 'went on by 0', (_inner, { clock }) => {
    let told: number | undefined;
    return { now: async () => (told ??= clock.now()) };
  }),
  fault(GOES_ON, 'runs ten times too slow', 'went on by 20', (_inner, { clock }) => {
    const start = clock.now();
    return { now: async () => start + (clock.now() - start) / 10 };
  }),
  fault(ONE, 'gives the time of its process', 'goes back', (_inner, { clock, opened }) => ({
    now: async () => clock.now() - opened * 3_600_000,
  })),
  fault(
    'a closed one tells no time',
    'tells it all the same',
    'after close()',
    (_i, { clock }) => ({
      now: async () => clock.now(),
    }),
  ),
];
