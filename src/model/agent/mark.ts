import type { AnyTool } from './tool.ts';

/** Marks the config of a machine that is an agent. XState keeps what it does not know. */
const AGENT: unique symbol = Symbol.for('colloquy.agent');

/** What those who look at an agent from outside know of it: lint, exploration. */
export interface AgentMark {
  /** The name of the service that calls the model. */
  readonly model: string;
  /** The name of the service that tells who approves, if there is one. */
  readonly notify: string;
  readonly tools: Readonly<Record<string, AnyTool>>;
  /** Whether it ends by the tool `finish`. */
  readonly finishes: boolean;
}

/** The part of a machine config that says that it is an agent. */
export function withAgent(mark: AgentMark): object {
  return { [AGENT]: Object.freeze(mark) };
}

/** What a machine is as an agent; undefined for one that is none. */
export function agentOf(config: object): AgentMark | undefined {
  return (config as { readonly [AGENT]?: AgentMark })[AGENT];
}
