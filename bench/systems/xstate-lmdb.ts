import { open as openDatabase } from 'lmdb';
import { temporaryFolder } from '../folder.ts';
import { type System, namesOf } from '../system.ts';
import { step } from './xstate-json.ts';

/** Answers when the snapshot is on the disk. */
export function open(users: number): System {
  const names = namesOf(users);
  const database = openDatabase<string, string>(temporaryFolder(), {
    encoding: 'string',
    overlappingSync: false,
  });
  return {
    async turn(user, text) {
      const name = names[user] as string;
      const { said, next } = step(database.get(name), text);
      await database.put(name, next);
      return said;
    },
    close: () => database.close(),
  };
}
