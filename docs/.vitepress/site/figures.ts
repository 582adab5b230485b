import type { Figure } from './charts.ts';
import type { Language } from './addresses.ts';

/** Puts the charts into a page: the component `Chart` of the theme, below the block that defines the dialogue. */
export function withFigures(text: string, figures: readonly Figure[], language: Language): string {
  const lines = text.split('\n');
  const written: string[] = [];
  let isFirst = true;
  for (let index = 0; index < lines.length; index += 1) {
    const own = figures.filter(({ line }) => line === index + 1);
    if (own.length === 0) {
      written.push(lines[index] ?? '');
      continue;
    }
    const end = lines.indexOf('```', index + 1);
    if (!own.some(({ replaces }) => replaces)) written.push(...lines.slice(index, end + 1), '');
    for (const figure of own) {
      written.push(tagOf(figure, language, isFirst || figure.replaces), '');
      isFirst = false;
    }
    index = end;
  }
  return written.join('\n');
}

function tagOf(figure: Figure, { folder }: Language, isOpen: boolean): string {
  const { name, width, height, dialogue, states } = figure;
  const isChinese = folder !== '';
  const label = isChinese
    ? dialogue === undefined
      ? '流程图'
      : `对话 ${dialogue} 的状态图`
    : dialogue === undefined
      ? 'The picture'
      : `The chart of the dialogue ${dialogue}`;
  const alt = isChinese ? `${label}：${states.join('、')}` : `${label}: ${states.join(', ')}`;
  const size = `:width="${width}" :height="${height}"`;
  return `<Chart name="${name}" label="${escapeAttribute(label)}" alt="${escapeAttribute(alt)}" ${size}${isOpen ? ' open' : ''} />`;
}

function escapeAttribute(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
