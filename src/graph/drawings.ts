import { LRUCache } from 'lru-cache';
import type { AnyStateMachine } from 'xstate';
import { ColloquyError } from '../errors.ts';
import { layOutApart } from './apart.ts';
import { type Box, type ChartArrow, type NamedChart, chartsOf } from './chart.ts';
import type { ArrowDrawing, BoxDrawing, ChartDrawing } from './drawing.ts';
import { type Layout, elkGraphOf, linesOf, titleOf } from './layout.ts';
import { sourceOf } from './source.ts';
import { type OneBox, isAsking } from './walk.ts';

/** The drawings of a dialogue; without any, why. */
export interface Drawings {
  readonly charts: readonly ChartDrawing[];
  readonly noCharts?: string;
  /** The package that is not installed, where that is why. */
  readonly chartsNeed?: 'elkjs';
}

/** The number of dialogues whose layouts are kept, each as what was asked of ELK and what it gave. */
const MAX_LAYOUTS = 16;

/** By what is laid out: a dialogue that is loaded again and looks the same is not laid out again. */
const layouts = new LRUCache<string, readonly Layout[]>({ max: MAX_LAYOUTS });

/** Draws the inside of a form, unlike a picture on paper: a page follows a conversation from question to question. */
export const SHOWN_AS_ONE_BOX: OneBox = isAsking;

/**
 * Draws a dialogue and its sub-dialogues, each as its own chart. It does not throw.
 * @param layOutAll default: by elkjs, in a thread
 */
export async function drawingsOf(
  dialogue: AnyStateMachine,
  layOutAll: (charts: readonly NamedChart[]) => Promise<readonly Layout[]> = layOutApart,
): Promise<Drawings> {
  try {
    const charts = chartsOf(dialogue, undefined, SHOWN_AS_ONE_BOX);
    const key = JSON.stringify(charts.map(elkGraphOf));
    let laid = layouts.get(key);
    if (laid === undefined) {
      laid = await layOutAll(charts);
      layouts.set(key, laid);
    }
    const found = laid;
    return { charts: charts.flatMap((chart, index) => drawingOf(chart, found[index])) };
  } catch (error) {
    const noCharts = ColloquyError.is(error)
      ? error.message
      : 'The charts of this dialogue could not be laid out.';
    const isMissing = ColloquyError.is(error) && error.details['needs'] === 'elkjs';
    return { charts: [], noCharts, ...(isMissing && { chartsNeed: 'elkjs' }) };
  }
}

function drawingOf(chart: NamedChart, layout: Layout | undefined): readonly ChartDrawing[] {
  if (layout === undefined) return [];
  const { width, height } = layout;
  const boxes = chart.boxes.flatMap((box) => boxesIn(box, layout, undefined));
  const arrows = chart.arrows.flatMap((arrow) => arrowIn(arrow, layout));
  return [{ name: chart.name, width, height, boxes, arrows }];
}

function boxesIn(box: Box, layout: Layout, around: Box | undefined): readonly BoxDrawing[] {
  const place = layout.places.get(box.id);
  if (place === undefined) return [];
  const { id, kind, note, leadsTo, inside, state } = box;
  const isRegion = around?.isParallel === true && state !== undefined;
  const own: BoxDrawing = {
    id,
    ...(around && { parent: around.id }),
    kind,
    title: titleOf(box),
    note,
    isRegion,
    ...(leadsTo !== undefined && { leadsTo }),
    ...place,
    ...(state && { source: sourceOf(state) }),
  };
  return [own, ...inside.flatMap((each) => boxesIn(each, layout, box))];
}

function arrowIn(arrow: ChartArrow, layout: Layout): readonly ArrowDrawing[] {
  const { points = [], label } = layout.ways.get(arrow.id) ?? {};
  if (points.length === 0) return [];
  const { id, from, to, transitions } = arrow;
  const labelAt = label && { x: label.x, y: label.y };
  return [
    { id, from, to, points, lines: linesOf(arrow), transitions, ...(labelAt && { labelAt }) },
  ];
}
