import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { BoxDrawing, ChartDrawing } from '../../../graph/drawing.ts';
import type { StudioAnswers } from '../../wire-requests.ts';
import { can, focusOf } from '../state/page-state.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';

const NO_CHARTS: readonly ChartDrawing[] = [];

/** What is known of the chosen state: where it leads, how it is written, and the shortest conversation that reaches it. */
export function StateDetails({
  box,
  collapsed,
  onToggle,
  onShow,
}: {
  readonly box: BoxDrawing | undefined;
  readonly collapsed: ReadonlySet<string>;
  readonly onToggle: (box: string) => void;
  readonly onShow: (box: string) => void;
}): VNode | null {
  const { texts, store } = useStudio();
  const findings = useSelected(({ hello }) => hello?.findings);
  const charts = useSelected(({ hello }) => hello?.charts ?? NO_CHARTS);
  const canExplore = useSelected((state) => can(state, 'explore'));
  if (box === undefined) return null;
  const { id, title, note, source, leadsTo } = box;
  const marks = (findings ?? []).filter((finding) => finding.box === id);
  const hasInside = charts.some(({ boxes }) => boxes.some(({ parent }) => parent === id));
  const target = charts.find(({ name }) => name === leadsTo)?.boxes[0];
  return (
    <aside class="details" aria-label={texts.stateNamed(title)}>
      <header>
        <h2>{title}</h2>
        <code>{id}</code>
        <button
          type="button"
          class="icon"
          aria-label={texts.close}
          onClick={() => store.set({ box: undefined })}
        >
          ×
        </button>
      </header>
      {note !== '' && <p>{note}</p>}
      <p class="row">
        {hasInside && (
          <button type="button" class="quiet" onClick={() => onToggle(id)}>
            {collapsed.has(id) ? texts.unfold : texts.collapse}
          </button>
        )}
        {target !== undefined && (
          <button type="button" class="quiet" onClick={() => onShow(target.id)}>
            {texts.showSubDialogue(leadsTo ?? '')}
          </button>
        )}
      </p>
      {marks.map(({ rule, severity, text }) => (
        <p class={`finding ${severity}`} key={rule + text}>
          <b>{rule}</b> {text}
        </p>
      ))}
      {canExplore && box.kind !== 'initial' && box.kind !== 'anywhere' && (
        <WayThere box={id} key={id} />
      )}
      <Arrows box={id} charts={charts} onShow={onShow} />
      {source !== undefined && (
        <details open>
          <summary>{texts.source}</summary>
          <pre class="code">{source}</pre>
        </details>
      )}
    </aside>
  );
}

function Arrows({
  box,
  charts,
  onShow,
}: {
  readonly box: string;
  readonly charts: readonly ChartDrawing[];
  readonly onShow: (box: string) => void;
}): VNode | null {
  const { texts } = useStudio();
  const arrows = charts.flatMap((chart) => chart.arrows);
  const outgoing = arrows.filter(({ from }) => from === box);
  const incoming = arrows.filter(({ to, from }) => to === box && from !== box);
  if (outgoing.length + incoming.length === 0) return null;
  return (
    <details>
      <summary>{texts.transitions(outgoing.length + incoming.length)}</summary>
      <ul class="plain">
        {[...outgoing, ...incoming].map(({ id, from, to, lines }) => (
          <li key={id}>
            <button type="button" class="link" onClick={() => onShow(from === box ? to : from)}>
              {from === box ? `→ ${nameOf(to)}` : `← ${nameOf(from)}`}
            </button>{' '}
            <small>{lines.join(' · ')}</small>
          </li>
        ))}
      </ul>
    </details>
  );
}

function nameOf(box: string): string {
  return box.slice(box.indexOf(':') + 1) || box;
}

function WayThere({ box }: { readonly box: string }): VNode {
  const { texts, ask, store } = useStudio();
  const [isWanted, setWanted] = useState(false);
  const [way, setWay] = useState<StudioAnswers['path'] | string>();
  useEffect(() => {
    if (!isWanted) return;
    let isCurrent = true;
    const show = (found: StudioAnswers['path'] | string): void => {
      if (isCurrent) setWay(found);
    };
    ask('path', { box }).then(show, (error: Error) => show(error.message));
    return () => {
      isCurrent = false;
    };
  }, [ask, box, isWanted]);
  const play = async (openid: string | undefined): Promise<void> => {
    if (typeof way !== 'object') return;
    const { messages } = way;
    try {
      const played = await ask('play', { messages, ...(openid !== undefined && { openid }) });
      store.change((state) => ({
        ...state,
        lookedAt: undefined,
        openids: [
          played.openid,
          ...state.openids.filter((each) => each !== played.openid).slice(1),
        ],
      }));
    } catch (error) {
      setWay((error as Error).message);
    }
  };
  if (!isWanted) {
    return (
      <p class="row">
        <button type="button" onClick={() => setWanted(true)}>
          {texts.howToGetThere}
        </button>
      </p>
    );
  }
  if (way === undefined) return <p class="hint">{texts.searching}</p>;
  if (typeof way === 'string') return <p class="failure">{way}</p>;
  const focus = focusOf(store.state);
  return (
    <div class="way">
      <h3>{texts.wayThere}</h3>
      <ol>
        {way.lines.map((line, index) => (
          <li key={index}>{line}</li>
        ))}
      </ol>
      {way.messages.length > 0 && (
        <p class="row">
          <button type="button" class="primary" onClick={() => void play(undefined)}>
            {texts.playAsNew}
          </button>
          {focus !== undefined && (
            <button type="button" class="quiet" onClick={() => void play(focus)}>
              {texts.playAs(focus)}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
