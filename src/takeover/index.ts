export type { TakeoverContext } from './held-lines.ts';
export type { Mail, MailRun, MailSent } from './mail.ts';
export type {
  NoteAbout,
  OperatorEvent,
  TakeoverEnded,
  TakeoverLine,
  TakeoverNote,
  TakeoverOutput,
  ToldNote,
} from './notes.ts';
export {
  type Takeover,
  type TakeoverInput,
  type TakeoverOptions,
  createTakeover,
} from './takeover.ts';
export type { DeskAct, DeskContext, DeskCustomer } from './desk-context.ts';
export {
  type CustomerEvent,
  type OperatorDesk,
  type DeskDialogue,
  type DeskOptions,
  createDesk,
} from './desk.ts';
export type { DeskPhrase } from './desk-words.ts';
export type { DeskRunner } from './link.ts';
