export { channelContract } from './channel-contract.ts';
export type {
  ChannelCapability,
  ChannelPayload,
  ChannelSubject,
  Proof,
  PushCall,
  PushFault,
  UnsignedRequest,
  WireRequest,
} from './channel/subject.ts';
export type { ChannelCase } from './channel/harness.ts';
export { type ManualClock, createManualClock } from './clock.ts';
export {
  type ContractCase,
  ContractError,
  type Declares,
  type SelectedCases,
  selectCases,
} from './contract.ts';
export { converse } from './converse.ts';
export type { Chat, FailOptions, Sent } from './converse-chat.ts';
export type { ExpectedReply } from './converse-check.ts';
export type { OperatorChat } from './converse-operator.ts';
export { ConversationError, type Mismatch } from './converse-error.ts';
export type {
  ConverseChannel,
  ConverseOptions,
  DeployOptions,
  SentMessage,
} from './converse-options.ts';
export type { ChatOutcome } from './converse-user.ts';
export { type Fault, type FaultsOptions, type PersisterCall, faulty } from './faults.ts';
export { persisterContract } from './persister-contract.ts';
export type { PersisterCapability, PersisterCase, PersisterSubject } from './persister/subject.ts';
export { type ServiceCall, type Stub, type Stubs, fails, hangs, takes } from './services.ts';
export {
  type HappeningLine,
  type ReplyLine,
  type SaidLine,
  type SentLine,
  type StateLine,
  type Transcript,
  type TranscriptLine,
  parseTranscript,
} from './transcript.ts';
export { formatTranscript } from './transcript-format.ts';
export type { DeadlineLine, ServiceLine } from './transcript-service.ts';
export { type Played, playTranscript } from './transcript-play.ts';
export {
  type FromRecordOptions,
  type LogEntry,
  type RecordOptions,
  type Recording,
  fromLog,
  fromRecord,
  recordTranscript,
} from './transcript-record.ts';
export type { LimitedChannel } from './lint/content.ts';
export { type FindableByModel, type ModelFindings, modelFindings } from './model-findings.ts';
export type { Finding, LintRule, LintRules, RuleOptions } from './lint/rule.ts';
export { type LintOptions, formatFindings, lintDialogue } from './lint.ts';
export {
  type Coverage,
  type CoverageData,
  type CoverageThreshold,
  createCoverage,
  mergeCoverage,
} from './coverage.ts';
export type {
  CoverageItem,
  CoverageKind,
  CoverageShare,
  CoverageSummary,
} from './coverage/items.ts';
export {
  type Exploration,
  type ExploreFailure,
  type ExploreOptions,
  type ExploreProgress,
  type ExploredService,
  type FoundConversation,
  explore,
} from './explore.ts';
export { formatExploration } from './explore/exploration-lines.ts';
export type { Unreached } from './explore/report.ts';
export type { Ending, ExploreEvent } from './explore/pure-state.ts';
export type { FoundCall, FoundStep } from './explore/replay.ts';
export { type FastCheck, WalkFailure, type WalkOptions, walkDialogue } from './explore/walk.ts';
export type { StartedService, WalkView } from './explore/walk-view.ts';
export { type AdversarySamples, adversary } from './adversary.ts';
export { type Cassette, type CassetteOptions, cassette } from './model/cassette.ts';
export {
  type ScriptedAnswer,
  type ScriptedCall,
  type ScriptedModel,
  type ScriptedOptions,
  type ScriptedPause,
  type ScriptedResponse,
  scripted,
} from './model/scripted.ts';
