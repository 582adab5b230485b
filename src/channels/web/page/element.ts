import type { SaidMessage } from '../protocol.ts';
import { PageChat } from './page-chat.ts';
import { STYLES } from './styles.ts';
import { pageWords } from './words.ts';

/**
 * `<colloquy-chat endpoint="/chat">`: a chat with the `createWebChat` at that address.
 *
 * Attributes: `endpoint`; `title`; `lang` (`en`, `zh-CN`; default that of the page); `layout` (`float`: a button in the corner that opens
 * a window, `box`: as large as the element, `page`: the whole window); `open` (the window of `float` is open); `theme` (`light`,
 * `dark`, `auto`; default that of the page); `memory="none"` (keeps nothing in the browser).
 */
export class ColloquyChat extends HTMLElement {
  static readonly observedAttributes: readonly string[] = ['open', 'title'];

  #chat: PageChat | undefined;

  connectedCallback(): void {
    if (this.#chat !== undefined) return;
    const endpoint = new URL(this.getAttribute('endpoint') ?? '', document.baseURI).href;
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    shadow.adoptedStyleSheets = [sheet];
    const lang =
      this.closest<HTMLElement>('[lang]')?.lang ||
      document.documentElement.lang ||
      navigator.language;
    this.#chat = new PageChat({
      endpoint,
      words: pageWords(lang),
      keeps: this.getAttribute('memory') !== 'none',
      floats: !['box', 'page'].includes(this.getAttribute('layout') ?? ''),
      toggle: (isOpen) => this.toggleAttribute('open', isOpen),
      heard: (detail) => this.dispatchEvent(new CustomEvent('colloquy-reply', { detail })),
    });
    shadow.replaceChildren(...this.#chat.elements);
    this.#chat.name(this.title);
    this.#chat.open(this.hasAttribute('open'));
  }

  disconnectedCallback(): void {
    // Moved to another place of the page, it is there again.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#chat?.close();
      this.#chat = undefined;
    });
  }

  attributeChangedCallback(name: string): void {
    if (name === 'title') this.#chat?.name(this.title);
    else this.#chat?.open(this.hasAttribute('open'), true);
  }

  /**
   * Says something for the person: a text, or a picture or file that the page has stored.
   * @returns false where too many messages wait, and before the element is in a page
   */
  say(message: string | SaidMessage): boolean {
    const said =
      typeof message === 'string' ? { type: 'message.text' as const, text: message } : message;
    return this.#chat?.say(said) ?? false;
  }
}
