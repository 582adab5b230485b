/** A chart, laid out, as plain data: everything in pixels from its corner. */
export interface ChartDrawing {
  /** The name of the chart: the id of its dialogue, and a number where another one has the same. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** In the order in which they are drawn: what is inside comes after what is around it. */
  readonly boxes: readonly BoxDrawing[];
  readonly arrows: readonly ArrowDrawing[];
}

export interface BoxDrawing {
  /** Unique in all charts: `chart:path.of.the.state`. */
  readonly id: string;
  /** The id of the box around it. */
  readonly parent?: string;
  readonly kind: 'dialogue' | 'state' | 'question' | 'final' | 'history' | 'initial' | 'anywhere';
  readonly title: string;
  readonly note: string;
  /** Whether it is one of several that are active at the same time. */
  readonly isRegion: boolean;
  /** The chart of the sub-dialogue that it runs. */
  readonly leadsTo?: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** How it is written: its part of the definition as indented text, functions by their source or name. */
  readonly source?: string;
}

export interface ArrowDrawing {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** A line for each transition that it stands for. */
  readonly lines: readonly string[];
  /** The keys of those transitions, as `TracedStep.transition` has them. */
  readonly transitions: readonly string[];
  /** The upper left corner of its text. */
  readonly labelAt?: { readonly x: number; readonly y: number };
}
