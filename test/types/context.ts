import {
  type Context,
  type ContextStore,
  type ContextStoreOptions,
  type StoreEvents,
  createContextStore,
} from 'colloquy';
import { expectTypeOf } from 'vitest';

interface Survey {
  step: number;
  name?: string;
}

declare const context: Context<Survey>;

// A key may be absent, so it may be undefined; a default takes the place of that.
expectTypeOf(context.get('step')).toEqualTypeOf<number | undefined>();
expectTypeOf(context.get('step', 1)).toEqualTypeOf<number>();
expectTypeOf(context.get('name', null)).toEqualTypeOf<string | null>();
// @ts-expect-error there is no such key
context.get('nmae');
// @ts-expect-error a default does not make one
context.get('nmae', 1);

expectTypeOf(context.set('step', 2).set('name', 'Ann')).toEqualTypeOf<Context<Survey>>();
// @ts-expect-error a step is a number
context.set('step', '2');
// @ts-expect-error a step is not optional
context.set('step', undefined);
// @ts-expect-error there is no such key
context.set('age', 30);

expectTypeOf(context.pop('name')).toEqualTypeOf<string | undefined>();
expectTypeOf(context.pop('step', 'none')).toEqualTypeOf<number | string>();
// @ts-expect-error there is no such key
context.pop('age');

expectTypeOf(context.setDefault('step', 1)).toEqualTypeOf<number>();
// @ts-expect-error a default is of the type of its key
context.setDefault('step', 'one');
// @ts-expect-error a default is given
context.setDefault('step');

context.update({ step: 1 }).update({});
// @ts-expect-error a step is a number
context.update({ step: '1' });
// @ts-expect-error there is no such key
context.update({ age: 30 });

// Any key may be asked for, only one of the dictionary removed.
expectTypeOf(context.has('age')).toEqualTypeOf<boolean>();
expectTypeOf(context.delete('name')).toEqualTypeOf<boolean>();
// @ts-expect-error there is no such key
context.delete('age');

expectTypeOf(context.keys()).toEqualTypeOf<('step' | 'name')[]>();
expectTypeOf(context.toJSON()).toEqualTypeOf<Survey>();
expectTypeOf([...context]).toEqualTypeOf<[string, string | number | undefined][]>();

// @ts-expect-error a flag is a fact
context.modified = false;
// @ts-expect-error a context is of one user
context.openid = 'bob';
expectTypeOf(context.revision).toEqualTypeOf<number | undefined>();

context.setExpiry(10);
context.setExpiry(new Date());
context.setExpiry({ minutes: 5 });
context.setExpiry(null);
// @ts-expect-error an expiry is not a string
context.setExpiry('10');
// @ts-expect-error a unit is one of a closed set
context.setExpiry({ fortnights: 1 });
// @ts-expect-error the default age is asked for by null
context.setExpiry(undefined);

expectTypeOf(context.getExpiryAge({ modification: new Date(), expiry: 7 })).toEqualTypeOf<number>();
expectTypeOf(context.getExpiryDate()).toEqualTypeOf<Date>();
// @ts-expect-error a modification is a date
context.getExpiryAge({ modification: 7 });

const store = createContextStore<Survey>({ age: 60 });
expectTypeOf(store).toEqualTypeOf<ContextStore<Survey>>();
expectTypeOf(store.open('ann')).toEqualTypeOf<Promise<Context<Survey>>>();
expectTypeOf(store.update('ann', async (context) => context.get('step', 0))).toEqualTypeOf<
  Promise<number>
>();
store.on('save', ({ data, revision }) => {
  expectTypeOf(data).toEqualTypeOf<Readonly<Survey>>();
  expectTypeOf(revision).toEqualTypeOf<number>();
  // @ts-expect-error what is committed cannot be changed
  data.step = 2;
});
// @ts-expect-error there is no such event
store.on('change', () => undefined);
expectTypeOf<keyof StoreEvents>().toEqualTypeOf<
  'save' | 'durable' | 'load' | 'expire' | 'evict' | 'flush' | 'move' | 'error'
>();

// @ts-expect-error seconds are a number
createContextStore({ age: '60' });
expectTypeOf<ContextStoreOptions['persistTimeoutMs']>().toEqualTypeOf<number | undefined>();

// Where nothing is said about the data, any key holds anything.
const loose = createContextStore();
expectTypeOf(loose).toEqualTypeOf<ContextStore>();
export const anything: Promise<unknown> = loose.open('ann').then((c) => c.get('x'));
