import type { Box, Chart, ChartArrow } from '../../../src/graph/chart.ts';

/**
 * Reads a Mermaid flowchart as a chart of ours, so that the site needs no Mermaid. It knows what the guide uses: nodes as
 * `a["text"]` and `a{"text"}`, and arrows as `a --> b` and `a -->|"text"| b`, several in a row.
 * @throws Error for a line that is anything else
 */
export function readFlowchart(text: string): Chart {
  const [first = '', ...lines] = text.trim().split('\n');
  if (!/^flowchart TD$/u.test(first)) throw new Error(`No flowchart that is known: ${first}`);
  const boxes = new Map<string, Box>();
  const arrows = new Map<string, ChartArrow>();
  const nodeAt = (part: string): string => {
    const [, id, mark, title] = /^(\w+)(?:([[{])"([^"]+)"[\]}])?$/u.exec(part) ?? [];
    if (id === undefined) throw new Error(`No node of a flowchart that is known: ${part}`);
    const known = boxes.get(id);
    if (known === undefined || title !== undefined) boxes.set(id, boxOf(id, title ?? id, mark));
    return id;
  };
  for (const line of lines) {
    const parts = line.trim().split(/\s+-->(?:\|"?([^"|]+)"?\|)?\s+/u);
    let from = nodeAt(parts[0] ?? '');
    for (let index = 1; index < parts.length; index += 2) {
      const to = nodeAt(parts[index + 1] ?? '');
      const id = `${from}→${to}`;
      const label = parts[index];
      const labels = label === undefined ? [] : [{ text: label, steps: [] }];
      arrows.set(id, { id, from, to, labels, isWalked: false, transitions: [] });
      from = to;
    }
  }
  return { boxes: [...boxes.values()], arrows: [...arrows.values()] };
}

function boxOf(id: string, title: string, mark: string | undefined): Box {
  return {
    id,
    // A question has the look of one.
    kind: mark === '{' ? 'question' : 'state',
    title,
    note: '',
    isParallel: false,
    isWalked: false,
    leadsTo: undefined,
    inside: [],
    state: undefined,
  };
}
