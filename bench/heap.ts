import { setImmediate as nextLoop } from 'node:timers/promises';

/** Bytes of the heap after a full collection. */
export async function collect(): Promise<{ readonly heap: number; readonly rss: number }> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('This process was not started with --expose-gc.');
  for (let pass = 0; pass < 2; pass += 1) {
    await nextLoop();
    gc();
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}
