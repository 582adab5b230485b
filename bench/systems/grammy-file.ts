import { join } from 'node:path';
import { FileAdapter } from '@grammyjs/storage-file';
import { temporaryFolder } from '../folder.ts';
import type { System } from '../system.ts';
import { open as openGrammy } from './grammy.ts';

/** What grammY offers for a bot on one machine. It does not wait for the disk. */
export function open(users: number): System {
  const folder = temporaryFolder();
  return openGrammy(users, {
    sessions: new FileAdapter({ dirName: join(folder, 'sessions') }),
    conversations: {
      type: 'key',
      adapter: new FileAdapter({ dirName: join(folder, 'conversations') }) as never,
    },
  });
}
