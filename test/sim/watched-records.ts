import type { LoadedRecord } from 'colloquy';

/** The records of a disk, and who is told of every write. */
export class WatchedRecords extends Map<string, LoadedRecord> {
  readonly #onWrite: (record: LoadedRecord) => void;
  readonly #onDelete: (openid: string) => void;

  constructor(
    onWrite: (record: LoadedRecord) => void,
    onDelete: (openid: string) => void = () => {},
  ) {
    super();
    this.#onWrite = onWrite;
    this.#onDelete = onDelete;
  }

  override set(openid: string, record: LoadedRecord): this {
    this.#onWrite(record);
    return super.set(openid, record);
  }

  override delete(openid: string): boolean {
    this.#onDelete(openid);
    return super.delete(openid);
  }
}
