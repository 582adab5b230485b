import { entry } from '../library.ts';
import { temporaryFolder } from '../folder.ts';
import type { System } from '../system.ts';
import { open as openColloquy } from './colloquy.ts';

/** Answers when the turn is on the disk. */
export async function open(users: number): Promise<System> {
  const { lmdb } = await entry('persist/lmdb');
  return openColloquy(users, { persister: lmdb(temporaryFolder()) });
}
