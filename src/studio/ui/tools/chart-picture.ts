/** The chart as a picture that needs nothing outside of it: what the style sheet says of it stands in the elements. */

const STYLES = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
];
const MARGIN = 16;
/** Of a PNG, so that no browser refuses the canvas. */
const MAX_SIDE = 8000;

export interface ChartPicture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** @returns undefined where no chart is shown */
export function drawnChart(page: ParentNode): ChartPicture | undefined {
  const source = page.querySelector<SVGSVGElement>('svg.canvas');
  const ground = source?.querySelector<SVGGElement>('.ground');
  if (!source || !ground) return undefined;
  const { x, y, width, height } = ground.getBBox();
  const copy = source.cloneNode(true) as SVGSVGElement;
  copyStyles(source, copy);
  for (const name of ['class', 'tabindex', 'role', 'aria-label']) copy.removeAttribute(name);
  copy.querySelector('.ground')?.removeAttribute('transform');
  const [wide, high] = [Math.ceil(width + 2 * MARGIN), Math.ceil(height + 2 * MARGIN)];
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('viewBox', `${x - MARGIN} ${y - MARGIN} ${wide} ${high}`);
  copy.setAttribute('width', String(wide));
  copy.setAttribute('height', String(high));
  const back = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of Object.entries({
    x: x - MARGIN,
    y: y - MARGIN,
    width: wide,
    height: high,
  })) {
    back.setAttribute(name, String(value));
  }
  back.setAttribute('fill', getComputedStyle(source).backgroundColor);
  copy.prepend(back);
  return { svg: new XMLSerializer().serializeToString(copy), width: wide, height: high };
}

/** What is inherited is said once. */
function copyStyles(source: Element, copy: Element, around?: CSSStyleDeclaration): void {
  const styles = getComputedStyle(source);
  for (const name of STYLES) {
    const value = styles.getPropertyValue(name);
    const usual = name === 'opacity' ? '1' : around?.getPropertyValue(name);
    if (value !== usual && value !== 'normal') copy.setAttribute(name, value);
  }
  for (const [index, child] of [...source.children].entries()) {
    const other = copy.children[index];
    if (other !== undefined) copyStyles(child, other, styles);
  }
}

/** @returns undefined where the browser cannot draw it */
export async function toPng({ svg, width, height }: ChartPicture): Promise<Blob | undefined> {
  const scale = Math.min(2, MAX_SIDE / Math.max(width, height));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => {
    canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/png');
  });
}
