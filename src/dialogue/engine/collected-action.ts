/** What XState hands to the executor of actions. */
export interface CollectedAction {
  readonly type: string;
  readonly info: unknown;
  readonly params: unknown;
  readonly exec: ((info: unknown, params: unknown) => unknown) | undefined;
  /** Of an action that starts or stops a sub-dialogue: how the state that invokes it is entered or left. */
  host?: HostChange | undefined;
}

/** The params of an action that sends an event. */
export interface SendParams {
  readonly event: { readonly type: string };
  readonly id: string | undefined;
  readonly delay: number | undefined;
}

/** The params of an action that starts an actor. */
export interface SpawnParams {
  readonly id: unknown;
  readonly src: unknown;
  readonly input: unknown;
  readonly actorRef: unknown;
}

/** How the state that invokes a sub-dialogue was left or entered. */
export interface HostChange {
  /** The id of the state. */
  readonly state: string;
  /** Left: a history now remembers it. Entered: a history led there. */
  readonly byHistory: boolean;
}
