interface Asking {
  calls: number;
  isOvertaken: boolean;
}

/** The questions under way, by openid, and whether what they ask about was changed before the answer came. */
export class Lookups {
  readonly #asking = new Map<string, Asking>();

  /** @returns the answer, or `overtaken` where it may be from before a change */
  async ask<T>(openid: string, question: () => Promise<T>): Promise<T | 'overtaken'> {
    const asking = this.#asking.get(openid) ?? { calls: 0, isOvertaken: false };
    this.#asking.set(openid, asking);
    asking.calls += 1;
    try {
      const answer = await question();
      return asking.isOvertaken ? 'overtaken' : answer;
    } finally {
      asking.calls -= 1;
      if (asking.calls === 0 && !asking.isOvertaken) this.#asking.delete(openid);
    }
  }

  /** Something of this openid changes: no answer that is still to come is good any more. */
  overtake(openid: string): void {
    const asking = this.#asking.get(openid);
    if (asking === undefined) return;
    asking.isOvertaken = true;
    this.#asking.delete(openid);
  }
}
