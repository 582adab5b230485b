import type { AnyStateMachine } from 'xstate';
import { machinesOf } from '../dialogue/engine/machine-walk.ts';
import type { MailRun, MailSent } from '../takeover/mail.ts';
import { takeoverOf } from '../takeover/mark.ts';
import type { OperatorEvent, TakeoverNote } from '../takeover/notes.ts';
import type { OutsideEvent } from '../runner/calls.ts';
import type { ServiceCall, Stub } from './services.ts';

/** An operator in a test, who takes over the conversation of a chat. */
export interface OperatorChat {
  /** What the takeovers of this conversation have told this operator so far, in order. */
  readonly notes: readonly TakeoverNote[];
  /** The words of the customer among them, each as the operator reads it. */
  readonly heard: readonly string[];
  /** Takes the conversation. Each of these gives what is said to the customer then. */
  take(): Promise<readonly string[]>;
  /** Says something to the customer; where no operator has the conversation, this one takes it. */
  say(text: string): Promise<readonly string[]>;
  /** Leaves it to another operator. */
  leave(): Promise<readonly string[]>;
  /** Gives it back to the dialogue, with the words of the result. */
  giveBack(result?: string): Promise<readonly string[]>;
}

/** The maximum of notes that are kept; the oldest leave first. */
const MAX_TOLD = 1000;

/** Keeps what operators were told, for a test. */
export function keepingNotes(told: TakeoverNote[]): (note: TakeoverNote) => void {
  return (note) => {
    told.push(note);
    if (told.length > MAX_TOLD) told.shift();
  };
}

/** The stubs of the services that tell operators. */
export function takeoverStubs(
  dialogue: AnyStateMachine,
  told: (note: TakeoverNote) => void,
): Readonly<Record<string, Stub>> {
  const names = [...machinesOf(dialogue)].flatMap(({ config }) => takeoverOf(config)?.tell ?? []);
  const tell = (
    { items }: MailRun<TakeoverNote>,
    { idempotencyKey: key }: ServiceCall,
  ): MailSent => {
    for (const { item } of items) told(item);
    return { key, count: items.length };
  };
  return Object.fromEntries(names.map((name) => [name, tell as Stub]));
}

/** The chat of the customer. */
interface OperatedChat {
  readonly openid: string;
  event(event: OutsideEvent): Promise<readonly string[]>;
}

/** An operator of this name in the conversation of a chat. */
export function operatorChat(
  chat: OperatedChat,
  by: string,
  told: readonly TakeoverNote[],
): OperatorChat {
  const does = (done: Omit<OperatorEvent, 'by'>): Promise<readonly string[]> =>
    chat.event({ type: 'event.operator', by, ...done } as OutsideEvent);
  return {
    get notes() {
      return told.filter((note) => note.customer === chat.openid && isFor(note, by));
    },
    get heard() {
      return this.notes.flatMap((note) => {
        if (note.kind === 'said') return [note.line.text];
        const lines = note.kind === 'taken' && note.by === by ? note.lines : [];
        return lines.filter(({ from }) => from === 'customer').map(({ text }) => text);
      });
    },
    take: () => does({ does: 'take' }),
    say: (text) => does({ does: 'say', text }),
    leave: () => does({ does: 'leave' }),
    giveBack: (result) => does({ does: 'return', ...(result !== undefined && { text: result }) }),
  };
}

function isFor(note: TakeoverNote, by: string): boolean {
  if (note.kind === 'said') return note.by === by;
  return note.kind !== 'refused' || note.to === by;
}
