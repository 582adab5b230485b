import type { ElkExtendedEdge, ElkNode } from 'elkjs';
import type { ChartArrow, Box, Chart } from './chart.ts';
import { UsageError } from '../errors.ts';

/** Where everything in a chart is, in pixels from the corner. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** By the id of a box. */
  readonly places: ReadonlyMap<string, ChartBox>;
  /** By the id of an arrow. */
  readonly ways: ReadonlyMap<string, ChartRoute>;
}

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

export interface ChartBox extends ChartPoint {
  readonly width: number;
  readonly height: number;
}

export interface ChartRoute {
  readonly points: readonly ChartPoint[];
  readonly label: ChartBox | undefined;
}

export const LINE_HEIGHT = 15;
export const TITLE_SIZE = 13;
export const LABEL_SIZE = 11;
/** Above what is inside of a box. */
const HEAD = 26;

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '34',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.crossingMinimization.forceNodeModelOrder': 'false',
};

/**
 * Lays a chart out, by ELK.
 * @throws UsageError `no_layout` where elkjs is not installed
 */
export async function layOut(chart: Chart): Promise<Layout> {
  const { default: Elk } = await import('elkjs/lib/elk.bundled.js').catch((error: unknown) => {
    throw noLayout(error);
  });
  return layoutOf(await new Elk().layout(elkGraphOf(chart)));
}

export function noLayout(cause: unknown): UsageError {
  return new UsageError(
    'no_layout',
    'Charts are laid out by elkjs, which is not installed: run `npm install --save-dev elkjs`, and start again. `colloquy graph --format mermaid` needs no layout.',
    { cause, details: { needs: 'elkjs' } },
  );
}

/** What ELK is asked to lay out. */
export function elkGraphOf({ boxes, arrows }: Chart): ElkNode {
  return {
    id: 'root',
    layoutOptions: { ...OPTIONS, 'elk.padding': '[top=16,left=16,bottom=16,right=16]' },
    children: boxes.map(toNode),
    edges: arrows.map(toEdge),
  };
}

/** What ELK has made of it. */
export function layoutOf(laid: ElkNode): Layout {
  const places = new Map<string, ChartBox>();
  placeAll(laid, places);
  const ways = new Map((laid.edges ?? []).map((edge) => [edge.id, wayOf(edge)] as const));
  const { width = 0, height = 0 } = laid;
  return { width, height, places, ways };
}

function toNode(box: Box): ElkNode {
  const { id, kind, note, inside } = box;
  if (kind === 'initial') {
    const layoutOptions = { 'elk.layered.layering.layerConstraint': 'FIRST' };
    return { id, width: 10, height: 10, layoutOptions };
  }
  const width = Math.max(widthOf(titleOf(box), TITLE_SIZE), widthOf(note, LABEL_SIZE)) + 28;
  const head = HEAD + (note === '' ? 0 : LINE_HEIGHT);
  if (inside.length === 0) return { id, width: Math.max(width, 56), height: head + 8 };
  return {
    id,
    layoutOptions: {
      'elk.padding': `[top=${head + 10},left=16,bottom=16,right=16]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width}, 40)`,
      'elk.direction': 'DOWN',
    },
    children: inside.map(toNode),
  };
}

export function titleOf({ kind, title }: Box): string {
  return kind === 'history' ? `${title} (history)` : title;
}

function toEdge(arrow: ChartArrow): ElkExtendedEdge {
  const { id, from, to } = arrow;
  const lines = linesOf(arrow);
  return {
    id,
    sources: [from],
    targets: [to],
    ...(lines.length > 0 && {
      labels: [
        {
          text: lines.join('\n'),
          width: Math.max(...lines.map((line) => widthOf(line, LABEL_SIZE))) + 6,
          height: lines.length * LINE_HEIGHT,
        },
      ],
    }),
  };
}

/** What stands at an arrow, a line for each of its transitions. */
export function linesOf({ labels }: ChartArrow): readonly string[] {
  return labels.map(({ text, steps }) =>
    steps.length === 0 ? text : `${text} (${steps.join(', ')})`.trim(),
  );
}

function placeAll({ children = [] }: ElkNode, places: Map<string, ChartBox>): void {
  for (const child of children) {
    const { id, x = 0, y = 0, width = 0, height = 0 } = child;
    places.set(id, { x, y, width, height });
    placeAll(child, places);
  }
}

function wayOf({ sections = [], labels = [] }: ElkExtendedEdge): ChartRoute {
  const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);
  const [{ x = 0, y = 0, width = 0, height = 0 } = {}] = labels;
  return { points, label: labels.length === 0 ? undefined : { x, y, width, height } };
}

/** About as wide as a text gets in a font without serifs; what is written in squares is twice as wide. */
function widthOf(text: string, size: number): number {
  let units = 0;
  for (const character of text) {
    units +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\p{Emoji_Presentation}]/u.test(
        character,
      )
        ? 1
        : 0.58;
  }
  return Math.ceil(units * size);
}
