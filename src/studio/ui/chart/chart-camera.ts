import type { Point, Rectangle } from './chart-places.ts';

/** Below this scale the text of a chart is too small to read. */
const LEGIBLE = 0.8;

/** Which part of the ground is seen: moved and scaled without drawing anything again. */
export class ChartCamera {
  #x = 0;
  #y = 0;
  #scale = 1;
  readonly #ground: SVGGElement;
  readonly #window: SVGSVGElement;

  constructor(window: SVGSVGElement, ground: SVGGElement) {
    this.#window = window;
    this.#ground = ground;
  }

  pan(dx: number, dy: number): void {
    this.#x += dx;
    this.#y += dy;
    this.#apply();
  }

  /** @param around the point of the window that stays where it is */
  zoom(factor: number, around: Point = this.#middle()): void {
    const scale = Math.min(4, Math.max(0.08, this.#scale * factor));
    const by = scale / this.#scale;
    this.#x = around.x - (around.x - this.#x) * by;
    this.#y = around.y - (around.y - this.#y) * by;
    this.#scale = scale;
    this.#apply();
  }

  /** Shows all of a place, and no larger than life. */
  fit({ x, y, width, height }: Rectangle, margin = 16): void {
    const { clientWidth, clientHeight } = this.#window;
    if (clientWidth === 0 || width === 0 || height === 0) return;
    const scale = Math.min(
      (clientWidth - 2 * margin) / width,
      (clientHeight - 2 * margin) / height,
      1.6,
    );
    this.#scale = Math.max(0.08, scale);
    this.#x = (clientWidth - width * this.#scale) / 2 - x * this.#scale;
    this.#y = (clientHeight - height * this.#scale) / 2 - y * this.#scale;
    this.#apply();
  }

  /** Shows a place so that its text can be read, and moves as little as that takes. */
  show(place: Rectangle, margin = 24): void {
    const { clientWidth, clientHeight } = this.#window;
    if (clientWidth === 0) return;
    const { x, y, width, height } = place;
    if (this.#scale < LEGIBLE) {
      this.#scale = LEGIBLE;
      this.#x = clientWidth / 2 - (x + width / 2) * LEGIBLE;
      this.#y = clientHeight / 2 - (y + height / 2) * LEGIBLE;
      this.#apply();
    }
    const left = x * this.#scale + this.#x;
    const top = y * this.#scale + this.#y;
    const move = shiftInto(left, width * this.#scale, clientWidth - margin, margin);
    const lift = shiftInto(top, height * this.#scale, clientHeight - margin, margin);
    if (move !== 0 || lift !== 0) this.pan(move, lift);
  }

  #middle(): Point {
    return { x: this.#window.clientWidth / 2, y: this.#window.clientHeight / 2 };
  }

  #apply(): void {
    this.#ground.setAttribute(
      'transform',
      `translate(${this.#x.toFixed(1)} ${this.#y.toFixed(1)}) scale(${this.#scale.toFixed(4)})`,
    );
  }
}

/** How far something has to move until it lies between the two edges; what is too large shows its beginning. */
function shiftInto(start: number, size: number, far: number, near: number): number {
  if (start < near || size > far - near) return near - start;
  return start + size > far ? far - start - size : 0;
}
