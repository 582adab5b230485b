import type { SaidMessage } from '../protocol.ts';
import type { Entry } from './chat-log.ts';
import { h, icon } from './dom.ts';
import { Lines } from './lines.ts';
import type { PageWords } from './words.ts';

export interface WindowListener {
  /** @returns whether it was taken */
  say(message: SaidMessage): boolean;
  again(id: string): void;
  /** The person asked for it. */
  toggle(isOpen: boolean): void;
}

const BUBBLE = 'M4 5h16v11H9l-5 4z';
const CROSS = 'M6 6l12 12M18 6L6 18';
const PLANE = 'M4 12l16-8-5 16-3-6zM12 14l8-10';
const DOWN = 'M6 9l6 6 6-6';

/** How far from its end a log counts as read to its end. */
const NEAR_END_PX = 60;

/** All that is on the page: the button that opens the window, and the window with the log and the field to write in. */
export class ChatWindow {
  readonly launcher: HTMLButtonElement;
  readonly element: HTMLElement;
  readonly #words: PageWords;
  readonly #listener: WindowListener;
  readonly #log: HTMLElement;
  readonly #lines: Lines;
  readonly #title = h('h2', { part: 'title', id: 'title', dir: 'auto' });
  readonly #notice = h('p', { class: 'notice', part: 'notice', role: 'status' });
  /** Users who do not see it hear the reply, and not each of its beginnings. */
  readonly #draft = h('div', { class: 'bubble', part: 'bubble bubble-draft', dir: 'auto' });
  readonly #draftLine = h(
    'div',
    { class: 'line reply draft', part: 'line line-draft', 'aria-hidden': 'true' },
    this.#draft,
  );
  readonly #typing: HTMLElement;
  readonly #typingText = h('span', { class: 'hidden' });
  readonly #unread = h('span', { class: 'unread', part: 'unread' });
  readonly #down: HTMLButtonElement;
  readonly #input: HTMLTextAreaElement;
  #wasAtEnd = true;

  constructor(words: PageWords, listener: WindowListener) {
    this.#words = words;
    this.#listener = listener;
    const controls = { 'aria-controls': 'window', 'aria-expanded': 'false' };
    this.launcher = button('launcher', words.open, BUBBLE, controls);
    this.launcher.append(this.#unread);
    this.launcher.addEventListener('click', () => listener.toggle(true));

    const close = button('close', words.close, CROSS);
    close.addEventListener('click', () => listener.toggle(false));
    const content = h('div', { class: 'lines' });
    this.#log = h(
      'div',
      // Off until what was kept is shown: a reader does not want to hear all of it again.
      {
        class: 'log',
        part: 'log',
        role: 'log',
        'aria-live': 'off',
        'aria-label': words.log,
        tabindex: '0',
      },
      content,
    );
    this.#lines = new Lines(content, words, {
      say: (message) => this.#say(message),
      again: listener.again,
    });
    this.#log.addEventListener('scroll', () => {
      this.#wasAtEnd = this.#atEnd();
      if (this.#wasAtEnd) this.#down.hidden = true;
    });
    // A picture has come, or the window has another size: a user who read the end still reads it.
    const resized = new ResizeObserver(() => this.#wasAtEnd && this.#toEnd());
    for (const each of [content, this.#draftLine, this.#log]) resized.observe(each);

    this.#down = button('down', words.newMessages, DOWN);
    this.#down.hidden = true;
    this.#down.addEventListener('click', () => {
      this.#toEnd();
      this.#input.focus();
    });
    const dots = h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
    this.#typing = h(
      'p',
      { class: 'typing', part: 'typing', role: 'status' },
      dots,
      this.#typingText,
    );
    this.#input = h('textarea', {
      id: 'input',
      part: 'input',
      rows: '1',
      placeholder: words.write,
      dir: 'auto',
      enterkeyhint: 'send',
      autocomplete: 'off',
    });
    this.#input.addEventListener('keydown', this.#onKey);
    this.#input.addEventListener('input', () => this.#grow());

    const label = h('label', { class: 'hidden', for: 'input' }, words.write);
    const send = button('send', words.send, PLANE, { type: 'submit' });
    const form = h('form', { class: 'composer', part: 'composer' }, label, this.#input, send);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#sayText();
    });
    this.element = h(
      'section',
      // An empty title, so that the attribute of the element around it is no tooltip of everything here.
      {
        id: 'window',
        class: 'window',
        part: 'window',
        title: '',
        'aria-labelledby': 'title',
        tabindex: '-1',
      },
      h('header', { part: 'header' }, this.#title, close),
      this.#log,
      h('div', { class: 'below' }, this.#down, this.#typing),
      this.#notice,
      form,
    );
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !isComposing(event)) listener.toggle(false);
    });
  }

  set name(title: string) {
    this.#title.textContent = title;
  }

  /** A line under the log: what is wrong with the connection, say. Empty: nothing is. */
  set notice(text: string) {
    if (this.#notice.textContent !== text) this.#notice.textContent = text;
  }

  /** The text of a reply that is being made, below all others. Empty: there is none. */
  set draft(text: string) {
    this.#draft.textContent = text;
    if (text === '') this.#draftLine.remove();
    else if (!this.#draftLine.isConnected) this.#log.append(this.#draftLine);
  }

  set isTyping(isTyping: boolean) {
    this.#typing.classList.toggle('on', isTyping);
    this.#typingText.textContent = isTyping ? this.#words.typing : '';
  }

  /** The number on the button that opens the window. */
  set unread(count: number) {
    this.#unread.textContent = count === 0 ? '' : String(Math.min(count, 99));
    const { open, newMessages } = this.#words;
    this.launcher.ariaLabel = count === 0 ? open : `${open} (${newMessages}: ${count})`;
  }

  set isOpen(isOpen: boolean) {
    this.launcher.ariaExpanded = String(isOpen);
    if (isOpen) this.#toEnd();
  }

  /** What comes from now on is read to those who do not see it. */
  announce(): void {
    this.#log.ariaLive = 'polite';
  }

  focus(): void {
    this.#input.focus();
  }

  show(entries: readonly Entry[]): void {
    const before = this.#log.scrollHeight;
    this.#lines.show(entries);
    if (this.#wasAtEnd) this.#toEnd();
    else if (this.#log.scrollHeight > before) this.#down.hidden = false;
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    // The Enter that ends the composition of a character belongs to the input method.
    if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    this.#sayText();
  };

  #sayText(): void {
    const text = this.#input.value.trim();
    if (text === '' || !this.#say({ type: 'message.text', text })) return;
    this.#input.value = '';
    this.#grow();
    this.#input.focus();
  }

  #say(message: SaidMessage): boolean {
    const isTaken = this.#listener.say(message);
    if (isTaken) this.#toEnd();
    return isTaken;
  }

  /** The field is as high as what is in it, up to the limit in the styles. */
  #grow(): void {
    const { style } = this.#input;
    style.height = 'auto';
    style.height = `${this.#input.scrollHeight}px`;
  }

  #atEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #toEnd(): void {
    this.#down.hidden = true;
    this.#wasAtEnd = true;
    this.#log.scrollTop = this.#log.scrollHeight;
  }
}

function button(
  name: string,
  label: string,
  path: string,
  more: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  const attributes = { type: 'button', class: name, part: name, 'aria-label': label, ...more };
  return h('button', attributes, icon(path));
}

function isComposing({ isComposing, keyCode }: KeyboardEvent): boolean {
  // 229: Safari ends the composition before it reports the key.
  return isComposing || keyCode === 229;
}
