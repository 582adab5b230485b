import type { StudioEvents } from '../wire.ts';
import type { StudioAnswers, StudioRequests } from '../wire-requests.ts';

/** One event of the stream, with its name. */
export type StudioEvent = {
  readonly [Name in keyof StudioEvents]: {
    readonly name: Name;
    readonly data: StudioEvents[Name];
  };
}[keyof StudioEvents];

/** What the server shows and asks: the session of `colloquy studio`, or an inspector of a program's runner. */
export interface Desk {
  /** What a page has to know when it opens: `hello`, the turns that are kept, and how each conversation stands. */
  backlog(): readonly StudioEvent[];
  /** What happens from now on. The listener must not throw. */
  subscribe(listener: (event: StudioEvent) => void): () => void;
  /**
   * Does what a page asks for.
   * @throws ColloquyError for what it does not offer, and for what cannot be done
   */
  request<Name extends keyof StudioRequests>(
    name: Name,
    body: StudioRequests[Name],
  ): Promise<StudioAnswers[Name]>;
}
