import type {
  Leased,
  Leases,
  LoadedRecord,
  Persister,
  Revision,
  StoredRecord,
} from '../../persist/persister.ts';
import { ContractError, mustBe, mustEqual } from '../contract.ts';

/** Milliseconds that are longer than any case takes on the slowest machine. */
export const LONG_MS = 60_000;

/** The leases of a persister that declares them. */
export function leasesOf(persister: Persister): Leases {
  mustBe(persister.lease !== undefined, 'leases are declared, and the persister has no `lease`');
  return persister.lease;
}

/** A record to save; what a case does not care about is filled in. */
export function sampleRecord(openid: string, body = 'body', wakeAt = 1_000): StoredRecord {
  return { openid, body, wakeAt };
}

/** One openid of a place, and what the place has to hold for it: the record that was let through last. */
export class PlaceUser {
  readonly openid: string;
  readonly #persister: Persister;
  #saved: LoadedRecord | undefined;

  constructor(openid: string, persister: Persister) {
    this.openid = openid;
    this.#persister = persister;
  }

  /** Saves over what is there. */
  async save(body?: string, wakeAt?: number): Promise<Revision> {
    return this.saveOver(this.#saved?.revision, body, wakeAt);
  }

  /** Saves as if that revision was there. */
  async saveOver(
    expected: Revision | undefined,
    body?: string,
    wakeAt?: number,
  ): Promise<Revision> {
    const record = sampleRecord(this.openid, body, wakeAt);
    return this.note(record, await this.#persister.save(record, expected));
  }

  /** Something else than `save` let this record through. */
  note(record: StoredRecord, revision: Revision): Revision {
    this.#saved = { ...record, revision };
    return revision;
  }

  async delete(expected?: Revision): Promise<boolean> {
    const deleted = await this.#persister.delete(this.openid, expected);
    if (expected === undefined || expected === this.#saved?.revision) this.#saved = undefined;
    return deleted;
  }

  /** That the place holds what was let through last, and nothing after a delete. */
  async mustHold(rule: string, persister: Persister = this.#persister): Promise<void> {
    this.#check(await persister.load(this.openid), rule);
  }

  take(owner: string, ttlMs: number = LONG_MS): Promise<Leased> {
    return leasesOf(this.#persister).take(this.openid, owner, ttlMs);
  }

  release(owner: string): Promise<void> {
    return leasesOf(this.#persister).release(this.openid, owner);
  }

  async saveAs(
    owner: string,
    expected: Revision | undefined,
    body?: string,
    wakeAt?: number,
  ): Promise<Revision> {
    const record = sampleRecord(this.openid, body, wakeAt);
    return this.note(record, await leasesOf(this.#persister).save(record, expected, owner));
  }

  /** That `owner` gets the lease, and the record with it. */
  async mustGoTo(
    owner: string,
    rule = 'the record that came with the lease',
    ttlMs?: number,
  ): Promise<void> {
    const answer = await this.take(owner, ttlMs);
    if (answer.taken) return this.#check(answer.record, rule);
    throw new ContractError(
      `owner '${owner}' should get the lease: it is free, or its own already`,
      { actual: answer },
    );
  }

  /** That `owner` does not get the lease, because another has it; gives for how long. */
  async mustBeHeldFrom(owner: string): Promise<number> {
    const answer = await this.take(owner);
    if (!answer.taken) return answer.heldForMs;
    throw new ContractError(`owner '${owner}' must not get the lease: another has it`, {
      actual: answer,
    });
  }

  #check(found: LoadedRecord | undefined, rule: string): void {
    mustEqual(found && fieldsOf(found), this.#saved, rule);
  }
}

/** Without what a driver hands out beyond the port. */
function fieldsOf({ openid, body, wakeAt, revision }: LoadedRecord): LoadedRecord {
  return { openid, body, wakeAt, revision };
}
