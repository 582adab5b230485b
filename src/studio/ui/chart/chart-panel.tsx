import type { VNode } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { ChartDrawing } from '../../../graph/drawing.ts';
import type { FindingMark } from '../../wire.ts';
import { focusOf } from '../state/page-state.ts';
import { shownTurn, viewOf } from '../state/looking.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';
import type { ChartCamera } from './chart-camera.ts';
import { ChartCanvas } from './chart-canvas.tsx';
import { paintOf, sharesOf } from './chart-paint.ts';
import { placeCharts, findPlace } from './chart-places.ts';
import { StateDetails } from './state-details.tsx';
import { StateSearch, matching } from './state-search.tsx';

const NO_CHARTS: readonly ChartDrawing[] = [];
const NO_FINDINGS: readonly FindingMark[] = [];
const NO_BOXES: readonly string[] = [];
const NOTHING: ReadonlySet<string> = new Set();

/** The statechart with what happens painted on it. */
export function ChartPanel(): VNode {
  const { texts, store } = useStudio();
  const charts = useSelected(({ hello }) => hello?.charts ?? NO_CHARTS);
  const findings = useSelected(({ hello }) => hello?.findings ?? NO_FINDINGS);
  const active = useSelected((state) => viewOf(state, focusOf(state))?.active ?? NO_BOXES);
  const turn = useSelected(shownTurn);
  const walked = useSelected((state) => state.walked);
  const chosen = useSelected((state) => state.box);
  const [showsCoverage, setCoverage] = useState(false);
  const [showsFindings, setFindings] = useState(true);
  const [follows, setFollows] = useState(true);
  const [query, setQuery] = useState('');
  const [collapsed, setCollapsed] = useState(NOTHING);
  const camera = useRef<ChartCamera>(null);

  const ground = useMemo(() => placeCharts(charts), [charts]);
  const boxes = useMemo(() => charts.flatMap((chart) => chart.boxes), [charts]);
  const matches = useMemo(
    () => (query.trim() === '' ? NOTHING : new Set(matching(boxes, query).map(({ id }) => id))),
    [boxes, query],
  );
  const paint = useMemo(
    () =>
      paintOf({
        charts,
        active,
        turn,
        walked: showsCoverage ? walked : undefined,
        findings: showsFindings ? findings : NO_FINDINGS,
        chosen,
        matches,
      }),
    [charts, active, turn, walked, showsCoverage, showsFindings, findings, chosen, matches],
  );
  const innermost = useMemo(() => innermostOf(boxes, active), [boxes, active]);
  const shares = useMemo(() => sharesOf(charts, walked), [charts, walked]);
  const choose = (box: string | undefined): void => store.set({ box });
  const show = (box: string): void => {
    choose(box);
    const place = findPlace(ground, box);
    if (place !== undefined) camera.current?.show(place);
  };
  const toggle = (box: string): void => {
    const next = new Set(collapsed);
    if (!next.delete(box)) next.add(box);
    setCollapsed(next);
  };
  const fitAll = (): void =>
    camera.current?.fit({ x: 0, y: 0, width: ground.width, height: ground.height });

  return (
    <section class="panel chart" aria-label={texts.chart}>
      <header>
        <StateSearch boxes={boxes} active={active} onQuery={setQuery} onChoose={show} />
        <label class="check" title={texts.coverageTitle}>
          <input
            type="checkbox"
            checked={showsCoverage}
            onChange={({ currentTarget }) => setCoverage(currentTarget.checked)}
          />
          {texts.coverage}
          {showsCoverage && <small>{texts.coverageOf(shares.states, shares.transitions)}</small>}
        </label>
        {findings.length > 0 && (
          <label class="check">
            <input
              type="checkbox"
              checked={showsFindings}
              onChange={({ currentTarget }) => setFindings(currentTarget.checked)}
            />
            {texts.findings(findings.length)}
          </label>
        )}
        <label class="check" title={texts.followTitle}>
          <input
            type="checkbox"
            checked={follows}
            onChange={({ currentTarget }) => setFollows(currentTarget.checked)}
          />
          {texts.follow}
        </label>
        <span class="zoom" role="group" aria-label={texts.zoom}>
          <button
            type="button"
            class="icon"
            aria-label={texts.zoomOut}
            onClick={() => camera.current?.zoom(0.8)}
          >
            −
          </button>
          <button
            type="button"
            class="icon"
            aria-label={texts.zoomIn}
            onClick={() => camera.current?.zoom(1.25)}
          >
            +
          </button>
          <button type="button" class="quiet" onClick={fitAll}>
            {texts.fit}
          </button>
        </span>
      </header>
      {charts.length === 0 ? (
        <NoCharts />
      ) : (
        <ChartCanvas
          ground={ground}
          paint={paint}
          collapsed={collapsed}
          follow={follows ? innermost : undefined}
          camera={camera}
          onChoose={choose}
        />
      )}
      {chosen !== undefined && (
        <StateDetails
          box={boxes.find(({ id }) => id === chosen)}
          collapsed={collapsed}
          onToggle={toggle}
          onShow={show}
        />
      )}
    </section>
  );
}

/** Why there is no chart: a package that is missing is named in the language of the page. */
function NoCharts(): VNode {
  const { texts } = useStudio();
  const why = useSelected(({ hello }) => hello?.noCharts);
  const needed = useSelected(({ hello }) => hello?.chartsNeed);
  if (needed === undefined) return <p class="empty">{why ?? texts.layingOut}</p>;
  return (
    <p class="empty">
      {texts.chartsNeed(needed)}
      <code>{`npm install --save-dev ${needed}`}</code>
    </p>
  );
}

/** The active boxes that have no active box inside. */
function innermostOf(boxes: ChartDrawing['boxes'], active: readonly string[]): readonly string[] {
  const ids = new Set(active);
  const around = new Set(boxes.filter(({ id }) => ids.has(id)).map(({ parent }) => parent));
  return active.filter((id) => !around.has(id));
}
