import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setInterval } from 'node:timers';
import type { LoadedRecord, Persister } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';

/** Breaks the contract: it answers at once, and writes to the disk only from time to time. */
export function openPersister({ path }: { readonly path: string }): Persister {
  const disk = createDisk();
  const file = `${path}/records.json`;
  if (existsSync(file)) {
    const [lastRevision, records] = JSON.parse(readFileSync(file, 'utf8')) as [
      number,
      [string, LoadedRecord][],
    ];
    for (const [openid, record] of records) disk.records.set(openid, record);
    disk.lastRevision = lastRevision;
  }
  setInterval(() => {
    writeFileSync(`${file}.new`, JSON.stringify([disk.lastRevision, [...disk.records]]));
    renameSync(`${file}.new`, file);
  }, 20).unref();
  return memory(disk);
}
