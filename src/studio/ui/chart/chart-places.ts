import type { ArrowDrawing, BoxDrawing, ChartDrawing } from '../../../graph/drawing.ts';

/** Where each chart stands on the common ground: the dialogue first, its sub-dialogues beside it. */
export interface PlacedChart {
  readonly chart: ChartDrawing;
  readonly x: number;
  readonly y: number;
}

export interface Ground {
  readonly charts: readonly PlacedChart[];
  readonly width: number;
  readonly height: number;
  /** From a box to the chart of the sub-dialogue that it runs. */
  readonly calls: readonly Call[];
}

export interface Call {
  readonly from: string;
  readonly to: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

const GAP = 64;

/** Places the charts in columns that are about as high as the first chart. */
export function placeCharts(charts: readonly ChartDrawing[]): Ground {
  const placed: PlacedChart[] = [];
  const limit = Math.max(charts[0]?.height ?? 0, 480);
  let [x, y, columnWidth, width, height] = [0, 0, 0, 0, 0];
  for (const [index, chart] of charts.entries()) {
    const isFull = index === 1 || (index > 1 && y + chart.height > limit);
    if (isFull) [x, y, columnWidth] = [x + columnWidth + GAP, 0, 0];
    placed.push({ chart, x, y });
    y += chart.height + GAP / 2;
    columnWidth = Math.max(columnWidth, chart.width);
    width = Math.max(width, x + chart.width);
    height = Math.max(height, y - GAP / 2);
  }
  return { charts: placed, width, height, calls: callsIn(placed) };
}

function callsIn(placed: readonly PlacedChart[]): Call[] {
  const byName = new Map(placed.map((each) => [each.chart.name, each]));
  return placed.flatMap(({ chart, x, y }) =>
    chart.boxes.flatMap((box): Call[] => {
      const target = box.leadsTo === undefined ? undefined : byName.get(box.leadsTo);
      if (target === undefined || target.chart === chart) return [];
      const start = { x: x + box.x + box.width, y: y + box.y + 14 };
      const end = { x: target.x + 6, y: target.y + 34 };
      const middle = start.x < end.x ? end.x - GAP / 2 : start.x + GAP / 3;
      const points = [start, { x: middle, y: start.y }, { x: middle, y: end.y }, end];
      return [{ from: box.id, to: target.chart.name, points }];
    }),
  );
}

export interface Rectangle extends Point {
  readonly width: number;
  readonly height: number;
}

/** The place of a box on the ground. */
export function findPlace(ground: Ground, id: string): Rectangle | undefined {
  for (const { chart, x, y } of ground.charts) {
    const box = chart.boxes.find((each) => each.id === id);
    if (box === undefined) continue;
    return { x: x + box.x, y: y + box.y, width: box.width, height: box.height };
  }
  return undefined;
}

/** The smallest rectangle around all of these. */
export function around(places: readonly Rectangle[]): Rectangle | undefined {
  if (places.length === 0) return undefined;
  const x = Math.min(...places.map((place) => place.x));
  const y = Math.min(...places.map((place) => place.y));
  const right = Math.max(...places.map((place) => place.x + place.width));
  const bottom = Math.max(...places.map((place) => place.y + place.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** What is drawn of a chart whose collapsed boxes show nothing of their inside. */
export function visibleIn(
  { boxes, arrows }: ChartDrawing,
  collapsed: ReadonlySet<string>,
): { readonly boxes: readonly BoxDrawing[]; readonly arrows: readonly ArrowDrawing[] } {
  if (collapsed.size === 0) return { boxes, arrows };
  const hidden = new Set<string>();
  // What is inside of a box comes after it.
  for (const { id, parent } of boxes) {
    if (parent !== undefined && (collapsed.has(parent) || hidden.has(parent))) hidden.add(id);
  }
  return {
    boxes: boxes.filter(({ id }) => !hidden.has(id)),
    arrows: arrows.filter(({ from, to }) => !hidden.has(from) && !hidden.has(to)),
  };
}
