/**
 * What the page of Studio and its server say to each other, as plain data. The server sends events over one stream of
 * server-sent events, and the page posts requests. A recording holds the same events in a file.
 */
import type { ArrowDrawing, BoxDrawing, ChartDrawing } from '../graph/drawing.ts';
import type { Message } from '../message.ts';
import type { Reply } from '../reply.ts';
import type { DraftView, ModelCallEntry } from './wire-models.ts';

export type { ArrowDrawing, BoxDrawing, ChartDrawing };
export type {
  DraftView,
  ModelCallEnd,
  ModelCallEntry,
  ModelCaller,
  PromptMessage,
  PromptTool,
  ShownText,
  ShownToolCall,
} from './wire-models.ts';

/** The version of this format. A page refuses a server or a recording of a later one. */
export const WIRE_VERSION = 1;

/**
 * - `studio`: its own store on a virtual clock; everything may be done.
 * - `inspector`: looks at a runner of a program.
 * - `recording`: a file; nothing runs.
 */
export type StudioKind = 'studio' | 'inspector' | 'recording';

/** What the page may ask for. The server refuses what it did not offer. */
export type StudioPower =
  /** Messages and events of users. */
  | 'say'
  /** The clock may be set forward. */
  | 'time'
  /** Looking back at any turn is always possible; this is undoing, forking and editing the context. */
  | 'travel'
  /** Faults and the modes of services. */
  | 'faults'
  /** Transcripts, tests and recordings. */
  | 'save'
  /** The shortest way to a state, and what could be said next. */
  | 'explore';

/** The events of the stream, by name. Each also has a number, from which the page continues after a lost connection. */
export interface StudioEvents {
  /** The first event, and again when the dialogue was loaded again. */
  readonly hello: Hello;
  /** Sent again under the same `turn` if something is added to it, as a late reply. */
  readonly turn: TurnEntry;
  /** How a conversation stands now; sent whenever that changed. */
  readonly conversation: ConversationView;
  readonly model: ModelCallEntry;
  readonly draft: DraftView;
  /** Nothing is kept of this openid any more. */
  readonly gone: { readonly openid: string };
  readonly clock: ClockView;
  readonly services: readonly ServiceSetting[];
  /** The turns after `turn` never happened: they were undone, or a fork began. The rest is sent again. */
  readonly rewound: { readonly turn: number };
  /** Something to tell the person who looks: the code of an error and a sentence in plain English. */
  readonly problem: { readonly code: string; readonly text: string };
}

export interface Hello {
  readonly wire: typeof WIRE_VERSION;
  readonly kind: StudioKind;
  readonly dialogue: DialogueLabel;
  readonly powers: readonly StudioPower[];
  /** Whether texts, context and openids are hidden. */
  readonly isRedacted: boolean;
  readonly clock: ClockView;
  /** The dialogue, and its sub-dialogues after it. Empty without a layout; `noCharts` then says why. */
  readonly charts: readonly ChartDrawing[];
  readonly noCharts?: string;
  /** The package that has to be installed for charts, where that is why there are none. */
  readonly chartsNeed?: 'elkjs';
  /** The services that the dialogue invokes. */
  readonly services: readonly ServiceSetting[];
  /** What lint has found. */
  readonly findings: readonly FindingMark[];
  /** What became of the conversations when the dialogue was loaded again. Absent at the first start. */
  readonly reload?: {
    readonly how: 'kept' | 'migrated' | 'replayed' | 'restarted';
    readonly why?: string;
  };
}

export interface DialogueLabel {
  readonly id: string;
  readonly version: string;
  /** Changes whenever states or transitions do. */
  readonly structure: string;
  /** Its path, as a person would type it. */
  readonly file?: string;
}

export interface ClockView {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Whether it stands still, but for what the page asks for. */
  readonly isVirtual: boolean;
  /** When something is due next, of any conversation. */
  readonly nextDueAt?: number;
}

export interface FindingMark {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly text: string;
  /** The id of the box that it is about. */
  readonly box?: string;
  readonly file?: string;
  readonly line?: number;
}

export type TurnCause = 'message' | 'event' | 'timer' | 'service';

