import type { Message } from '../message.ts';
import type { Reply } from '../reply.ts';
import type { ServiceMode } from './wire.ts';

/** What the page posts, by name, to `api/<name>`. */
export interface StudioRequests {
  readonly say: { readonly openid: string; readonly message: Message | string };
  /** An event from outside. */
  readonly send: { readonly openid: string; readonly event: Message };
  /** Milliseconds forward, or to what is due next. */
  readonly advance: { readonly by: number | 'next' };
  /** Fires one timer now. */
  readonly fire: { readonly openid: string; readonly actor: string; readonly id: string };
  /** The message of this turn arrives once more, under its id. */
  readonly redeliver: { readonly turn: number };
  /** Two messages arrive in the other order. */
  readonly reorder: { readonly openid: string; readonly messages: readonly (Message | string)[] };
  /** The process ends without a word and starts again. */
  readonly crash: object;
  /** The next `times` writes, or reads, of the persister fail. */
  readonly break: { readonly what: 'save' | 'load'; readonly times: number };
  /** The next recognition takes this long. */
  readonly recognize: { readonly lateMs: number };
  readonly service: { readonly name: string; readonly mode: ServiceMode; readonly lateMs?: number };
  readonly undo: object;
  /** Continues after this turn. The outcomes of services that were recorded after it are the stubs. */
  readonly fork: { readonly turn: number };
  readonly context: {
    readonly openid: string;
    readonly context: Readonly<Record<string, unknown>>;
  };
  /** Everything of the user is deleted. */
  readonly forget: { readonly openid: string };
  readonly save: {
    readonly as: 'chat' | 'vitest' | 'seed' | 'recording';
    readonly openid?: string;
    readonly turn?: number;
  };
  /** The shortest conversation from the beginning to a state. */
  readonly path: { readonly box: string };
  /** Says what `path` found, as a new user if the openid is not given. */
  readonly play: {
    readonly messages: readonly (Message | { readonly advance: number })[];
    readonly openid?: string;
  };
  /** What could be said next. */
  readonly next: { readonly openid: string };
  /** What a channel would make of a reply. */
  readonly preview: { readonly channel: string; readonly reply: Reply };
}

/** What is answered to a request. */
export interface StudioAnswers {
  readonly say: { readonly outcome: string };
  readonly send: { readonly outcome: string };
  readonly advance: { readonly now: number };
  readonly fire: { readonly now: number };
  readonly redeliver: { readonly outcome: string };
  readonly reorder: { readonly outcomes: readonly string[] };
  readonly crash: object;
  readonly break: object;
  readonly recognize: object;
  readonly service: object;
  /** The turn that it stands behind now. */
  readonly undo: { readonly turn: number };
  readonly fork: { readonly turn: number };
  readonly context: object;
  readonly forget: object;
  readonly save: { readonly name: string; readonly text: string };
  readonly path: {
    readonly messages: readonly (Message | { readonly advance: number })[];
    readonly lines: readonly string[];
  };
  readonly play: { readonly openid: string };
  readonly next: {
    readonly inputs: readonly { readonly label: string; readonly message: Message }[];
  };
  /** The pieces that it would send, in the platform's own terms. */
  readonly preview: { readonly parts: readonly unknown[]; readonly unsent?: string };
}

/** Any other status than 200 has this body. */
export interface StudioRefusal {
  readonly error: { readonly code: string; readonly text: string };
}
