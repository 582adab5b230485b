import type { Duration } from '../../clock.ts';
import type { StandardSchema } from '../../dialogue/parsers/schema.ts';
import type { JsonSchema } from '../model.ts';

/** Something that an agent may do: what the model reads about it, what checks its input, and what asks before it runs. */
export interface AgentTool<Input = unknown, About = unknown> {
  /** What it does and when to use it, for the model. */
  readonly description: string;
  /**
   * Checks the input before anything else happens, at once: what it gives is what `approve` shows and `run` gets. A tool
   * without it takes no input.
   */
  readonly input?: StandardSchema<unknown, Input> | undefined;
  /** What the input has to be, for the model. Default: what `input` says itself, as schemas of zod 4 do. */
  readonly parameters?: JsonSchema | undefined;
  /**
   * Does it, as a service. What it gives is what the model reads: a text as it is, all else as JSON. What it throws stays
   * in the program; the model reads only that it failed.
   */
  readonly run: (call: ToolRun<Input, About>) => unknown;
  /** Says that it changes nothing, and may therefore run by the model's word alone. Default false. */
  readonly readOnly?: boolean | undefined;
  /** Who has to approve it before it runs. Default: it runs without approval. */
  readonly approve?: Approval<Input, About> | undefined;
  /** How long one run may take. After that its `signal` is aborted, and the model reads that it was too slow. Default 30 seconds. */
  readonly timeout?: Duration | undefined;
  /** Number of further runs after one that failed. Default 0. */
  readonly retries?: number | undefined;
}

/** One call of a tool. */
export interface ToolRun<Input, About = unknown> {
  /** What the schema of the tool gave; undefined for a tool that takes no input. */
  readonly input: Input;
  /** What the dialogue around the agent said of the conversation. No model wrote it. */
  readonly about: About;
  /** Aborted when the result is not needed any more. */
  readonly signal: AbortSignal;
  /**
   * The key of an idempotent request: the same whenever this very call is made again, after a crash, after a failure, or
   * when a history resumes the agent. No other call has it.
   */
  readonly key: string;
}

/**
 * Who is asked before a tool runs: `true` asks the user, and shows the input; a function makes the question from it; an
 * object says more, or asks another person.
 */
export type Approval<Input, About> =
  true | ((input: Input) => string) | AskedApproval<Input, About> | NotifiedApproval<Input, About>;

/** Asks the user. */
export interface AskedApproval<Input, About> {
  /** Makes the question from the checked input. Default: the name of the tool, and each part of the input. */
  readonly ask?: ((call: ApprovalCall<Input, About>) => string) | undefined;
  /** How long the question waits. Silence counts as a no. Default: it waits as long as the conversation lives. */
  readonly timeout?: Duration | undefined;
  /** Absent. */
  readonly notify?: undefined;
  /** Absent. */
  readonly to?: undefined;
}

/** Asks another person through the program. */
export interface NotifiedApproval<Input, About> {
  /** Makes the question from the checked input. Default: the name of the tool, and each part of the input. */
  readonly ask?: ((call: ApprovalCall<Input, About>) => string) | undefined;
  /** The person: an openid, an address, anything that `notify` understands. Default: `notify` knows. */
  readonly to?: string | ((call: ApprovalCall<Input, About>) => string) | undefined;
  /**
   * Tells the person, as a service. The answer comes by `runner.send(openid, { type: 'event.approval', id, approved })`.
   * If it throws, that counts as a no.
   */
  readonly notify: (notice: ApprovalNotice<Input, About>) => unknown;
  /** How long the tool waits for the answer. Silence counts as a no. */
  readonly timeout: Duration;
}

/** What an approval is about. */
export interface ApprovalCall<Input, About> {
  /** What the schema of the tool gave. */
  readonly input: Input;
  /** What the dialogue around the agent said of the conversation. */
  readonly about: About;
}

/** What the program tells the person who approves. */
export interface ApprovalNotice<Input, About> extends ApprovalCall<Input, About> {
  /**
   * Names this one call, and is the same when the person gets it again, after a crash for example. An event with
   * another id approves nothing.
   */
  readonly id: string;
  /** The name of the tool. */
  readonly tool: string;
  /** The question, as `ask` makes it. */
  readonly question: string;
  /** The person. */
  readonly to: string | undefined;
  /** Aborted when the agent does not wait for the answer any more. */
  readonly signal: AbortSignal;
}

/** The event by which a person approves a call, or does not. */
export interface ApprovalEvent {
  /** The `id` of the notice. */
  readonly id: string;
  /** Whether the tool may run. Only `true` approves. */
  readonly approved: boolean;
}

/** The tool as the agent has it: every input is unknown until its schema took it. */
export type AnyTool = Omit<AgentTool<never, never>, 'approve' | 'run' | 'input'> & {
  readonly input?: StandardSchema | undefined;
  readonly run: (call: ToolRun<unknown>) => unknown;
  readonly approve?: Approval<unknown, unknown> | undefined;
};

/** An approval in its long form. */
export type LongApproval = AskedApproval<unknown, unknown> | NotifiedApproval<unknown, unknown>;

/** The long form of an approval; undefined where it needs none. */
export function approvalOf({ approve }: AnyTool): LongApproval | undefined {
  if (approve === undefined) return undefined;
  if (approve === true) return {};
  return typeof approve === 'function' ? { ask: ({ input }) => approve(input) } : approve;
}
