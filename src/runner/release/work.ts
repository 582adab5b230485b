/** The services that run for each openid, by token. It tells when there is a first one and when there is none left. */
export class Work {
  readonly #tokens = new Map<string, Set<string>>();
  readonly #onWork: (openid: string, isWorking: boolean) => void;

  constructor(onWork: (openid: string, isWorking: boolean) => void) {
    this.#onWork = onWork;
  }

  /** What runs for an openid. */
  of(openid: string): readonly string[] {
    return [...(this.#tokens.get(openid) ?? [])];
  }

  begin(openid: string, token: string): void {
    const tokens = this.#tokens.get(openid);
    if (tokens !== undefined) {
      tokens.add(token);
      return;
    }
    this.#tokens.set(openid, new Set([token]));
    this.#onWork(openid, true);
  }

  end(openid: string, token: string): void {
    const tokens = this.#tokens.get(openid);
    if (tokens?.delete(token) !== true || tokens.size > 0) return;
    this.#tokens.delete(openid);
    this.#onWork(openid, false);
  }
}