/** A turn, with all that a page shows of it. */
export interface TurnEntry {
  /** From 1, in the order in which turns ended. */
  readonly turn: number;
  readonly openid: string;
  /** Epoch milliseconds of its beginning, by the clock of the store. */
  readonly at: number;
  readonly cause: TurnCause;
  /** The message or event; for a timer or a service its readable name. Absent if redacted. */
  readonly message?: Message;
  readonly label: string;
  /** The id of the message. */
  readonly id?: string;
  readonly outcome: string;
  /** What was said in it. What a timer or a late service says is in the turn of that one, and there alone. */
  readonly replies: readonly Reply[];
  /** The code of the error, and what to read; if redacted, the name of its class. */
  readonly error?: { readonly code: string; readonly text: string };
  /** Milliseconds of the machine, by phase, in order; a phase that a conflict repeated is there twice. */
  readonly phases: readonly { readonly name: string; readonly ms: number }[];
  /** The transitions that were looked at, one microstep after the other. */
  readonly way: readonly TracedStep[];
  /** How the conversation stood before it and after it; absent if nothing was kept. */
  readonly before?: ConversationView;
  readonly after?: ConversationView;
}

export interface TracedStep {
  /** The id of the chart's box that the transition leaves. */
  readonly from: string;
  /** The key of the transition, as `ArrowDrawing.transitions` has it. */
  readonly transition: string;
  readonly event: string;
  readonly isTaken: boolean;
  /** The name of its guard and what it decided. */
  readonly guard?: { readonly name: string; readonly holds: boolean };
}

/** How a conversation stands. */
export interface ConversationView {
  readonly openid: string;
  /** Grows with each commit. */
  readonly revision: number;
  readonly savedAt: number;
  readonly expiresAt?: number;
  readonly status: 'active' | 'done' | 'error' | 'none';
  /** The ids of the boxes that are active, those of sub-dialogues included. */
  readonly active: readonly string[];
  /** The same in words: `booking.people`. */
  readonly state: string;
  /** Absent if redacted. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Contexts of sub-dialogues, by the address of the actor. */
  readonly children?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Where a person takes over: who has the conversation; empty while no person has it. */
  readonly takeover?: { readonly by?: string };
  readonly timers: readonly TimerView[];
  readonly services: readonly ServiceView[];
  /** Replies that are not delivered yet. */
  readonly outbox: readonly { readonly id: string; readonly reply?: Reply }[];
  /** How many ids of messages are remembered, and the last ones. */
  readonly seen: { readonly count: number; readonly last: readonly string[] };
  /** Messages that wait for their turn. */
  readonly waiting: number;
  /** The right of a process to work on it, if leases are used. */
  readonly lease?: { readonly holder: string; readonly until: number };
}

export interface TimerView {
  readonly id: string;
  readonly actor: string;
  /** As a person calls it: `reminder of people`. */
  readonly name: string;
  readonly dueAt: number;
}

export interface ServiceView {
  readonly id: string;
  readonly actor: string;
  /** Its name in the definition. */
  readonly src: string;
}

/**
 * How a service behaves from now on. `real` runs the function of the dialogue, `stub` what the config has for it, `fail`
 * rejects, `hang` never ends, and `late` is what it was before, after `lateMs` of virtual time.
 */
export type ServiceMode = 'real' | 'stub' | 'fail' | 'hang' | 'late';

export interface ServiceSetting {
  readonly name: string;
  readonly mode: ServiceMode;
  readonly modes: readonly ServiceMode[];
  readonly lateMs?: number;
}

/** A file `*.colloquy.json`. */
export interface StudioRecording {
  readonly colloquy: 'recording';
  readonly wire: typeof WIRE_VERSION;
  readonly recordedAt: number;
  readonly hello: Hello;
  /** The turns, oldest first. Turns that the limits of the recording dropped are counted. */
  readonly turns: readonly TurnEntry[];
  readonly dropped: number;
  readonly conversations: readonly ConversationView[];
  /** Calls of models. Absent in a recording of an earlier program. */
  readonly models?: readonly ModelCallEntry[];
}
