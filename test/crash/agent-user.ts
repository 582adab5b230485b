import type { Note } from './agent-ledger.ts';

/** What is sent to the desk: the words of a user, or what the manager says of a transfer. */
export interface ToDesk {
  readonly openid: string;
  readonly id: string;
  readonly text?: string;
  readonly approval?: { readonly id: string; readonly approved: boolean };
}

interface Outside {
  /** Takes a message to the desk, as often as it needs. */
  readonly send: (message: ToDesk) => void;
  /** Notes in the ledger what was decided, before the desk can know of it. */
  readonly note: (note: Note) => void;
}

/** Every other conversation gets the refund, and two of three get the transfer. */
export function isAgreed(name: string): boolean {
  return numberOf(name) % 2 === 1;
}

export function isApproved(name: string): boolean {
  return numberOf(name) % 3 !== 0;
}

function numberOf(name: string): number {
  return Number(name.split('/')[1]);
}

/** A user who talks with the agent again and again: begins, answers the question, and waits for the end. */
export class AgentUser {
  readonly openid: string;
  /** The different texts that were read, by the name of the conversation. */
  readonly read = new Map<string, Set<string>>();
  readonly #outside: Outside;
  #conversation = 0;
  #isClosing = false;

  constructor(openid: string, outside: Outside) {
    this.openid = openid;
    this.#outside = outside;
  }

  get #name(): string {
    return `${this.openid}/${this.#conversation}`;
  }

  begin(): void {
    this.#conversation += 1;
    this.read.set(this.#name, new Set());
    this.#outside.send({ openid: this.openid, id: `begin ${this.#name}`, text: this.#name });
  }

  /** Reads a reply. One that it has read before is nothing new. */
  hear(text: string): void {
    const of = /user-\d+\/\d+/u.exec(text)?.[0] ?? '';
    const read = this.read.get(of) ?? new Set();
    this.read.set(of, read);
    if (read.has(text)) return;
    read.add(text);
    const { note, send } = this.#outside;
    if (text.startsWith('refund for ')) {
      if (isAgreed(of)) note({ what: 'agreed', of });
      send({ openid: this.openid, id: `answer ${of}`, text: isAgreed(of) ? 'yes' : 'no' });
    }
    if (!text.startsWith('end of ')) return;
    note({ what: 'ended', of });
    if (of === this.#name && !this.#isClosing) this.begin();
  }

  /** Begins nothing any more. @returns whether the last conversation has ended */
  close(): boolean {
    this.#isClosing = true;
    return [...(this.read.get(this.#name) ?? [])].some((text) => text.startsWith('end of '));
  }
}

/** The manager, who is asked about transfers and answers each time. */
export class Manager {
  readonly #outside: Outside;

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  hear({
    openid,
    id,
    of,
  }: {
    readonly openid: string;
    readonly id: string;
    readonly of: string;
  }): void {
    const { note, send } = this.#outside;
    const approved = isApproved(of);
    if (approved) note({ what: 'approved', of });
    send({ openid, id: `decide ${of}`, approval: { id, approved } });
  }
}
