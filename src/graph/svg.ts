import { escapeMarkup } from '../testing/coverage/html.ts';
import type { ChartArrow, Box, Chart } from './chart.ts';
import { curveOf, round } from './curve.ts';
import {
  LABEL_SIZE,
  LINE_HEIGHT,
  type Layout,
  type ChartBox,
  TITLE_SIZE,
  linesOf,
  titleOf,
} from './layout.ts';

const STYLE = `
  svg { background: #fff; }
  text { font: ${TITLE_SIZE}px system-ui, "Noto Sans CJK SC", sans-serif; fill: #222; }
  .box { fill: #fff; stroke: #8a8a8a; stroke-width: 1.2; }
  .dialogue { fill: #fafafa; }
  .question { fill: #eef4fb; }
  .region { stroke-dasharray: 5 4; }
  .anywhere { fill: #f0f0f0; stroke-dasharray: 2 3; }
  .initial { fill: #444; stroke: none; }
  .inner { fill: none; }
  .note, .label { font-size: ${LABEL_SIZE}px; fill: #555; }
  .way { fill: none; stroke: #777; stroke-width: 1.2; marker-end: url(#head); }
  .box.walked { stroke: #1b7f3b; stroke-width: 2.4; }
  .leaf.walked { fill: #e6f5ea; }
  .way.walked { stroke: #1b7f3b; stroke-width: 2.4; marker-end: url(#walked-head); }
  .label.walked { fill: #1b7f3b; font-weight: 600; }
`;

/** The same on a dark ground. */
const DARK = `
  svg { background: #16181c; }
  text { fill: #e6e6e6; }
  .box { fill: #1f2329; stroke: #8b939e; }
  .dialogue { fill: #1a1d22; }
  .question { fill: #1d2c3d; }
  .anywhere { fill: #2b3037; }
  .initial { fill: #c9c9c9; }
  .inner { fill: none; }
  .note, .label { fill: #b4b9c0; }
  .way { stroke: #9aa1ab; }
  .leaf.walked { fill: #1c3a26; }
  .box.walked, .way.walked { stroke: #4cc26f; }
  .label.walked { fill: #4cc26f; }
`;

export interface PictureOptions {
  readonly title: string;
  readonly dark?: boolean;
  /** The address of the picture of a sub-dialogue, by the name of its chart. Default: none is linked. */
  readonly linkTo?: ((name: string) => string) | undefined;
}

/** The picture of a chart: it needs nothing outside of it, and is shown by every browser. */
export function toSvg(
  { boxes, arrows }: Chart,
  layout: Layout,
  { title, dark = false, linkTo }: PictureOptions,
): string {
  const [width, height] = [Math.ceil(layout.width), Math.ceil(layout.height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<style>${STYLE}${dark ? DARK : ''}</style>`,
    `<defs>${head('head', dark ? '#9aa1ab' : '#777')}${head('walked-head', dark ? '#4cc26f' : '#1b7f3b')}</defs>`,
    ...boxes.flatMap((box) => drawBox(box, { layout, linkTo }, false)),
    // Those of a walk lie above the others.
    ...arrows
      .toSorted((a, b) => Number(a.isWalked) - Number(b.isWalked))
      .flatMap((arrow) => drawArrow(arrow, layout)),
    '</svg>',
    '',
  ].join('\n');
}

function head(id: string, color: string): string {
  return `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0,0.8 L8,4 L0,7.2 Z" fill="${color}"/></marker>`;
}

interface BoxPicture extends Pick<PictureOptions, 'linkTo'> {
  readonly layout: Layout;
}

/** @param isRegion whether it is active together with its neighbours */
function drawBox(box: Box, picture: BoxPicture, isRegion: boolean): string[] {
  const place = picture.layout.places.get(box.id);
  if (place === undefined) return [];
  const { x, y, width, height } = place;
  if (box.kind === 'initial') {
    return [
      `<circle id="${escapeMarkup(box.id)}" class="initial" cx="${round(x + 5)}" cy="${round(y + 5)}" r="5"/>`,
    ];
  }
  const classes = [
    'box',
    box.kind,
    ...(isRegion ? ['region'] : []),
    ...(box.inside.length === 0 ? ['leaf'] : []),
    ...(box.isWalked ? ['walked'] : []),
  ];
  const radius = box.kind === 'anywhere' || box.kind === 'history' ? height / 2 : 8;
  const middle = round(x + width / 2);
  const own = [
    rect(classes.join(' '), place, radius, box.id),
    ...(box.kind === 'final'
      ? [rect('box inner', { x: x + 3, y: y + 3, width: width - 6, height: height - 6 }, 6)]
      : []),
    `<text x="${middle}" y="${round(y + 21)}" text-anchor="middle"${box.inside.length > 0 ? ' font-weight="600"' : ''}>${escapeMarkup(titleOf(box))}</text>`,
    ...(box.note === ''
      ? []
      : [
          `<text class="note" x="${middle}" y="${round(y + 21 + LINE_HEIGHT)}" text-anchor="middle">${escapeMarkup(box.note)}</text>`,
        ]),
  ];
  const { linkTo } = picture;
  const link = box.leadsTo === undefined ? undefined : linkTo?.(box.leadsTo);
  return [
    ...(link === undefined ? own : [`<a href="${escapeMarkup(link)}">${own.join('\n')}</a>`]),
    ...box.inside.flatMap((child) => drawBox(child, picture, box.isParallel)),
  ];
}

function rect(
  classes: string,
  { x, y, width, height }: ChartBox,
  radius: number,
  id?: string,
): string {
  const named = id === undefined ? '' : ` id="${escapeMarkup(id)}"`;
  return `<rect${named} class="${classes}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${round(radius)}"/>`;
}

function drawArrow(arrow: ChartArrow, layout: Layout): string[] {
  const { points = [], label } = layout.ways.get(arrow.id) ?? {};
  if (points.length === 0) return [];
  const walked = arrow.isWalked ? ' walked' : '';
  const way = `<path id="${escapeMarkup(arrow.id)}" class="way${walked}" d="${curveOf(points)}"/>`;
  if (label === undefined) return [way];
  const lines = linesOf(arrow).map(
    (line, index) =>
      `<tspan x="${round(label.x + 3)}" y="${round(label.y + 11 + index * LINE_HEIGHT)}">${escapeMarkup(line)}</tspan>`,
  );
  const id = escapeMarkup(`label:${arrow.id}`);
  return [way, `<text id="${id}" class="label${walked}">${lines.join('')}</text>`];
}
