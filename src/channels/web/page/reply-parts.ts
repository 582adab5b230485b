import type { Article, ChoicesReply, Reply } from '../../../reply.ts';
import type { SaidMessage } from '../protocol.ts';
import { h, link, safeUrl, textWithLinks } from './dom.ts';
import type { PageWords } from './words.ts';

/** What a reply is shown as: buttons are beside it, because they change. */
export function replyParts(reply: Reply, words: PageWords): Node {
  switch (reply.type) {
    case 'text':
    case 'choices':
      return textWithLinks(reply.text);
    case 'image':
      return picture(reply.url, reply.alt, words);
    case 'voice':
      return sound(reply.url, words.voice);
    case 'video':
      return medium(film(reply.url, reply.title ?? words.video), reply);
    case 'music':
      return medium(sound(reply.highQualityUrl ?? reply.url, reply.title ?? words.music), reply);
    case 'news':
      return h('div', { class: 'cards' }, ...reply.articles.map(card));
    case 'handoff':
      return quiet(words.handoff);
    default:
      // A reply of a later server, or for another channel.
      return quiet(words.unknown);
  }
}

/** What the person said, as a page shows it. */
export function messageParts(message: SaidMessage, words: PageWords): Node {
  switch (message.type) {
    case 'message.text':
      return textWithLinks(message.text);
    case 'message.action':
      return document.createTextNode(message.label ?? message.value);
    case 'message.image':
      return picture(message.url, undefined, words);
    case 'message.file':
      return link(message.url, 'link', message.name ?? words.file);
    case 'message.location':
      return document.createTextNode(
        message.label ?? `${words.place}: ${message.latitude}, ${message.longitude}`,
      );
    default:
      return quiet(words.unknown);
  }
}

/** The buttons of a question. They stay where they are when it is over, so that the focus does, too. */
export class Buttons {
  readonly element: HTMLElement;
  readonly #buttons: ReadonlyMap<string, HTMLButtonElement>;

  constructor(
    { options }: ChoicesReply,
    labelId: string,
    press: (value: string, label: string | undefined) => void,
  ) {
    this.#buttons = new Map(
      options.map(({ value, label }) => {
        const button = h('button', {
          type: 'button',
          class: 'option',
          part: 'option',
          dir: 'auto',
        });
        button.append(label ?? value);
        button.addEventListener('click', () => {
          if (button.ariaDisabled !== 'true') press(value, label);
        });
        return [value, button];
      }),
    );
    const group = { class: 'options', part: 'options', role: 'group', 'aria-labelledby': labelId };
    this.element = h('div', group, ...this.#buttons.values());
  }

  show(isOver: boolean, chosen: string | undefined): void {
    for (const [value, button] of this.#buttons) {
      button.ariaDisabled = isOver ? 'true' : null;
      button.ariaPressed = chosen === value ? 'true' : null;
    }
  }
}

function quiet(text: string): HTMLElement {
  return h('span', { class: 'quiet' }, text);
}

function picture(url: unknown, alt: string | undefined, words: PageWords): Node {
  const src = safeUrl(url);
  if (src === undefined) return quiet(alt ?? `[${words.picture}]`);
  const image = h('img', { alt: alt ?? words.picture, referrerpolicy: 'no-referrer' });
  const shown = link(src, 'picture', image);
  image.addEventListener('error', () => shown.replaceChildren(alt ?? `[${words.picture}]`));
  image.src = src;
  return shown;
}

function sound(url: unknown, name: string): HTMLElement {
  const src = safeUrl(url);
  if (src === undefined) return quiet(`[${name}]`);
  return h('audio', { controls: true, preload: 'none', src, 'aria-label': name });
}

function film(url: unknown, name: string): HTMLElement {
  const src = safeUrl(url);
  if (src === undefined) return quiet(`[${name}]`);
  const attributes = { controls: true, playsinline: true, preload: 'metadata', src };
  return h('video', { ...attributes, 'aria-label': name });
}

/** A film or a sound, with what is said of it. */
function medium(
  player: HTMLElement,
  { title, description }: { readonly title?: string; readonly description?: string },
): HTMLElement {
  return h(
    'div',
    { class: 'medium' },
    player,
    title === undefined ? undefined : h('strong', { dir: 'auto' }, title),
    description === undefined ? undefined : h('span', { class: 'quiet', dir: 'auto' }, description),
  );
}

function card({ title, url, description, imageUrl }: Article): HTMLElement {
  const src = safeUrl(imageUrl);
  const image =
    src === undefined
      ? undefined
      : h('img', { src, alt: '', loading: 'lazy', referrerpolicy: 'no-referrer' });
  image?.addEventListener('error', () => image.remove());
  const more =
    description === undefined ? undefined : h('span', { class: 'quiet', dir: 'auto' }, description);
  return link(url, 'card', image, h('strong', { dir: 'auto' }, title), more);
}
