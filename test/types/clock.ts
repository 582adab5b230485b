import type { Clock, Duration } from 'colloquy';
import { expectTypeOf } from 'vitest';
import { toMilliseconds } from '../../src/clock.ts';

expectTypeOf(toMilliseconds(5000)).toEqualTypeOf<number>();
expectTypeOf(toMilliseconds({ hours: 1, minutes: 30 })).toEqualTypeOf<number>();
expectTypeOf<Duration>().toExtend<Parameters<typeof toMilliseconds>[0]>();

// @ts-expect-error a unit is one of a closed set
toMilliseconds({ fortnights: 1 });

// @ts-expect-error a part is a number
toMilliseconds({ minutes: '5' });

// @ts-expect-error a duration is not a date
toMilliseconds(new Date());

// A clock is two functions, so that a test can write one.
expectTypeOf({ now: () => 0, wake: () => () => undefined }).toExtend<Clock>();
