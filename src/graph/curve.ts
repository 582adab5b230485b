interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

/** The path of SVG through points: straight lines with rounded corners. */
export function curveOf(points: readonly CurvePoint[]): string {
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
function near(corner: CurvePoint, towards: CurvePoint): CurvePoint {
  const length = Math.hypot(towards.x - corner.x, towards.y - corner.y);
  const part = length === 0 ? 0 : Math.min(6, length / 2) / length;
  return {
    x: corner.x + (towards.x - corner.x) * part,
    y: corner.y + (towards.y - corner.y) * part,
  };
}

function at({ x, y }: CurvePoint): string {
  return `${round(x)},${round(y)}`;
}

/** To a tenth of a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
