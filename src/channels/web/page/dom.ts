type Attributes = Readonly<Record<string, string | boolean | undefined>>;
type Child = Node | string | undefined;

/**
 * An element with attributes and children. A string always becomes a text; no caller makes markup of one. An
 * attribute that is true is there, one that is false or undefined is not.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** A picture of lines on a field of 24 by 24, in the colour of the text around it. Screen readers pass over it. */
export function icon(path: string): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

/** An address that a link, a picture or a sound may have: http or https, and nothing that runs. */
export function safeUrl(url: unknown): string | undefined {
  if (typeof url !== 'string') return undefined;
  try {
    const { protocol, href } = new URL(url, document.baseURI);
    return protocol === 'https:' || protocol === 'http:' ? href : undefined;
  } catch {
    return undefined;
  }
}

/** A link that opens beside this page, and tells the other one nothing of it. */
export function link(url: unknown, part: string, ...children: readonly Child[]): HTMLElement {
  const href = safeUrl(url);
  if (href === undefined) return h('span', { class: part }, ...children);
  const rel = 'noopener noreferrer nofollow';
  return h('a', { class: part, part, href, target: '_blank', rel }, ...children);
}

/** An address in a text, without the punctuation after it. */
const ADDRESS =
  /https?:\/\/[^\s<>"'“”‘’（）【】《》，。；！？、]+[^\s<>"'“”‘’（）【】《》，。；！？、.,;:!?)\]]/giu;

/** A text whose addresses are links. */
export function textWithLinks(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  let at = 0;
  for (const { 0: url, index } of text.matchAll(ADDRESS)) {
    fragment.append(text.slice(at, index), link(url, 'link', url));
    at = index + url.length;
  }
  fragment.append(text.slice(at));
  return fragment;
}
