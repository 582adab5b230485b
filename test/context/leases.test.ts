import { type Persister, createContextStore } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { expect, it, onTestFinished } from 'vitest';

it('a store releases a lease that comes after its call has timed out', async () => {
  const clock = createManualClock();
  const disk = createDisk();
  const shared = memory(disk, { shared: true, clock });
  const { lease } = shared;
  if (lease === undefined) throw new Error('a shared disk has leases');
  let isLate = true;
  const persister: Persister = {
    ...shared,
    lease: {
      ...lease,
      async take(...args) {
        const leased = await lease.take(...args);
        if (isLate) await new Promise<void>((resolve) => clock.wake(clock.now() + 2000, resolve));
        return leased;
      },
    },
  };
  const store = createContextStore({ clock, persister, persistTimeoutMs: 1000 });
  onTestFinished(() => store.close());
  const update = store.update('ann', (context) => void context.set('n', 1));
  const refused = update.catch((error: unknown) => error);
  await clock.advance({ seconds: 1 });
  expect(await refused).toMatchObject({ code: 'timeout', retryable: true });
  expect(disk.leases?.size).toBe(1);
  await clock.advance({ seconds: 2 });
  expect(disk.leases?.size).toBe(0);
  isLate = false;
  await store.update('ann', (context) => void context.set('n', 2));
  expect((await store.open('ann')).get('n')).toBe(2);
});
