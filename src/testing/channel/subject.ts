import type { Channel } from '../../channels/channel.ts';
import type { Answer } from '../../channels/reception.ts';
import type { Clock } from '../../clock.ts';
import type { Person } from '../../message.ts';
import { UsageError } from '../../errors.ts';

/**
 * What a platform has, and a channel with it.
 * - `signed-body`: the proof covers the body.
 * - `fresh`: a proof holds for a while only.
 * - `handshake`: some requests want an answer and carry no message.
 * - `silence`: some payloads have nothing for a dialogue: the bot's own messages.
 * - `people`: it says who sent a message.
 * - `unspoken`: it reports what was not said to the bot: a new member, a reaction, a position.
 * - `others`: several bots hear the same chat, and some of what is said is for another one.
 * - `answers`: replies can be in an answer.
 * - `push`: the channel has `push`.
 * - `typing`: the channel has `typing`.
 * - `drafts`: the channel has `draft`, and shows drafts to the user of the first payload that carries a message.
 * - `parts`: it sends a long text in several calls.
 * - `deadline`: it declares `answerMs`.
 */
export type ChannelCapability =
  | 'signed-body'
  | 'fresh'
  | 'handshake'
  | 'silence'
  | 'people'
  | 'unspoken'
  | 'others'
  | 'answers'
  | 'push'
  | 'typing'
  | 'drafts'
  | 'parts'
  | 'deadline';

/** A request before it is signed. */
export interface UnsignedRequest {
  /** Default `POST`. */
  readonly method?: string;
  /** Default: none. */
  readonly query?: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly body?: string | Uint8Array;
}

/** A request as a platform sends it. */
export interface WireRequest {
  /** The HTTP method, as `POST`. */
  readonly method: string;
  /** The whole URL. */
  readonly url: string;
  /** The headers of the request. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes of the body. */
  readonly body: Uint8Array;
}

/** A request that a platform really sent, or as its documentation shows it. */
export interface ChannelPayload extends UnsignedRequest {
  /** What it is, for the name of a case. */
  readonly name: string;
  /** The messages that it carries, each with at least these fields, or what else becomes of it. */
  readonly gives:
    | 'handshake'
    | 'nothing'
    | readonly { readonly type: string; readonly [field: string]: unknown }[];
  /** Who sent it, by any name: payloads of one name are of one conversation, and of two names never. */
  readonly user?: string;
  /** With `people`: who a channel says that its messages are from. */
  readonly from?: Person;
  /** With `unspoken`: whether a person spoke to the bot by it. */
  readonly spoken?: boolean;
  /** With `others`: it is for another bot, and gives `nothing`. */
  readonly isForAnother?: true;
}

/** How a platform refuses what is pushed. */
export interface PushFault {
  /** What it is, for the name of a case. */
  readonly name: string;
  /** The platform's answer to the call. */
  answer(call: PushCall): Response;
  /** Whether to try again, to wait for the user's next message, or to give up. */
  readonly means: 'later' | 'closed' | 'never';
  /** How many milliseconds it says to wait, where it does. */
  readonly retryAfterMs?: number;
}

/** The headers and parameters of the query that prove a request: without any of them, or with another value, it is none. */
export interface Proof {
  /** Names of headers. */
  readonly headers?: readonly string[];
  /** Names of parameters. */
  readonly query?: readonly string[];
}

/** A channel under test, and its platform. */
export interface ChannelSubject {
  /** Default: none. */
  readonly capabilities?: readonly ChannelCapability[];
  /** All secrets, each unlike any other text. */
  readonly secrets: readonly string[];
  /** A channel with these secrets, on this `clock`. All its calls go through `fetch`. Each run calls it once. */
  open(world: {
    readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
    readonly clock: Clock;
  }): Channel;
  /** The request, signed by the platform at that moment, in epoch ms. */
  sign(request: UnsignedRequest, signedAt: number): WireRequest;
  /** Where the proof stands in a signed request; of each, where it is not the same in all. */
  readonly proof: Proof | ((request: WireRequest) => Proof);
  /** At least two users, and for each capability a payload that shows it. */
  readonly payloads: readonly ChannelPayload[];
  /** With `fresh`: how long a proof holds, in ms. */
  readonly freshMs?: number;
  /** With `answers`: the texts that a user sees of an answer. */
  textsOf?(answer: Answer): readonly string[];
  /** With `push`, `typing` or `drafts`: the platform's interface. */
  readonly platform?: {
    /** Takes a call. */
    accept(call: PushCall): Response;
    /** The texts that a user sees of a call. */
    textsOf(call: PushCall): readonly string[];
    /** How the platform refuses a call. */
    readonly faults: readonly PushFault[];
  };
}

/** What a channel sent to the interface of its platform. */
export interface PushCall {
  /** The address that was called. */
  readonly url: string;
  /** What `fetch` was given besides. */
  readonly init: RequestInit;
  /** The body, where it is a text; otherwise empty. */
  readonly body: string;
}

export function proofOf({ proof }: ChannelSubject, request: WireRequest): Required<Proof> {
  const { headers = [], query = [] } = typeof proof === 'function' ? proof(request) : proof;
  return { headers, query };
}

/** A place of a request that proves it. */
export interface ProofPlace {
  readonly kind: 'header' | 'parameter';
  readonly name: string;
}

export function proofPlaces(subject: ChannelSubject, request: WireRequest): readonly ProofPlace[] {
  const { headers, query } = proofOf(subject, request);
  return [
    ...headers.map((name) => ({ kind: 'header', name }) as const),
    ...query.map((name) => ({ kind: 'parameter', name }) as const),
  ];
}

export function valueAt({ kind, name }: ProofPlace, { url, headers }: WireRequest): string {
  return (kind === 'header' ? headers[name] : new URL(url).searchParams.get(name)) ?? '';
}

/** The request with other values at one place; without any, the place is not there. */
export function replacedAt(
  { kind, name }: ProofPlace,
  request: WireRequest,
  ...values: readonly string[]
): WireRequest {
  if (kind === 'header') {
    const { [name]: _, ...others } = request.headers;
    const [value] = values;
    return { ...request, headers: value === undefined ? others : { ...others, [name]: value } };
  }
  const url = new URL(request.url);
  url.searchParams.delete(name);
  for (const value of values) url.searchParams.append(name, value);
  return { ...request, url: url.href };
}

interface SpokenPayload extends ChannelPayload {
  readonly gives: Exclude<ChannelPayload['gives'], string>;
}

/** The payloads that carry messages. */
export function spokenOf({ payloads }: ChannelSubject): readonly SpokenPayload[] {
  const spoken = payloads.filter(
    (payload): payload is SpokenPayload => typeof payload.gives !== 'string',
  );
  const users = new Set(spoken.map(({ user }) => user));
  if (spoken.length > 0 && users.size > 1) return spoken;
  throw badSubject('payloads of at least two users');
}

/** The payloads that show something; there has to be one. */
export function payloadsWith(
  { payloads }: ChannelSubject,
  isOne: (payload: ChannelPayload) => boolean,
  what: string,
): readonly ChannelPayload[] {
  const found = payloads.filter(isOne);
  if (found.length > 0) return found;
  throw badSubject(`a payload ${what}`);
}

/** What a subject has to give for a case, as it declares. */
export function required<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value;
  throw badSubject(`\`${name}\``);
}

function badSubject(lacks: string): UsageError {
  return new UsageError('bad_subject', `The subject of a channel's contract lacks ${lacks}.`);
}
