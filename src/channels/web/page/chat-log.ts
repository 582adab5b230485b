import type { ChoicesReply, Reply } from '../../../reply.ts';
import type { ChatAnswer, SaidMessage, SentReply } from '../protocol.ts';

/** A message of the person. */
export interface SaidEntry {
  readonly id: string;
  readonly message: SaidMessage;
  /** In a room, what another person is called who said it. */
  readonly from?: string | undefined;
  /** `waiting` until the server has answered it. What the server will never take is `refused` or `too_long`. */
  readonly state: 'waiting' | 'sent' | 'refused' | 'too_long';
}

/** A reply of the dialogue. */
export interface ReplyEntry {
  readonly id: string;
  readonly reply: Reply;
  /** Of choices: the value that was chosen. */
  readonly chosen?: string;
  /** Of choices: the question is over, so that its buttons do nothing more. */
  readonly isOver?: boolean;
}

export type Entry = SaidEntry | ReplyEntry;

export function isSaid(entry: Entry): entry is SaidEntry {
  return 'message' in entry;
}

/** What distinguishes an entry from all others. */
export function entryKey(entry: Entry): string {
  return `${isSaid(entry) ? 'said' : 'reply'} ${entry.id}`;
}

/** The most entries that are shown and kept; messages that wait are kept beside them. */
const MAX_ENTRIES = 200;
/** The most replies of the stream that a page says with each message that it has shown. */
const MAX_SHOWN = 32;
/** The most messages that wait to be sent. */
const MAX_WAITING = 20;

/**
 * What was said, in order. An entry never changes: another one takes its place. What has an id is there once, however often
 * it comes.
 */
export class ChatLog {
  #entries: readonly Entry[] = [];
  readonly #changed: (isFromOutside: boolean) => void;

  /** @param changed called after each change, with whether another page made it */
  constructor(changed: (isFromOutside: boolean) => void) {
    this.#changed = changed;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get waiting(): readonly SaidEntry[] {
    return this.#entries.filter(isSaid).filter(({ state }) => state === 'waiting');
  }

  /** The ids of the last replies that came by the stream: those of answers begin with the id of their message. */
  get pushed(): readonly string[] {
    const own = new Set(this.#entries.filter(isSaid).map(({ id }) => id));
    return this.#entries
      .flatMap((entry) => (isSaid(entry) || own.has(entry.id.split('/')[0] ?? '') ? [] : entry.id))
      .slice(-MAX_SHOWN);
  }

  /** @returns false where too many messages wait already */
  say(id: string, message: SaidMessage): boolean {
    if (this.waiting.length >= MAX_WAITING) return false;
    this.#set(withSaid(this.#entries, { id, message, state: 'waiting' }));
    return true;
  }

  /** A page of this person has said this. Whether it counts is not known before it is answered. */
  said(id: string, message: SaidMessage, from?: string): void {
    if (this.#messageOf(id) !== undefined) return;
    if (from !== undefined) {
      this.#set([...this.#entries, { id, message, from, state: 'sent' }]);
      return;
    }
    const state = this.waiting.length < MAX_WAITING ? 'waiting' : 'sent';
    this.#set(withSaid(this.#entries, { id, message, state }));
  }

  /** A message waits no longer. */
  settle(id: string, state: SaidEntry['state']): void {
    const said = this.#messageOf(id);
    if (said?.state !== 'waiting') return;
    this.#set(this.#entries.map((entry) => (entry === said ? { ...said, state } : entry)));
  }

  /** @returns the replies that were not there yet */
  hear(replies: readonly SentReply[]): readonly SentReply[] {
    const known = new Set(this.#entries.map(entryKey));
    const fresh = replies.filter(({ id, reply }) => !known.has(entryKey({ id, reply })));
    if (fresh.length > 0) {
      this.#set(
        fresh.reduce((entries, { id, reply }) => withReply(entries, { id, reply }), this.#entries),
      );
    }
    return fresh;
  }

  /** The end of a message, and what was said to it. @returns the replies that were not there yet */
  answer({ id, outcome, pushed, replies }: ChatAnswer): readonly SentReply[] {
    this.settle(id, 'sent');
    const said = this.#messageOf(id);
    if (outcome === 'stale' && said !== undefined) this.#close(said.message);
    return this.hear([...pushed, ...replies]);
  }

  /** Sends a message again that was refused. */
  retry(id: string): void {
    this.#set(
      this.#entries.map((entry) =>
        isSaid(entry) && entry.id === id ? { ...entry, state: 'waiting' } : entry,
      ),
    );
  }

  /**
   * Takes what another page has kept: all of it, and what only this one has after it.
   * @returns whether this page has more than that
   */
  merge(others: readonly Entry[]): boolean {
    const own = new Map(this.#entries.map((entry) => [entryKey(entry), entry]));
    const merged = others.map((other) => {
      const mine = own.get(entryKey(other));
      own.delete(entryKey(other));
      return mine === undefined ? other : joined(mine, other);
    });
    this.#set([...merged, ...own.values()], true);
    return own.size > 0;
  }

  /** Forgets all but some messages that have still to be sent. */
  clear(stays: (id: string) => boolean): void {
    this.#set(this.waiting.filter(({ id }) => stays(id)));
  }

  #messageOf(id: string): SaidEntry | undefined {
    return this.#entries.filter(isSaid).find((entry) => entry.id === id);
  }

  /** The question that a message was meant for is over. */
  #close(message: SaidMessage): void {
    if (message.type !== 'message.action') return;
    this.#set(
      this.#entries.map((entry) =>
        choicesIn(entry)?.asking === message.asking ? { ...entry, isOver: true } : entry,
      ),
    );
  }

  #set(entries: readonly Entry[], isFromOutside = false): void {
    this.#entries = bounded(entries);
    this.#changed(isFromOutside);
  }
}

