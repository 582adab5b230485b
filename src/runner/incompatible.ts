import type { StoredSnapshot } from '../dialogue/engine/snapshot.ts';
import { UsageError } from '../errors.ts';
import type { Migrations } from './migrate.ts';

/** Which definition a stored conversation was left by. */
export interface Origin {
  readonly id: string;
  readonly version: string;
  /** Changes with what the definition is made of, also where its version was left as it was. */
  readonly structure: string | undefined;
}

/** What becomes of a stored conversation under the dialogue as it is now. */
export type FittingOutcome =
  /** It goes on as it is. */
  | 'fits'
  /** It goes on as `migrate` made it. */
  | 'migrated'
  /** It goes on in the nearest state that there still is. */
  | 'nearest'
  /** It goes on in the snapshot that `onIncompatible` gave. */
  | 'replaced'
  /** The dialogue starts again with the next message, over the context that there is. */
  | 'restart';

/** A stored conversation that does not fit, for `onIncompatible` to judge. */
export interface Incompatible {
  readonly openid: string;
  readonly found: Origin;
  /** Where it stands, as `migrate` left it. To be looked at: it may be frozen. */
  readonly snapshot: StoredSnapshot;
  readonly context: Readonly<Record<string, unknown>>;
}

/** What to do with a conversation that does not fit: a word, or a snapshot to go on from. */
export type OnIncompatible =
  'restart' | 'nearest' | ((about: Incompatible) => 'restart' | 'nearest' | StoredSnapshot);

export interface FittingOptions {
  readonly migrate?: Migrations | undefined;
  readonly onIncompatible?: OnIncompatible | undefined;
}

/** @throws UsageError `bad_option` */
export function checkFitting({ migrate, onIncompatible = 'restart' }: FittingOptions): void {
  const areFunctions =
    typeof migrate === 'object' &&
    migrate !== null &&
    Object.values(migrate).every((each) => typeof each === 'function');
  if (migrate !== undefined && !areFunctions) {
    throw new UsageError('bad_option', '`migrate` holds functions by version.');
  }
  const isKnown = ['restart', 'nearest'].includes(onIncompatible as string);
  if (!isKnown && typeof onIncompatible !== 'function') {
    throw new UsageError(
      'bad_option',
      "`onIncompatible` must be 'restart', 'nearest' or a function.",
    );
  }
}

/** What had its place in the old definition and has none in this one. */
export interface Dropped {
  /** Ids of timers. */
  readonly timers: readonly string[];
  /** Names of services. */
  readonly services: readonly string[];
}
