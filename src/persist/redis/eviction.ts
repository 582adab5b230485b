import type { Clock } from '../../clock.ts';
import { warn } from '../../internal/warn.ts';

/** An administrator may change the policy at any time. */
const ASKED_EVERY_MS = 60_000;

/** Warns of a `maxmemory-policy` by which the server deletes conversations, once for each such policy. */
export class EvictionWatch {
  readonly #clock: Clock;
  readonly #warned = new Set<string>();
  #askAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it is time to ask the server. If so, the caller has to do it: the next time is a minute later. */
  claim(): boolean {
    const now = this.#clock.now();
    if (now < this.#askAt) return false;
    this.#askAt = now + ASKED_EVERY_MS;
    return true;
  }

  /**
   * Notes the policy of the server.
   * @param policy empty if the server does not say
   */
  see(policy: string): void {
    if (!policy.startsWith('allkeys-')) {
      this.#warned.clear();
      return;
    }
    if (this.#warned.has(policy)) return;
    this.#warned.add(policy);
    warn(
      'redis_evicts',
      `The \`maxmemory-policy\` of Redis is ${policy}: when it is full it deletes conversations. Set it to noeviction.`,
    );
  }
}
