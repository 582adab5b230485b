import type { ModelUsage } from '../model.ts';

/** How an agent ended: the `event.output` of `onDone`. Decide by `reason`. */
export type AgentOutput<Value = undefined> =
  | AnsweredOutput<Value>
  | {
      /** The model refuses to answer. */
      readonly reason: 'refused';
      /** What it said to that, which the user has read; empty if it said nothing. */
      readonly text: string;
      /** What the agent used. */
      readonly usage: AgentUsage;
    }
  | {
      /** The agent reached one of its `limits`. */
      readonly reason: 'limit';
      /** Which one. */
      readonly limit: LimitName;
      /** What the agent used. */
      readonly usage: AgentUsage;
    }
  | {
      /** The model gave no answer. */
      readonly reason: 'failed';
      /** It failed in every attempt, its answer was cut off, or its answer was empty. */
      readonly problem: 'model' | 'cut' | 'empty';
      /** What the agent used. */
      readonly usage: AgentUsage;
    };

/** The agent did what it was asked for. */
export interface AnsweredOutput<Value> {
  /** The model answered; with an `output`, it finished. */
  readonly reason: 'answered';
  /** The last text of the model, which the user has read; empty if it only finished. */
  readonly text: string;
  /** What the model finished with, as the schema of `output` gave it. Undefined without an `output`. */
  readonly value: Value;
  /** What the agent used. */
  readonly usage: AgentUsage;
}

/** The name of a limit. */
export type LimitName = 'steps' | 'tokens' | 'time' | 'cost';

/** What an agent has used. */
export interface AgentUsage extends ModelUsage {
  /** Number of answers that it asked the model for. */
  readonly steps: number;
  /** What `price` made of it; 0 without a `price`. */
  readonly cost: number;
}
