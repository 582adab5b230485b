import type { ChatAnswer, ChatEvent, ChatWelcome, SaidMessage, SentReply } from '../protocol.ts';
import { ChatLog } from './chat-log.ts';
import { ChatWindow } from './chat-window.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { type KeptLog, LogKeeper } from './kept-log.ts';
import { Sender } from './sender.ts';
import type { PageWords } from './words.ts';

export interface PageChatOptions {
  readonly endpoint: string;
  readonly words: PageWords;
  /** Whether the browser keeps what was said. */
  readonly keeps: boolean;
  /** Whether the window can be closed. */
  readonly floats: boolean;
  /** Opens or closes the window. */
  toggle(isOpen: boolean): void;
  /** Told of each reply that was not there before. */
  heard(reply: SentReply): void;
}

/** What the server says is shown after this long, so that it does not flicker. */
const TYPING_AFTER_MS = 300;
/** A user need not know of a short break. */
const LOST_AFTER_MS = 1500;
const REMARK_MS = 8000;

/** A chat: what was said, where it is kept, how it is sent, and how it is shown. */
export class PageChat {
  readonly #options: PageChatOptions;
  readonly #window: ChatWindow;
  readonly #log: ChatLog;
  readonly #keeper: LogKeeper;
  readonly #sender: Sender;
  readonly #connection: Connection;
  /** Of the messages that wait: those that were said on this very page. */
  #saidHere: ReadonlySet<string> = new Set();
  readonly #stopListening: () => void;
  #user: string | undefined;
  #began: string;
  #isOpen = false;
  #unread = 0;
  /** What is wrong for as long as it is, and what is said for a moment. */
  #trouble = '';
  #remark = '';
  #troubleTimer: ReturnType<typeof setTimeout> | undefined;
  #remarkTimer: ReturnType<typeof setTimeout> | undefined;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PageChatOptions) {
    const { endpoint, words } = options;
    this.#options = options;
    this.#window = new ChatWindow(words, {
      say: (message) => this.say(message),
      again: (id) => {
        this.#log.retry(id);
        this.#sender.send(id);
      },
      toggle: (isOpen) => {
        if (options.floats) options.toggle(isOpen);
      },
    });
    this.#log = new ChatLog((isFromOutside) => this.#changed(isFromOutside));
    this.#sender = new Sender(endpoint, this.#log, {
      answer: (answer) => this.#answer(answer),
      needsSession: () => this.#connection.renew(),
    });
    this.#connection = new Connection(endpoint, {
      welcome: (welcome) => this.#welcome(welcome),
      ready: (isReady) => this.#sender.ready(isReady),
      event: (event) => this.#event(event),
      state: (state) => this.#state(state),
    });
    this.#keeper = new LogKeeper(endpoint);
    const kept = options.keeps ? this.#keeper.read() : undefined;
    if (!options.keeps) this.#keeper.forget();
    this.#user = kept?.user;
    this.#began = kept?.began ?? newId();
    this.#log.merge(kept?.entries ?? []);
    this.#sender.send(...this.#log.waiting.map(({ id }) => id));
    this.#stopListening = options.keeps
      ? this.#keeper.listen((log) => this.#keptElsewhere(log))
      : () => undefined;
    // A reminder may wait for a visitor who has talked here before.
    if (kept?.user !== undefined || !options.floats) this.#connection.open();
  }

  get elements(): readonly HTMLElement[] {
    return [this.#window.launcher, this.#window.element];
  }

  /** @param title empty: that of the page's own words */
  name(title: string): void {
    this.#window.name = title === '' ? this.#options.words.chat : title;
  }

  /** The window is open or not. @param isAsked whether that has just changed, so that the focus goes with it */
  open(isOpen: boolean, isAsked = false): void {
    this.#isOpen = isOpen;
    this.#window.isOpen = isOpen;
    if (isOpen) {
      this.#connection.open();
      this.#unread = 0;
      this.#window.unread = 0;
    }
    if (isAsked && isOpen) this.#window.focus();
    else if (isAsked) this.#window.launcher.focus();
    // What is in it now is not read aloud; what comes is.
    setTimeout(() => this.#window.announce(), 0);
  }

  say(message: SaidMessage): boolean {
    const id = newId();
    if (!this.#log.say(id, message)) {
      this.#remarkFor(this.#options.words.tooMany);
      return false;
    }
    const waiting = this.#log.waiting.map((each) => each.id);
    this.#saidHere = new Set(waiting.filter((each) => each === id || this.#saidHere.has(each)));
    this.#connection.open();
    this.#sender.send(id);
    return true;
  }

  close(): void {
    this.#connection.close();
    this.#sender.close();
    this.#stopListening();
    for (const timer of [this.#troubleTimer, this.#remarkTimer, this.#typingTimer]) {
      clearTimeout(timer);
    }
  }

  #changed(isFromOutside: boolean): void {
    this.#window.show(this.#log.entries);
    if (!isFromOutside) this.#keep();
  }

  #keep(): void {
    if (!this.#options.keeps) return;
    this.#keeper.write({ user: this.#user, began: this.#began, entries: this.#log.entries });
  }

  #keptElsewhere({ user, began, entries }: KeptLog): void {
    this.#user = user;
    if (began !== this.#began) {
      this.#began = began;
      this.#log.clear((id) => this.#saidHere.has(id));
    }
    if (this.#log.merge(entries)) this.#keep();
    this.#sender.adopt();
  }

  #welcome({ isNew, user, replies }: ChatWelcome): void {
    const isOther = this.#user !== undefined && this.#user !== user;
    this.#user = user;
    if (isOther || (isNew && this.#log.entries.length > 0)) {
      this.#began = newId();
      this.#log.clear((id) => !isOther || this.#saidHere.has(id));
    }
    this.#heard(this.#log.hear(replies));
    this.#keep();
  }

  #event(event: ChatEvent): void {
    switch (event.type) {
      case 'open':
      case 'typing':
        this.#typing(event.isTyping);
        break;
      case 'said':
        this.#log.said(event.id, event.message, event.from);
        this.#sender.adopt();
        break;
      case 'reply':
        this.#window.draft = '';
        this.#heard(this.#log.hear([event]));
        this.#sender.acknowledge([event.id]);
        break;
      case 'answer':
        this.#answer(event);
        break;
      case 'draft':
        this.#window.draft = event.text;
        break;
      case 'beat':
        break;
    }
  }

  #answer(answer: ChatAnswer): void {
    if (answer.replies.length > 0) this.#window.draft = '';
    this.#heard(this.#log.answer(answer));
    this.#sender.acknowledge(answer.pushed.map(({ id }) => id));
    const { over, trouble } = this.#options.words;
    const isMute = answer.replies.length === 0;
    if (answer.outcome === 'stale' && isMute) this.#remarkFor(over);
    if (answer.outcome === 'failed' && isMute) this.#remarkFor(trouble);
  }

  #heard(replies: readonly SentReply[]): void {
    if (replies.length > 0 && this.#options.floats && !this.#isOpen) {
      this.#unread += replies.length;
      this.#window.unread = this.#unread;
    }
    for (const reply of replies) this.#options.heard(reply);
  }

  #typing(isTyping: boolean): void {
    clearTimeout(this.#typingTimer);
    if (!isTyping) this.#window.isTyping = false;
    else this.#typingTimer = setTimeout(() => (this.#window.isTyping = true), TYPING_AFTER_MS);
  }

  #state(state: ConnectionState): void {
    const { noSession, offline, reconnecting, refused } = this.#options.words;
    if (state !== 'live') {
      this.#typing(false);
      this.#window.draft = '';
    }
    if (state === 'lost') {
      this.#troubleTimer ??= setTimeout(() => {
        this.#trouble = navigator.onLine ? reconnecting : offline;
        this.#notice();
      }, LOST_AFTER_MS);
      return;
    }
    clearTimeout(this.#troubleTimer);
    this.#troubleTimer = undefined;
    const troubles = { connecting: '', live: '', no_session: noSession, refused };
    this.#trouble = troubles[state];
    this.#notice();
  }

  #remarkFor(text: string): void {
    clearTimeout(this.#remarkTimer);
    this.#remark = text;
    this.#notice();
    this.#remarkTimer = setTimeout(() => {
      this.#remark = '';
      this.#notice();
    }, REMARK_MS);
  }

  #notice(): void {
    this.#window.notice = this.#trouble === '' ? this.#remark : this.#trouble;
  }
}

/** 128 bits of chance, in letters, digits, '_' and '-'. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/gu, '-')
    .replace(/\//gu, '_')
    .slice(0, 22);
}
