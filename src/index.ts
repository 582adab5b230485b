export { type Cancel, type Clock, type Duration, type WakeOptions, systemClock } from './clock.ts';
export { type Codec, jsonCodec } from './context/codec.ts';
export type { Context, ExpiryBasis } from './context/context.ts';
export type { StoreEvents } from './context/core.ts';
export type { ExpirySetting } from './context/expiry.ts';
export {
  type AnyContextStore,
  type ContextStore,
  type ContextStoreOptions,
  createContextStore,
} from './context/store.ts';
export { type DialogueSetup, type ReplyExpression, setupDialogue } from './dialogue/setup.ts';
export {
  ColloquyError,
  ConflictError,
  DeliveryError,
  type ErrorOptions,
  MessageError,
  PersistError,
  StepError,
  UsageError,
} from './errors.ts';
export type { Off } from './internal/events.ts';
export type {
  ActionMessage,
  EventMessage,
  FileMessage,
  ImageMessage,
  LinkMessage,
  LocationMessage,
  Message,
  TextMessage,
  UnknownMessage,
  VideoMessage,
  VoiceMessage,
} from './message.ts';
export type {
  DueEntry,
  LoadedRecord,
  Persister,
  Revision,
  StoredRecord,
} from './persist/persister.ts';
export type { Reply, ReplyEvent, TextReply } from './reply.ts';
export type { Outcome, RunnerEvents, Turn } from './runner/events.ts';
export type { RunnerOptions, Said } from './runner/options.ts';
export { type HandleOptions, type Incoming, type Runner, createRunner } from './runner/runner.ts';
