/** The page of Studio for a program that runs: an inspector to mount, and recordings of it. */
export { type Inspector, type InspectorOptions, createInspector } from './inspector.ts';
export {
  type ConversationRecorder,
  type RecordingOptions,
  recordConversations,
} from './recording/recorder.ts';
export type { Authorize } from './server/access.ts';
export type { RingOptions } from './observe/turn-ring.ts';
