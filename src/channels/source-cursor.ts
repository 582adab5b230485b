import type { Clock } from '../clock.ts';
import { ColloquyError, PersistError } from '../errors.ts';
import type { Report } from './report.ts';
import { answerInTime } from './source-call.ts';
import type { SourceKeeper } from './turn-taker.ts';

/** Nothing is ever due in it: it is the largest number that every persister keeps exactly. */
const NEVER = Number.MAX_SAFE_INTEGER;

interface PlaceOptions {
  readonly keeper: SourceKeeper | undefined;
  readonly key: string;
  readonly clock: Clock;
  readonly report: Report;
}

/**
 * How far a source has come, for a platform that does not remember it itself. The persister has it beside the conversations;
 * without one, the memory of this process has.
 */
export class SourceCursor {
  readonly #options: PlaceOptions;
  #cursor: string | undefined;
  #revision: number | undefined;

  constructor(options: PlaceOptions) {
    this.#options = options;
  }

  /** The cursor that was saved last, by any process. @throws PersistError */
  async load(): Promise<string | undefined> {
    const { keeper, key, clock, report } = this.#options;
    if (keeper === undefined) return this.#cursor;
    const stored = await answerInTime(clock, keeper.load(key));
    this.#revision = stored?.revision;
    this.#cursor = stored && cursorIn(stored.body);
    if (stored !== undefined && this.#cursor === undefined) report(unreadable());
    return this.#cursor;
  }

  /** @throws ConflictError where another process has saved since; PersistError */
  async save(cursor: string): Promise<void> {
    const { keeper, key, clock } = this.#options;
    if (keeper === undefined) {
      this.#cursor = cursor;
      return;
    }
    const body = JSON.stringify({ version: 1, cursor });
    try {
      const saving = keeper.save({ openid: key, body, wakeAt: NEVER }, this.#revision);
      this.#revision = await answerInTime(clock, saving);
    } catch (error) {
      // A save of this process may have succeeded, and only its answer have been lost.
      if (!ColloquyError.is(error, 'conflict') || (await this.load()) !== cursor) throw error;
    }
  }
}

function cursorIn(body: string): string | undefined {
  try {
    const { version, cursor } = JSON.parse(body) as { version?: unknown; cursor?: unknown };
    return version === 1 && typeof cursor === 'string' ? cursor : undefined;
  } catch {
    return undefined;
  }
}

function unreadable(): PersistError {
  return new PersistError(
    'corrupt',
    'What was stored of how far a source had come cannot be read, so it begins as if it were new. The platform may deliver again what it still has; each message counts once.',
  );
}
