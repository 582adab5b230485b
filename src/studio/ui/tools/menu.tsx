import type { ComponentChildren, VNode } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

/** A button that opens a sheet below the bar. Escape and a click elsewhere close it. */
export function Menu({
  label,
  title,
  children,
}: {
  readonly label: string;
  readonly title?: string;
  readonly children: ComponentChildren;
}): VNode {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current } = sheet;
    if (current === null) return;
    const place = (): void => {
      const { bottom = 0, right = 0 } = button.current?.getBoundingClientRect() ?? {};
      current.style.top = `${bottom + 6}px`;
      const width = Math.min(current.offsetWidth || 320, innerWidth - 16);
      current.style.left = `${Math.max(8, right - width)}px`;
    };
    current.addEventListener('toggle', place);
    return () => current.removeEventListener('toggle', place);
  }, []);
  return (
    <>
      <button ref={button} type="button" class="menu" popovertarget={id} title={title}>
        {label}
      </button>
      <div
        ref={sheet}
        id={id}
        class="sheet"
        popover="auto"
        role="group"
        aria-label={title ?? label}
      >
        {children}
      </div>
    </>
  );
}
