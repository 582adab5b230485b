import type { RefObject, VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { memo } from '../state/memo.ts';
import { useTexts } from '../state/studio-context.ts';
import { ChartCamera } from './chart-camera.ts';
import type { ChartPaint } from './chart-paint.ts';
import {
  type Ground,
  type PlacedChart,
  type Rectangle,
  around,
  findPlace,
  visibleIn,
} from './chart-places.ts';
import { curveOf } from '../../../graph/curve.ts';
import { ArrowShape, BoxShape } from './chart-shapes.tsx';
import { followPointers } from './pointer-moves.ts';

interface CanvasProps {
  readonly ground: Ground;
  readonly paint: ChartPaint;
  readonly collapsed: ReadonlySet<string>;
  /** The boxes to keep in sight; undefined where the person who looks moves alone. */
  readonly follow: readonly string[] | undefined;
  readonly camera: RefObject<ChartCamera | null>;
  readonly onChoose: (box: string | undefined) => void;
}

const STEP = 60;
/** How far boxes may be from one another to be seen together. */
const FAR = 500;

/** The charts as SVG, to move with the pointer or the keyboard. */
export function ChartCanvas(props: CanvasProps): VNode {
  const { ground, paint, collapsed, follow, camera, onChoose } = props;
  const texts = useTexts();
  const svg = useRef<SVGSVGElement>(null);
  const group = useRef<SVGGElement>(null);
  const choose = useRef(onChoose);
  choose.current = onChoose;

  useLayoutEffect(() => {
    if (svg.current === null || group.current === null) return;
    camera.current = new ChartCamera(svg.current, group.current);
    return followPointers(svg.current, camera.current, (target) => {
      choose.current(target.closest('[data-box]')?.getAttribute('data-box') ?? undefined);
    });
  }, [camera]);

  const followed = useRef<readonly string[]>([]);
  const keepInSight = (): void => {
    const ids = follow ?? [];
    const target = targetOf(ground, ids, followed.current);
    followed.current = ids;
    if (target !== undefined) camera.current?.show(target);
  };
  const latest = useRef(keepInSight);
  latest.current = keepInSight;
  useLayoutEffect(() => {
    const window = svg.current;
    if (window === null) return;
    const fit = (): void => camera.current?.fit({ x: 0, y: 0, ...sizeOf(ground) });
    fit();
    // Behind a tab it has no size: it is shown for the first time only when its tab is.
    let wasHidden = window.clientWidth === 0;
    const watcher = new ResizeObserver(() => {
      if (wasHidden && window.clientWidth > 0) {
        fit();
        latest.current();
      }
      wasHidden = window.clientWidth === 0;
    });
    watcher.observe(window);
    return () => watcher.disconnect();
  }, [camera, ground]);
  useLayoutEffect(() => latest.current(), [ground, follow]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const move = KEYS[event.key];
    if (move === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (camera.current !== null) move(camera.current, ground);
  };

  return (
    <svg
      ref={svg}
      class="canvas"
      tabindex={0}
      role="application"
      aria-label={texts.chartOf(ground.charts[0]?.chart.name ?? '')}
      onKeyDown={onKeyDown}
    >
      <defs>
        <Head id="head" />
        <Head id="taken-head" />
        <Head id="call-head" />
      </defs>
      <g ref={group} class="ground">
        {ground.charts.map((placed) => (
          <ChartGroup key={placed.chart.name} placed={placed} paint={paint} collapsed={collapsed} />
        ))}
        {ground.calls.map(({ from, to, points }) => (
          <path
            key={`${from} ${to}`}
            class={/active|left|chosen/u.test(paint.boxes.get(from) ?? '') ? 'call on' : 'call'}
            d={curveOf(points)}
            marker-end="url(#call-head)"
          />
        ))}
      </g>
    </svg>
  );
}

/** What has to be in sight: all of these boxes, or that of them which is new if they are too far apart to be read. */
function targetOf(
  ground: Ground,
  ids: readonly string[],
  before: readonly string[],
): Rectangle | undefined {
  const all = around(ids.flatMap((id) => findPlace(ground, id) ?? []));
  if (all !== undefined && all.width < FAR && all.height < FAR) return all;
  const last = ids.findLast((id) => !before.includes(id)) ?? ids.at(-1);
  return last === undefined ? undefined : findPlace(ground, last);
}

function sizeOf({ width, height }: Ground): { readonly width: number; readonly height: number } {
  return { width, height };
}

const KEYS: Readonly<Record<string, (camera: ChartCamera, ground: Ground) => void>> = {
  ArrowLeft: (camera) => camera.pan(STEP, 0),
  ArrowRight: (camera) => camera.pan(-STEP, 0),
  ArrowUp: (camera) => camera.pan(0, STEP),
  ArrowDown: (camera) => camera.pan(0, -STEP),
  '+': (camera) => camera.zoom(1.25),
  '=': (camera) => camera.zoom(1.25),
  '-': (camera) => camera.zoom(0.8),
  '0': (camera, ground) => camera.fit({ x: 0, y: 0, ...sizeOf(ground) }),
};

function Head({ id }: { readonly id: string }): VNode {
  return (
    <marker
      id={id}
      viewBox="0 0 8 8"
      refX="7"
      refY="4"
      markerWidth="8"
      markerHeight="8"
      markerUnits="userSpaceOnUse"
      orient="auto"
    >
      <path d="M0,0.8 L8,4 L0,7.2 Z" />
    </marker>
  );
}

const ChartGroup = memo(function ChartGroup({
  placed,
  paint,
  collapsed,
}: {
  readonly placed: PlacedChart;
  readonly paint: ChartPaint;
  readonly collapsed: ReadonlySet<string>;
}): VNode {
  const { chart, x, y } = placed;
  const { boxes, arrows } = visibleIn(chart, collapsed);
  const outer = new Set(chart.boxes.map(({ parent }) => parent));
  return (
    <g transform={`translate(${x} ${y})`} data-chart={chart.name}>
      {boxes.map((box) => (
        <BoxShape
          key={box.id}
          box={box}
          marks={paint.boxes.get(box.id) ?? ''}
          isCollapsed={collapsed.has(box.id)}
          hasInside={outer.has(box.id) && !collapsed.has(box.id)}
        />
      ))}
      {arrows.map((arrow) => (
        <ArrowShape key={arrow.id} arrow={arrow} marks={paint.arrows.get(arrow.id) ?? ''} />
      ))}
    </g>
  );
});
