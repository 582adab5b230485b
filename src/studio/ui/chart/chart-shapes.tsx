import type { VNode } from 'preact';
import type { ArrowDrawing, BoxDrawing } from '../../../graph/drawing.ts';
import { memo } from '../state/memo.ts';
import type { Point } from './chart-places.ts';

const LINE_HEIGHT = 15;
/** From the top of a box to the line on which its title stands. */
const TITLE_LINE = 21;

interface BoxProps {
  readonly box: BoxDrawing;
  /** What is painted on it now. */
  readonly marks: string;
  readonly isCollapsed: boolean;
  readonly hasInside: boolean;
}

/** A state, as the layout of the server has measured it. */
export const BoxShape = memo(function BoxShape({
  box,
  marks,
  isCollapsed,
  hasInside,
}: BoxProps): VNode {
  const { id, kind, title, note, isRegion, x, y, width, height } = box;
  if (kind === 'initial') {
    return <circle class="start" cx={x + width / 2} cy={y + height / 2} r={5} />;
  }
  const middle = x + width / 2;
  const radius = kind === 'anywhere' || kind === 'history' ? height / 2 : 8;
  const classes = ['box', kind, isRegion && 'region', hasInside && 'outer', marks];
  return (
    <g class={classes.filter((each) => each !== false && each !== '').join(' ')} data-box={id}>
      <rect class="edge" x={x} y={y} width={width} height={height} rx={radius} />
      {kind === 'final' && (
        <rect class="inner" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx={6} />
      )}
      <text class="title" x={middle} y={y + TITLE_LINE}>
        {title}
        {isCollapsed ? ' …' : ''}
      </text>
      {note !== '' && (
        <text class="note" x={middle} y={y + TITLE_LINE + LINE_HEIGHT}>
          {note}
        </text>
      )}
      {marks.includes('found') && <circle class="flag" cx={x + width - 8} cy={y + 8} r={4.5} />}
    </g>
  );
});

interface ArrowProps {
  readonly arrow: ArrowDrawing;
  readonly marks: string;
}

export const ArrowShape = memo(function ArrowShape({ arrow, marks }: ArrowProps): VNode {
  const { points, lines, labelAt } = arrow;
  const head = marks.includes('taken') ? 'taken-head' : 'head';
  return (
    <g class={marks === '' ? 'arrow' : `arrow ${marks}`} data-arrow={arrow.id}>
      <path d={curveOf(points)} marker-end={`url(#${head})`} />
      {labelAt !== undefined && lines.length > 0 && (
        <text>
          {lines.map((line, index) => (
            <tspan key={index} x={labelAt.x + 3} y={labelAt.y + 11 + index * LINE_HEIGHT}>
              {line}
            </tspan>
          ))}
        </text>
      )}
    </g>
  );
});

/** Straight lines with rounded corners. */
export function curveOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const parts = [`M${at(first)}`];
  for (const [index, point] of rest.entries()) {
    const before = points[index] ?? point;
    const after = rest[index + 1];
    if (after === undefined) parts.push(`L${at(point)}`);
    else parts.push(`L${at(near(point, before))} Q${at(point)} ${at(near(point, after))}`);
  }
  return parts.join(' ');
}

/** A little way from a corner towards another point. */
function near(corner: Point, towards: Point): Point {
  const length = Math.hypot(towards.x - corner.x, towards.y - corner.y);
  const part = length === 0 ? 0 : Math.min(6, length / 2) / length;
  return {
    x: corner.x + (towards.x - corner.x) * part,
    y: corner.y + (towards.y - corner.y) * part,
  };
}

function at({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
}
