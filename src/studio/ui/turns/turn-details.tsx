import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { ModelCalls } from '../models/model-calls.tsx';
import type { ChartDrawing } from '../../../graph/drawing.ts';
import type { TracedStep, TurnEntry } from '../../wire.ts';
import { can } from '../state/page-state.ts';
import { formatMoment, formatMs } from '../state/moments.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';
import { copyText } from '../tools/files.ts';
import { explainTurn } from './explain-turn.ts';
import { totalOf } from './turn-list.tsx';

/** One turn: why it went where it went, how long each phase took, and all of it as JSON. */
export function TurnDetails({ entry }: { readonly entry: TurnEntry }): VNode {
  const { texts, locale, act, store, tell } = useStudio();
  const canTravel = useSelected((state) => can(state, 'travel'));
  const canFault = useSelected((state) => can(state, 'faults'));
  const [showsJson, setJson] = useState(false);
  const { turn, at, openid, cause, label, id, outcome, error, phases, way } = entry;
  const explain = (): void => {
    const { hello } = store.state;
    void copyText(explainTurn(entry, hello)).then((isDone) =>
      tell(isDone ? texts.copied : texts.notCopied),
    );
  };
  return (
    <article class="details" tabIndex={0} aria-label={texts.turnNumber(turn)}>
      <header>
        <h2>{texts.turnNumber(turn)}</h2>
        <span class={`outcome ${outcome}`}>{outcome}</span>
      </header>
      <p class="row">
        {canTravel && (
          <button
            type="button"
            title={texts.forkTitle}
            onClick={() => {
              void act('fork', { turn }).then((isDone) => {
                if (isDone) store.set({ lookedAt: undefined });
              });
            }}
          >
            {texts.fork}
          </button>
        )}
        {canFault && cause === 'message' && (
          <button
            type="button"
            title={texts.redeliverTitle}
            onClick={() => void act('redeliver', { turn })}
          >
            {texts.redeliver}
          </button>
        )}
        <button type="button" title={texts.explainTitle} onClick={explain}>
          {texts.explain}
        </button>
        <button type="button" aria-pressed={showsJson} onClick={() => setJson(!showsJson)}>
          JSON
        </button>
      </p>
      {showsJson ? (
        <pre class="code">{JSON.stringify(entry, null, 2)}</pre>
      ) : (
        <>
          <p>
            {texts.causes[cause]} <b class="said">{label}</b> · {openid} ·{' '}
            {formatMoment(at, locale)}
            {id !== undefined && (
              <>
                {' '}
                · <code>{id}</code>
              </>
            )}
          </p>
          {error !== undefined && (
            <p class="failure">
              <code>{error.code}</code> {error.text}
            </p>
          )}
          <CallsOfTurn turn={turn} />
          <h3>{texts.why}</h3>
          <Way way={way} />
          <h3>{texts.phases(formatMs(totalOf(phases)))}</h3>
          <Phases phases={phases} />
        </>
      )}
    </article>
  );
}

function CallsOfTurn({ turn }: { readonly turn: number }): VNode | null {
  const { texts } = useStudio();
  const calls = useSelected((state) => state.calls);
  const own = useMemo(() => calls.filter((call) => call.turn === turn), [calls, turn]);
  if (own.length === 0) return null;
  return (
    <>
      <h3>{texts.models}</h3>
      <ModelCalls calls={own} />
    </>
  );
}

function Way({ way }: { readonly way: readonly TracedStep[] }): VNode {
  const { texts, store } = useStudio();
  const charts = useSelected(({ hello }) => hello?.charts);
  const arrows = useMemo(() => arrowLabels(charts ?? []), [charts]);
  if (way.length === 0) return <p class="empty">{texts.noWay}</p>;
  return (
    <ol class="plain steps">
      {way.map(({ from, transition, event, isTaken, guard }, index) => {
        const { line = event, to } = arrows.get(transition) ?? {};
        return (
          <li key={index} class={isTaken ? 'taken' : 'refused'}>
            <button type="button" class="link" onClick={() => store.set({ box: from })}>
              {pathOf(from)}
            </button>{' '}
            <span aria-hidden="true">{isTaken ? '→' : '⇢'}</span>{' '}
            {to !== undefined && to !== from && (
              <button type="button" class="link" onClick={() => store.set({ box: to })}>
                {pathOf(to)}
              </button>
            )}{' '}
            <code>{line}</code>{' '}
            {guard !== undefined && (
              <span class={guard.holds ? 'guard holds' : 'guard fails'}>
                {guard.holds ? '✓' : '✗'} {line.includes(guard.name) ? '' : guard.name}
              </span>
            )}
            <span class="unseen">{isTaken ? texts.taken : texts.notTaken}</span>
          </li>
        );
      })}
    </ol>
  );
}

interface ArrowLabel {
  readonly line: string;
  readonly to: string;
}

/** What stands at the arrow of each transition, and where it leads. */
function arrowLabels(charts: readonly ChartDrawing[]): ReadonlyMap<string, ArrowLabel> {
  const arrows = charts.flatMap((chart) => chart.arrows);
  return new Map(
    arrows.flatMap(({ to, lines, transitions }) =>
      transitions.map((key, index) => [key, { line: lines[index] ?? '', to }] as const),
    ),
  );
}

/** The path of a state in its chart; the name of the chart where it is the dialogue itself. */
function pathOf(box: string): string {
  const [chart = '', path = ''] = box.split(':', 2);
  return path || chart || '…';
}

function Phases({ phases }: { readonly phases: TurnEntry['phases'] }): VNode {
  const { texts } = useStudio();
  const most = Math.max(...phases.map(({ ms }) => ms), 0.001);
  return (
    <ul class="phases">
      {phases.map(({ name, ms }, index) => (
        <li key={index}>
          <span class="name">{texts.phaseNames[name] ?? name}</span>
          <span class="bar" aria-hidden="true">
            <i style={{ width: `${Math.max(1, (ms / most) * 100)}%` }} />
          </span>
          <span class="value">
            {formatMs(ms)} {texts.units.millisecond}
          </span>
        </li>
      ))}
    </ul>
  );
}
