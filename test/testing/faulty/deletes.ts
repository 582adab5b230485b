import { ConflictError } from 'colloquy';
import { type Fault, fault, pause } from './fault.ts';

export const deleteFaults: readonly Fault[] = [
  fault(
    'of a save and a delete at once that expect the same revision one is let through',
    'looks first and deletes later',
    'the save was, the delete was',
    ({ delete: remove, load }) => ({
      async delete(openid, expected) {
        if ((await load(openid))?.revision !== expected) return false;
        await pause();
        return remove(openid);
      },
    }),
  ),
  fault(
    'revisions of an openid grow, over deletes, too',
    'counts again for each record',
    'a revision grows: after 3 came 1',
    ({ delete: remove }, { disk }) => ({
      delete: (openid, expected) => {
        disk.lastRevision = 0;
        return remove(openid, expected);
      },
    }),
  ),
  fault(
    'a save by a revision from before a delete is refused, also over the record that came after',
    'counts again for each record',
    'a save by a revision from before a delete',
    ({ delete: remove }, { disk }) => ({
      delete: (openid, expected) => {
        disk.lastRevision = 0;
        return remove(openid, expected);
      },
    }),
  ),
  fault(
    'delete says whether there was one to delete',
    'says yes',
    'a delete of what is not there: expected false, got true',
    ({ delete: remove }) => ({
      delete: async (openid, expected) => (await remove(openid, expected)) || true,
    }),
  ),
  fault(
    'delete says whether there was one to delete',
    'counts',
    'a delete of what is not there: expected false, got 0',
    ({ delete: remove }) => ({
      delete: async (openid, expected) => Number(await remove(openid, expected)) as never,
    }),
  ),
  fault(
    'delete says whether there was one to delete',
    'leaves it there',
    'what was deleted',
    (_inner, { disk }) => ({
      delete: async (openid) => disk.records.has(openid),
    }),
  ),
  fault(
    'delete with a revision takes that one only',
    'goes by the openid alone',
    'a delete by another revision: expected false, got true',
    ({ delete: remove }) => ({ delete: (openid) => remove(openid) }),
  ),
  fault(
    'delete with a revision takes that one only',
    'throws a conflict',
    "was refused: ConflictError 'conflict'",
    ({ delete: remove }) => ({
      async delete(openid, expected) {
        if (await remove(openid, expected)) return true;
        throw new ConflictError(openid);
      },
    }),
  ),
  fault(
    'a record feels nothing of another',
    'has one revision for all',
    'after a save of another',
    ({ load }, { disk }) => ({
      async load(openid) {
        const found = await load(openid);
        return found && { ...found, revision: disk.lastRevision };
      },
    }),
  ),
  fault(
    'a record feels nothing of another',
    'empties the place at a delete',
    'after a delete of another',
    (_inner, { disk }) => ({
      async delete() {
        disk.records.clear();
        return true;
      },
    }),
  ),
];
