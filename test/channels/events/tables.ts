import { readFileSync } from 'node:fs';

const PAGE = new URL('../../../docs/channel-events.md', import.meta.url);

/** A row of the tables in docs/channel-events.md, for one of the names that its first cell holds. */
export interface Row {
  readonly name: string;
  /** Undefined where nothing becomes of it. */
  readonly type: string | undefined;
  readonly spoken: boolean;
}

/** The rows of the table below a heading, one for each name. */
export function rowsOf(platform: string): readonly Row[] {
  const sections = readFileSync(PAGE, 'utf8').split(/^## /m);
  const section = sections.find((text) => text.startsWith(`${platform}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => {
    const [, names = '', type = '', spoken = ''] = row.split('|').map((cell) => cell.trim());
    // Plain words explain the names before them.
    const [listed = ''] = /^(?:`[^`]+`(?:, )?)+/.exec(names) ?? [];
    return [...listed.matchAll(/`([^`]+)`/g)].map(([, name = '']) => ({
      name,
      type: type === 'nothing' ? undefined : type.replaceAll('`', ''),
      spoken: spoken === 'yes',
    }));
  });
}
