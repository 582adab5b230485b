export { type Agent, type AgentActors, type AgentInput, createAgent } from './agent/agent.ts';
export type { ModelCall, NoticeInput, ToolCallInput } from './agent/actors.ts';
export type { ModelAnswer } from './agent/answer.ts';
export type { AgentContext, LastAnswer } from './agent/conversation.ts';
export type { AgentFinish, AgentLimits, AgentOptions } from './agent/options.ts';
export type { AgentOutput, AgentUsage, AnsweredOutput, LimitName } from './agent/output.ts';
export type {
  AgentTool,
  Approval,
  ApprovalCall,
  ApprovalEvent,
  ApprovalNotice,
  AskedApproval,
  NotifiedApproval,
  ToolRun,
} from './agent/tool.ts';
export { type AiSdkModel, type FromAiSdkOptions, fromAiSdk } from './ai-sdk/from-ai-sdk.ts';
export type { CallOptions } from './call-limits.ts';
export { observed } from './calls.ts';
export { generateWithDrafts } from './drafts.ts';
export { type ModelFailure, type ModelFailureReason, modelFailed } from './failure.ts';
export type {
  JsonSchema,
  Model,
  ModelMessage,
  ModelPart,
  ModelRequest,
  ModelResponse,
  ModelTool,
  ModelUsage,
  ToolCall,
} from './model.ts';
export { openAiCompatible } from './openai/open-ai-compatible.ts';
export type {
  ModelFetch,
  ModelFetchInit,
  OpenAiCompatibleOptions,
  SchemaMode,
} from './openai/settings.ts';
export type { IntentHelp } from './recognition-prompt.ts';
export { type ModelRecognizerOptions, modelRecognizer } from './recognizer.ts';
export {
  type AnswerFromSourcesOptions,
  type SourceDocument,
  type SourcedAnswer,
  type SourcedQuestion,
  answerFromSources,
} from './sourced-answer.ts';
export { type ModelRephraserOptions, modelRephraser } from './rephraser.ts';
