import { type PromiseActorLogic, fromPromise } from 'xstate';
import type { DraftEvent } from '../../draft.ts';
import { generateObserved } from '../calls.ts';
import { generateWithDrafts } from '../drafts.ts';
import type { ModelMessage, ModelTool } from '../model.ts';
import { FINISH, type ModelAnswer } from './answer.ts';
import type { AgentPlan } from './options.ts';
import { type ApprovalNotice, approvalOf } from './tool.ts';
import { parametersOf } from './tool-input.ts';

/** The services of an agent: one that calls the model, one for each tool, and one that tells the person who approves. */

/** The input of the service `<id>.model`. */
export interface ModelCall {
  /** All that the model reads. */
  readonly messages: readonly ModelMessage[];
}

/** The input of the service of a tool. */
export interface ToolCallInput<Input, About = unknown> {
  /** What the schema of the tool gave. */
  readonly input: Input;
  /** What the dialogue around the agent said of the conversation. */
  readonly about: About;
  /** Names this very call, in every attempt. */
  readonly key: string;
}

/** The input of the service `<id>.notify`. */
export type NoticeInput = Omit<ApprovalNotice<unknown, unknown>, 'signal'>;

/** The names of the services that an agent has beside its tools. */
export function modelService(id: string): string {
  return `${id}.model`;
}

export function notifyService(id: string): string {
  return `${id}.notify`;
}

export type AgentLogic = PromiseActorLogic<unknown, never>;

export function agentServices(plan: AgentPlan): Record<string, AgentLogic> {
  const tools = Object.entries(plan.tools).map(([name, { run }]) => [
    name,
    fromPromise<unknown, ToolCallInput<unknown>>(async ({ input, signal }) =>
      run({ ...input, signal }),
    ),
  ]);
  return {
    ...Object.fromEntries(tools),
    [modelService(plan.id)]: modelLogic(plan),
    ...(Object.values(plan.tools).some((tool) => approvalOf(tool)?.notify !== undefined) && {
      [notifyService(plan.id)]: noticeLogic(plan),
    }),
  };
}

function modelLogic(plan: AgentPlan): unknown {
  const { model, drafts } = plan;
  const tools = toolsOf(plan);
  return fromPromise<ModelAnswer, ModelCall, DraftEvent>(async ({ input, signal, self, emit }) => {
    const { messages } = input;
    const key = self.id;
    const request = { messages, signal, key, ...(tools.length > 0 && { tools }) };
    const answering = drafts
      ? generateWithDrafts(model, request, emit)
      : generateObserved(model, request);
    const { text, calls, finish, usage } = await answering;
    return { text, calls, finish, ...(usage && { usage }), key };
  });
}

/** What the model reads about the tools. */
function toolsOf({ tools, output }: AgentPlan): readonly ModelTool[] {
  const all = Object.entries(tools).map(([name, tool]) => ({ name, ...tool }));
  const { description, schema: input, parameters } = output ?? {};
  return [
    ...all,
    ...(description === undefined ? [] : [{ name: FINISH, description, input, parameters }]),
  ].map((tool) => ({
    name: tool.name,
    description: tool.description,
    parameters: parametersOf(tool) ?? {},
  }));
}

function noticeLogic({ tools }: AgentPlan): unknown {
  return fromPromise<undefined, NoticeInput>(async ({ input, signal }) => {
    const tool = tools[input.tool];
    await (tool && approvalOf(tool))?.notify?.({ ...input, signal });
    return undefined;
  });
}
