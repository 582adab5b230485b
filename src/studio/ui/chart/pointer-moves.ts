import type { ChartCamera } from './chart-camera.ts';

/** How far a pointer may move between down and up, and it still was a click. */
const CLICK_PX = 4;

/**
 * Dragging pans, two fingers and the wheel with Ctrl zoom, the wheel alone pans.
 * @param onClick what a click that was no drag hit
 * @returns what ends it
 */
export function followPointers(
  window: SVGSVGElement,
  camera: ChartCamera,
  onClick: (target: Element) => void,
): () => void {
  const pointers = new Map<number, { x: number; y: number }>();
  let moved = 0;

  const down = (event: PointerEvent): void => {
    if (pointers.size === 2) return;
    pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (pointers.size === 1) moved = 0;
  };
  const move = (event: PointerEvent): void => {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    const { left, top } = window.getBoundingClientRect();
    const now = { x: event.clientX - left, y: event.clientY - top };
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    moved += Math.abs(dx) + Math.abs(dy);
    if (moved > CLICK_PX) window.setPointerCapture(event.pointerId);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) camera.pan(dx, dy);
    else {
      const [was, is] = [before, now].map(({ x, y }) => Math.hypot(x - other.x, y - other.y));
      if (was !== undefined && is !== undefined && was > 0) camera.zoom(is / was, other);
    }
    pointers.set(event.pointerId, now);
  };
  const up = (event: PointerEvent): void => {
    const isKnown = pointers.delete(event.pointerId);
    if (event.type === 'pointerup' && isKnown && moved <= CLICK_PX) {
      if (event.target instanceof Element) onClick(event.target);
    }
  };
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const { left, top } = window.getBoundingClientRect();
    const around = { x: event.clientX - left, y: event.clientY - top };
    if (event.ctrlKey || event.metaKey) camera.zoom(Math.exp(-event.deltaY / 200), around);
    else if (event.shiftKey) camera.pan(-event.deltaY, 0);
    else camera.pan(-event.deltaX, -event.deltaY);
  };

  window.addEventListener('pointerdown', down);
  window.addEventListener('pointermove', move);
  window.addEventListener('pointerup', up);
  window.addEventListener('pointercancel', up);
  window.addEventListener('wheel', wheel, { passive: false });
  return () => {
    window.removeEventListener('pointerdown', down);
    window.removeEventListener('pointermove', move);
    window.removeEventListener('pointerup', up);
    window.removeEventListener('pointercancel', up);
    window.removeEventListener('wheel', wheel);
  };
}
