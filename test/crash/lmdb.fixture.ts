import type { Persister } from 'colloquy';
import { lmdb } from 'colloquy/persist/lmdb';

export function openPersister({ path }: { readonly path: string }): Persister {
  return lmdb(path);
}
