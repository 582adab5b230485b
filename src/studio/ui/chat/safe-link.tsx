import type { ComponentChildren, VNode } from 'preact';

/** An address that a browser may open from here; undefined for anything but the web. */
export function webAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, href } = new URL(address);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}

/** A link to the web; what is none is shown as text. */
export function SafeLink({
  href,
  children,
}: {
  readonly href: string;
  readonly children?: ComponentChildren;
}): VNode {
  const address = webAddress(href);
  if (address === undefined) return <span class="address">{children ?? href}</span>;
  return (
    <a class="address" href={address} target="_blank" rel="noopener noreferrer">
      {children ?? href}
    </a>
  );
}
