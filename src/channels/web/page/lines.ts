import type { ChoicesReply } from '../../../reply.ts';
import type { SaidMessage } from '../protocol.ts';
import { type Entry, type ReplyEntry, type SaidEntry, isSaid, entryKey } from './chat-log.ts';
import { h } from './dom.ts';
import { Buttons, messageParts, replyParts } from './reply-parts.ts';
import type { PageWords } from './words.ts';

export interface LinesListener {
  say(message: SaidMessage): void;
  /** Sends a message again that was refused. */
  again(id: string): void;
}

/** One entry of the log on the page. What it shows changes with the entry; its element stays. */
interface Line {
  readonly element: HTMLElement;
  show(entry: Entry): void;
}

/** A message that is quickly answered is not said to be on its way. */
const SENDING_AFTER_MS = 1000;

/** What was said, as elements in order. */
export class Lines {
  readonly #parent: HTMLElement;
  readonly #words: PageWords;
  readonly #listener: LinesListener;
  /** Of the entries that are shown, by key. */
  #lines: ReadonlyMap<string, Line> = new Map();

  constructor(parent: HTMLElement, words: PageWords, listener: LinesListener) {
    this.#parent = parent;
    this.#words = words;
    this.#listener = listener;
  }

  show(entries: readonly Entry[]): void {
    const before = this.#lines;
    this.#lines = new Map(
      entries.map((entry) => [entryKey(entry), before.get(entryKey(entry)) ?? this.#create(entry)]),
    );
    for (const [key, { element }] of before) if (!this.#lines.has(key)) element.remove();
    let at = this.#parent.firstElementChild;
    for (const entry of entries) {
      const line = this.#lines.get(entryKey(entry));
      if (line === undefined) continue;
      line.show(entry);
      if (line.element === at) at = at.nextElementSibling;
      else this.#parent.insertBefore(line.element, at);
    }
  }

  #create(entry: Entry): Line {
    return isSaid(entry) ? this.#createSaid(entry) : this.#createReply(entry);
  }

  #createSaid({ id, message, from }: SaidEntry): Line {
    const words = this.#words;
    const note = h('span', { class: 'note' });
    const again = h('button', { type: 'button', class: 'again' }, words.again);
    again.addEventListener('click', () => this.#listener.again(id));
    const kind = from === undefined ? 'said' : 'reply';
    const bubble = h('div', { class: 'bubble', part: `bubble bubble-${kind}`, dir: 'auto' });
    const name = from === undefined ? hidden(`${words.you}: `) : h('strong', {}, `${from}: `);
    bubble.append(name, messageParts(message, words));
    const element = h('div', { class: `line ${kind}`, part: `line line-${kind}` }, bubble);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const say = (...parts: readonly (Node | string)[]): void => {
      clearTimeout(timer);
      note.replaceChildren(...parts);
      if (parts.length === 0) note.remove();
      else element.append(note);
    };
    let shown: SaidEntry['state'] | undefined;
    return {
      element,
      show(entry) {
        if (!isSaid(entry) || entry.state === shown) return;
        shown = entry.state;
        if (shown === 'sent') say();
        else if (shown === 'refused') say(`${words.failed} `, again);
        else if (shown === 'too_long') say(`${words.failed} ${words.tooLong}`);
        else timer = setTimeout(() => say(words.sending), SENDING_AFTER_MS);
      },
    };
  }

  #createReply({ id, reply }: ReplyEntry): Line {
    const words = this.#words;
    const bubbleId = `line-${id}`;
    const bubble = h('div', {
      class: `bubble ${reply.type}`,
      part: 'bubble bubble-reply',
      dir: 'auto',
    });
    bubble.id = bubbleId;
    bubble.append(hidden(`${words.bot}: `), replyParts(reply, words));
    const element = h('div', { class: 'line reply', part: 'line line-reply' }, bubble);
    const buttons = reply.type === 'choices' ? this.#buttonsOf(reply, bubbleId) : undefined;
    if (buttons !== undefined) element.append(buttons.element);
    return {
      element,
      show(entry) {
        if (!isSaid(entry)) buttons?.show(entry.isOver === true, entry.chosen);
      },
    };
  }

  #buttonsOf(choices: ChoicesReply, labelId: string): Buttons {
    const { asking } = choices;
    return new Buttons(choices, labelId, (value, label) =>
      this.#listener.say({
        type: 'message.action',
        value,
        ...(label !== undefined && { label }),
        ...(asking !== undefined && { asking }),
      }),
    );
  }
}

/** For screen readers alone. */
export function hidden(text: string): HTMLElement {
  return h('span', { class: 'hidden' }, text);
}
