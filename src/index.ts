export { type Cancel, type Clock, type Duration, type WakeOptions, systemClock } from './clock.ts';
export type { LeaseOptions } from './context/storage/leases.ts';
export type { CorruptRecord, OnCorrupt } from './context/storage/quarantine.ts';
export type { Codec, CodecAbout, CorruptReason } from './context/record/envelope.ts';
export type { Context, ExpiryBasis } from './context/context.ts';
export type { StoreEvents } from './context/store-events.ts';
export type { ExpirySetting } from './context/record/expiry.ts';
export { jsonCodec } from './context/record/json-codec.ts';
export type { RunningService, StoredDialogue, Timer } from './context/record/record.ts';
export { type SealKey, type SealOptions, sealed } from './context/record/sealed.ts';
export type { PersonalData } from './context/record/export.ts';
export {
  type AnyContextStore,
  type ContextStore,
  type StoreOf,
  type StoreStats,
  createContextStore,
} from './context/store.ts';
export type { ContextStoreOptions } from './context/store-options.ts';
export type { ChooseOptions, ConfirmOptions, OptionsFor, Way } from './dialogue/define/choose.ts';
export { type Command, type CommandName, commandIntents } from './dialogue/define/commands.ts';
export type {
  AskedSlot,
  ChosenSlot,
  DialogueSlot,
  FormOptions,
  ListOptions,
  ListSlot,
  QuestionedSlot,
  Slot,
  SlotOptions,
  Slots,
} from './dialogue/define/form.ts';
export type {
  AnswersIn,
  AnswersKey,
  QuestionArgs,
  QuestionDefinition,
  QuestionsOptions,
} from './dialogue/define/questions.ts';
export type {
  AssigningOutput,
  ServiceActions,
  ServiceDoneEvent,
  ServiceFailedEvent,
  ServiceInput,
  ServiceName,
  ServiceOptions,
  ServiceState,
  ServiceWay,
  ServiceWays,
} from './dialogue/define/service-options.ts';
export { type Heard, type HearGuard, hear } from './dialogue/define/hear.ts';
export { type UntilOptions, until } from './dialogue/define/until.ts';
export type { EventOf } from './dialogue/dialogue-types.ts';
export { type DraftEvent, draft } from './draft.ts';
export { toMermaid } from './dialogue/diagram.ts';
export { now } from './dialogue/text/current-step.ts';
export { type HistoryOptions, history } from './dialogue/text/history.ts';
export type { HistoryEntry } from './dialogue/text/history-turns.ts';
export { type AnywhereOptions, anywhere } from './dialogue/parsers/anywhere.ts';
export { type AnswerOption, type ChoiceOptions, choice } from './dialogue/parsers/choice.ts';
export { confirm } from './dialogue/parsers/confirm.ts';
export { email } from './dialogue/parsers/email.ts';
export { image } from './dialogue/parsers/image.ts';
export { integer } from './dialogue/parsers/integer.ts';
export { location } from './dialogue/parsers/location.ts';
export { number } from './dialogue/parsers/number.ts';
export type { Parsed, Parser } from './dialogue/parsers/parser.ts';
export {
  type ParsedBy,
  type Parsing,
  type ParsingFor,
  type StandardSchema,
  schema,
  toParser,
} from './dialogue/parsers/schema.ts';
export { text } from './dialogue/parsers/text.ts';
export { within } from './dialogue/parsers/within.ts';
export type {
  Answered,
  Answerers,
  AnswerArgs,
  AskOptions,
  RetryArgs,
  Silence,
} from './dialogue/engine/question.ts';
export {
  type Candidate,
  type FoundValues,
  type IntentRecognizer,
  type OpenQuestion,
  type OpenSlot,
  type RecognizeAbout,
  type Recognizer,
  type Verdict,
  keywords,
  mentions,
  pattern,
} from './dialogue/text/recognizers.ts';
export {
  type Occasion,
  type OccasionIn,
  type ParseContext,
  type ParseContextIn,
  localeOf,
} from './dialogue/text/parse-context.ts';
export type { ReplyExpression, Saying } from './dialogue/define/actions.ts';
export type { StoredChild, StoredPaused, StoredSnapshot } from './dialogue/engine/snapshot.ts';
export { type DialogueSetup, setupDialogue } from './dialogue/define/setup.ts';
export type { IntentDefinition } from './dialogue/engine/intents.ts';
export type {
  Dialogue,
  DialogueEvent,
  DialogueTypes,
  SetupConfig,
} from './dialogue/define/setup-types.ts';
export type { Vocabulary } from './dialogue/define/vocabulary.ts';
export type { ChoiceWays, Unset, WayOf } from './dialogue/define/choice-ways.ts';
export type { Assigning, KeyTaking, ValueFor } from './dialogue/define/assigning.ts';
export type { StateParts, AskState, FormState } from './dialogue/define/question-state.ts';
export type { AnswerSource } from './dialogue/define/answer-source.ts';
export type { AnswerWords, Prompt, PromptKey, WordsOptions } from './dialogue/text/localize.ts';
export {
  ColloquyError,
  ConflictError,
  DeliveryError,
  type ErrorCode,
  type ErrorOptions,
  MessageError,
  PersistError,
  StepError,
  UsageError,
} from './errors.ts';
export { formatReply } from './format.ts';
export type { Data } from './internal/plain-data.ts';
export type { Off } from './internal/emitter.ts';
export type {
  ActionMessage,
  AlbumPart,
  EventMessage,
  FileMessage,
  ImageMessage,
  IntentMessage,
  LinkMessage,
  LocationMessage,
  Message,
  OwnEvent,
  Person,
  TextMessage,
  TextPart,
  UnknownMessage,
  VideoMessage,
  VoiceMessage,
} from './message.ts';
export type {
  DueEntry,
  Leased,
  Leases,
  ListPage,
  LoadedRecord,
  Persister,
  Revision,
  StoredRecord,
  WriteListener,
  WritesLater,
} from './persist/persister.ts';
export type {
  Article,
  ChoiceOption,
  ChoicesReply,
  HandoffReply,
  ImageReply,
  MusicReply,
  NewsReply,
  RawReply,
  Reply,
  ReplyEvent,
  TextReply,
  VideoReply,
  VoiceReply,
  WordEvent,
} from './reply.ts';
export {
  type CheckRecordsOptions,
  type CheckedRecord,
  type RecordCheck,
  type RecordsReport,
  type RenameCount,
  checkRecords,
} from './check-records.ts';
export type {
  Addressee,
  BroadcastOptions,
  BroadcastProgress,
  SaidTo,
  Select,
} from './runner/delivery/broadcast.ts';
export type { Outcome, RunnerEvents, SentTurn, Turn } from './runner/events.ts';
export type {
  Dropped,
  FittingOutcome,
  Incompatible,
  OnIncompatible,
  Origin,
} from './runner/upgrade/migrate.ts';
export {
  type Migration,
  type MigrationAbout,
  type Migrations,
  type StoredConversation,
  migrateTo,
} from './runner/upgrade/migrations.ts';
export {
  type RenameOptions,
  renameKey,
  renameService,
  renameSlot,
  renameState,
} from './runner/upgrade/renames.ts';
export type { Offer } from './dialogue/engine/offer.ts';
export type {
  DeliverOptions,
  HandleOptions,
  Incoming,
  OutsideEvent,
  OutsideEventOf,
  IncomingOf,
  RunDueOptions,
  Said,
  SayOptions,
  SendOptions,
} from './runner/calls.ts';
export type { QuotaOptions, RunnerOptions } from './runner/options.ts';
export type { RunnerStats } from './runner/runner.ts';
export type { GatherOptions } from './dialogue/engine/gather.ts';
export type { RephraseAbout, Rephraser } from './dialogue/text/rephraser.ts';
export type { DuePlayed } from './context/due-run.ts';
export type { Conversation } from './context/record/inspect.ts';
export type { Standing, SubStanding } from './dialogue/text/standing.ts';
export type { ConversationStanding } from './context/record/inspect.ts';
export { type Runner } from './runner/runner.ts';
export { createRunner } from './runner/create-runner.ts';
