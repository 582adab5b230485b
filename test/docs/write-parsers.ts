import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TABLES } from '../dialogue/parsers/tables/tables.ts';
import { root } from './pages.ts';
import { PARSERS_PAGES, writeParsersPage } from './parsers-page.ts';

for (const page of PARSERS_PAGES) {
  writeFileSync(join(root, page.path), await writeParsersPage(TABLES, page));
}
