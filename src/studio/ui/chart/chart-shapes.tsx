import type { VNode } from 'preact';
import { curveOf } from '../../../graph/curve.ts';
import type { ArrowDrawing, BoxDrawing } from '../../../graph/drawing.ts';
import { memo } from '../state/memo.ts';

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
