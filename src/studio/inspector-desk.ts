import { UsageError } from '../errors.ts';
import { type Drawings, drawingsOf } from '../graph/drawings.ts';
import type { RunnerInside } from '../runner/reporting/inside.ts';
import type { Runner } from '../runner/runner.ts';
import type { Redaction } from './observe/redaction.ts';
import type { RunnerWatch } from './observe/runner-watch.ts';
import { helloOf } from './observe/watched-dialogue.ts';
import type { Desk, StudioEvent } from './server/desk.ts';
import { POWER_OF } from './server/request-shapes.ts';
import type { Hello, StudioPower } from './wire.ts';
import type { StudioAnswers, StudioRequests } from './wire-requests.ts';

interface InspectorDeskOptions {
  readonly runner: Runner;
  readonly inside: RunnerInside;
  readonly watch: RunnerWatch;
  readonly redaction: Redaction;
  readonly powers: readonly StudioPower[];
}

const NOT_YET: Drawings = { charts: [], noCharts: 'The charts are being laid out.' };

/** What an inspector shows, and does: no more than it was allowed. */
export class InspectorDesk implements Desk {
  readonly #options: InspectorDeskOptions;
  /** Laid out when the first page comes. */
  #drawings: Drawings | undefined;
  readonly #listeners = new Set<(event: StudioEvent) => void>();

  constructor(options: InspectorDeskOptions) {
    this.#options = options;
  }

  backlog(): readonly StudioEvent[] {
    return [{ name: 'hello', data: this.#hello() }, ...this.#options.watch.backlog()];
  }

  subscribe(listener: (event: StudioEvent) => void): () => void {
    const own = (event: StudioEvent): void => listener(event);
    this.#listeners.add(own);
    const off = this.#options.watch.subscribe(own);
    return () => {
      this.#listeners.delete(own);
      off();
    };
  }

  async request<Name extends keyof StudioRequests>(
    name: Name,
    body: StudioRequests[Name],
  ): Promise<StudioAnswers[Name]> {
    const { runner, powers, redaction } = this.#options;
    if (!powers.includes(POWER_OF[name])) throw notAllowed(name);
    const given = body as Partial<StudioRequests['say'] & StudioRequests['send']>;
    const openid = redaction.plainOpenid(given.openid ?? '');
    const { outcome } =
      given.event === undefined
        ? await runner.handle(openid, given.message ?? '')
        : await runner.send(openid, given.event as Parameters<Runner['send']>[1]);
    return { outcome } as StudioAnswers[Name];
  }

  #hello(): Hello {
    const { inside, powers, redaction } = this.#options;
    if (this.#drawings === undefined) {
      this.#drawings = NOT_YET;
      void drawingsOf(inside.engine.dialogue).then((drawings) => {
        this.#drawings = drawings;
        const event = { name: 'hello', data: this.#hello() } as const;
        for (const listener of this.#listeners) listener(event);
      });
    }
    const { isRedacted } = redaction;
    return helloOf(inside, { kind: 'inspector', powers, isRedacted }, this.#drawings);
  }
}

function notAllowed(name: string): UsageError {
  return new UsageError('not_allowed', `This inspector does not allow '${name}': it only looks.`);
}
