import { describeDialogues } from '../../dialogue/engine/description.ts';
import type { Drawings } from '../../graph/drawings.ts';
import type { RunnerInside } from '../../runner/reporting/inside.ts';
import { type Hello, type ServiceSetting, WIRE_VERSION } from '../wire.ts';

/** What a page or a recording of a running program says of its dialogue. The sources of states are texts: they may be hidden. */
export function helloOf(
  { engine, core }: RunnerInside,
  about: Pick<Hello, 'kind' | 'powers' | 'isRedacted'>,
  { charts, noCharts, chartsNeed }: Drawings,
): Hello {
  const { id, version, structure } = engine;
  return {
    wire: WIRE_VERSION,
    ...about,
    dialogue: { id, version, structure },
    clock: { now: core.clock.now(), isVirtual: false },
    charts: about.isRedacted
      ? charts.map((chart) => ({
          ...chart,
          boxes: chart.boxes.map(({ source: _source, ...box }) => box),
        }))
      : charts,
    ...(noCharts !== undefined && { noCharts }),
    ...(chartsNeed !== undefined && { chartsNeed }),
    services: servicesOf(engine.dialogue),
    findings: [],
  };
}

/** The services that a dialogue and its sub-dialogues invoke. They run as they are. */
function servicesOf(dialogue: RunnerInside['engine']['dialogue']): readonly ServiceSetting[] {
  const states = describeDialogues(dialogue).flatMap((each) => each.states);
  const names = states.flatMap(({ invokes, service }) => [
    ...(service === undefined ? [] : [service]),
    ...invokes.flatMap(({ kind, src }) => (kind === 'service' && src !== undefined ? [src] : [])),
  ]);
  return [...new Set(names)].map((name) => ({ name, mode: 'real', modes: ['real'] }));
}
