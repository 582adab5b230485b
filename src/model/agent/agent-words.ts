import type { AnyStateMachine, EventObject } from 'xstate';
import type { Words } from '../../dialogue/text/localize.ts';
import type { AgentContext } from './conversation.ts';
import type { AgentMark } from './mark.ts';
import type { AgentPlan } from './options.ts';

/**
 * The words of `setupDialogue()` that an agent is made with. The states depend on the tools, so their types are not known
 * here; the dialogue that results is typed by the agent.
 */
export interface AgentWords {
  service(config: object): object;
  confirm(config: object): object;
  reply(said: unknown): unknown;
  assign(change: (args: AgentArgs) => Partial<AgentContext>): unknown;
  createDialogue(config: object): AnyStateMachine;
}

/** What guards and actions see. */
export interface AgentArgs {
  readonly context: AgentContext;
  readonly event: EventObject;
}

/** What the states of an agent are made from. */
export interface AgentParts {
  readonly plan: AgentPlan;
  readonly mark: AgentMark;
  readonly dialogue: AgentWords;
  /** What the library itself says. */
  readonly words: Words;
}
