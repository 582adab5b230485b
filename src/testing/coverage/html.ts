import type { AnyStateMachine } from 'xstate';
import { type StateDescription, describeDialogues } from '../../dialogue/engine/description.ts';
import type { CoverageItem, CoverageSummary } from './items.ts';
import { COVERAGE_KINDS, KIND_TITLES, formatPercent } from './text.ts';

const STYLE = `
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em; color: #222; background: #fff; }
table { border-collapse: collapse; margin: 1em 0; }
td { padding: 0 1.2em 0 0; }
.state { border: 1.5px solid #9a9a9a; border-radius: 8px; margin: .5em; padding: .3em .7em; display: inline-block; vertical-align: top; }
.parallel > .inside > .state { border-style: dashed; }
.final { border-width: 4px; border-style: double; }
.missed { border-color: #c62828; background: #fdecea; }
.walked { background: #f2f8f2; }
ul { list-style: none; margin: .2em 0; padding: 0; font-size: 12px; }
li.missed { color: #c62828; font-weight: 600; }
li.missed::before { content: "✗ "; }
li.walked::before { content: "✓ "; }
.count { color: #777; }
`;

/** What a report is made of. */
interface Counted {
  readonly items: readonly CoverageItem[];
  count(item: CoverageItem): number;
  summary(): CoverageSummary;
}

/** The report as a page: a state is a box in the box of the state that it is in. */
export function toHtml(dialogue: AnyStateMachine, coverage: Counted): string {
  const byState = new Map<string, CoverageItem[]>();
  for (const item of coverage.items) {
    const place = `${item.dialogue} ${item.path}`;
    byState.set(place, [...(byState.get(place) ?? []), item]);
  }
  const summary = coverage.summary();
  const rows = COVERAGE_KINDS.map((kind) => {
    const { walked, total, percent } = summary[kind];
    return `<tr><td>${KIND_TITLES[kind]}</td><td>${formatPercent(percent)}</td><td>${walked} of ${total}</td></tr>`;
  });
  const boxes = describeDialogues(dialogue).map(
    ({ id, root }) => `<h2>${escapeMarkup(id)}</h2>\n${box(root)}`,
  );
  const title = `Coverage of ${escapeMarkup(dialogue.id)}`;
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style></head>`,
    `<body><h1>${title}</h1>`,
    `<table>${rows.join('')}</table>`,
    ...boxes,
    '</body></html>',
    '',
  ].join('\n');

  function box(described: StateDescription): string {
    const items = byState.get(`${described.dialogue} ${described.path}`) ?? [];
    const state = items.find(({ kinds }) => kinds.includes('states'));
    // That a guard held says nothing new beside the transition itself.
    const rest = items.filter((item) => item !== state && !item.key.startsWith('held '));
    const lines = rest.map(
      (item) =>
        `<li class="${markOf(item)}">${escapeMarkup(item.label ?? '')}${counted(item)}</li>`,
    );
    const inside = described.children.map(box);
    return [
      `<div class="state ${described.type} ${state === undefined ? '' : markOf(state)}">`,
      `<b>${escapeMarkup(described.key)}</b>${described.type === 'history' ? ' (history)' : ''}${counted(state)}`,
      lines.length === 0 ? '' : `<ul>${lines.join('')}</ul>`,
      inside.length === 0 ? '' : `<div class="inside">\n${inside.join('\n')}\n</div>`,
      '</div>',
    ]
      .filter((part) => part !== '')
      .join('\n');
  }

  function counted(item: CoverageItem | undefined): string {
    const count = item === undefined ? 0 : coverage.count(item);
    return count === 0 ? '' : ` <span class="count">×${count}</span>`;
  }

  function markOf(item: CoverageItem): string {
    return coverage.count(item) > 0 ? 'walked' : 'missed';
  }
}

/** A text as HTML, SVG and other XML hold it. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
