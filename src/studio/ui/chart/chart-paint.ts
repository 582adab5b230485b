import type { ArrowDrawing, ChartDrawing } from '../../../graph/drawing.ts';
import type { FindingMark, TurnEntry } from '../../wire.ts';
import type { Walked } from '../state/walked.ts';

/** What is painted on the boxes and arrows of the charts, as class names by their ids. */
export interface ChartPaint {
  readonly boxes: ReadonlyMap<string, string>;
  readonly arrows: ReadonlyMap<string, string>;
}

export interface PaintInput {
  readonly charts: readonly ChartDrawing[];
  readonly active: readonly string[];
  readonly turn: TurnEntry | undefined;
  /** Undefined where coverage is not wanted. */
  readonly walked: Walked | undefined;
  readonly findings: readonly FindingMark[];
  readonly chosen: string | undefined;
  readonly matches: ReadonlySet<string>;
}

export function paintOf(input: PaintInput): ChartPaint {
  const { charts, active, turn, walked, findings, chosen, matches } = input;
  const now = new Set(active);
  const found = new Set(findings.map(({ box }) => box));
  const steps = turn?.way ?? [];
  const taken = new Set(steps.filter(({ isTaken }) => isTaken).map(({ transition }) => transition));
  const refused = new Set(
    steps
      .filter(({ isTaken, guard }) => !isTaken && guard !== undefined)
      .map((step) => step.transition),
  );
  const left = new Set(steps.filter(({ isTaken }) => isTaken).map(({ from }) => from));
  const boxes = new Map<string, string>();
  const arrows = new Map<string, string>();
  for (const chart of charts) {
    for (const { id, kind } of chart.boxes) {
      const isState = kind !== 'initial' && kind !== 'anywhere';
      const marks = [
        now.has(id) && 'active',
        left.has(id) && 'left',
        walked !== undefined && isState && !walked.boxes.has(id) && !now.has(id) && 'unwalked',
        found.has(id) && 'found',
        chosen === id && 'chosen',
        matches.has(id) && 'match',
      ];
      boxes.set(id, classesOf(marks));
    }
    for (const arrow of chart.arrows) {
      const isTaken = arrow.transitions.some((key) => taken.has(key));
      const marks = [
        isTaken && 'taken',
        !isTaken && arrow.transitions.some((key) => refused.has(key)) && 'refused',
        walked !== undefined && isUnwalked(arrow, walked) && 'unwalked',
        (arrow.from === chosen || arrow.to === chosen) && 'near',
      ];
      arrows.set(arrow.id, classesOf(marks));
    }
  }
  return { boxes, arrows };
}

function classesOf(marks: readonly (string | false)[]): string {
  return marks.filter((mark) => mark !== false).join(' ');
}

function isUnwalked({ transitions }: ArrowDrawing, walked: Walked): boolean {
  return transitions.length > 0 && !transitions.some((key) => walked.transitions.has(key));
}

export interface Share {
  readonly walked: number;
  readonly total: number;
}

/** How much of the charts was walked through. */
export function sharesOf(
  charts: readonly ChartDrawing[],
  walked: Walked,
): { readonly states: Share; readonly transitions: Share } {
  const states = charts.flatMap(({ boxes }) =>
    boxes.filter(({ kind }) => kind === 'state' || kind === 'question' || kind === 'final'),
  );
  const transitions = new Set(
    charts.flatMap(({ arrows }) => arrows.flatMap((arrow) => arrow.transitions)),
  );
  return {
    states: {
      walked: states.filter(({ id }) => walked.boxes.has(id)).length,
      total: states.length,
    },
    transitions: {
      walked: [...transitions].filter((key) => walked.transitions.has(key)).length,
      total: transitions.size,
    },
  };
}