function choicesIn(entry: Entry): ChoicesReply | undefined {
  return !isSaid(entry) && entry.reply.type === 'choices' ? entry.reply : undefined;
}

/** With a message at the end; the question that it answers is over. */
function withSaid(entries: readonly Entry[], said: SaidEntry): Entry[] {
  return [...entries.map((entry) => answered(entry, said.message)), said];
}

function answered(entry: Entry, message: SaidMessage): Entry {
  const choices = choicesIn(entry);
  if (choices === undefined || isSaid(entry) || entry.isOver === true) return entry;
  const value = valueIn(message, choices);
  return value === undefined ? entry : { ...entry, chosen: value, isOver: true };
}

/** The option that a message chooses: by its button, or in its own words. */
function valueIn(message: SaidMessage, { asking, options }: ChoicesReply): string | undefined {
  if (message.type === 'message.action') {
    return message.asking === asking ? message.value : undefined;
  }
  if (message.type !== 'message.text') return undefined;
  const text = message.text.trim().toLowerCase();
  return options.find(({ value, label = value }) =>
    [value, label].some((each) => each.trim().toLowerCase() === text),
  )?.value;
}

/** With a reply at the end. A question with options ends the questions before it. */
function withReply(entries: readonly Entry[], reply: ReplyEntry): Entry[] {
  const isQuestion = choicesIn(reply) !== undefined;
  const before = entries.map((entry) =>
    isQuestion && choicesIn(entry) !== undefined ? { ...entry, isOver: true } : entry,
  );
  return [...before, reply];
}

function joined(mine: Entry, other: Entry): Entry {
  if (isSaid(mine) || isSaid(other)) {
    return isSaid(other) && other.state === 'waiting' ? mine : other;
  }
  return mine.isOver === true ? mine : other;
}

/** The last ones, and all that wait. */
function bounded(entries: readonly Entry[]): readonly Entry[] {
  let surplus = entries.length - MAX_ENTRIES;
  if (surplus <= 0) return entries;
  return entries.filter((entry) => {
    if (surplus <= 0 || (isSaid(entry) && entry.state === 'waiting')) return true;
    surplus -= 1;
    return false;
  });
}
