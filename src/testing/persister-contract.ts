import { clockCases } from './persister/clock.ts';
import { dueCases } from './persister/due.ts';
import { leaseCases } from './persister/leases.ts';
import { lifeCases } from './persister/life.ts';
import { listCases } from './persister/lists.ts';
import { moveCases } from './persister/moves.ts';
import { openidCases } from './persister/openids.ts';
import { recordCases } from './persister/records.ts';
import type { PersisterCase } from './persister/subject.ts';

/**
 * What every persister holds to, as cases for any test runner:
 *
 *     const { cases, skipped } = selectCases(persisterContract, subject());
 *     for (const { name, run } of cases) it(name, () => run(subject()));
 *
 * Where the types of the port leave something open, these are the rules:
 *
 * - An openid is any well-formed string of 1 to 512 UTF-8 bytes, NUL and all, and is distinguished by its code units. An
 *   empty one is refused with the code `bad_openid`. Others that are no openids never get past the store; a driver
 *   refuses them, too, or keeps them as they are.
 * - A body is any well-formed string, the empty one included. Half of a surrogate pair is kept or refused.
 * - `wakeAt`, `until` and `ttlMs` are whole numbers; `wakeAt` may be negative, and `Number.MAX_SAFE_INTEGER`.
 * - Revisions are safe integers that grow with every save of an openid, over deletes and restarts.
 * - A delete that names another revision gives `false`. Only a save is refused with a `ConflictError`.
 * - `due` with equal `wakeAt` has one order while nothing is saved: fewer entries are the first of more.
 * - A save under way at a close comes through or is refused; one that was answered is durable.
 * - A lease lives beside the record: no save or delete without an owner touches it, and it holds none up. A leased
 *   save goes by the revision alone, and gives back only what its owner holds.
 * - A move goes by the revision of what is moved, and is refused where its new openid has a record. It touches no lease.
 * - `list` gives what is there all the time once, also while records are written between its pages. A cursor outlives the persister.
 * - The time that `now` tells is that of the place, the same for all who share it, and never goes back unless it is set. It need
 *   not be whole milliseconds.
 * - No error holds a body, its causes included, nor names an openid in its text.
 */
export const persisterContract: readonly PersisterCase[] = Object.freeze([
  ...recordCases,
  ...openidCases,
  ...dueCases,
  ...lifeCases,
  ...leaseCases,
  ...clockCases,
  ...moveCases,
  ...listCases,
]);
