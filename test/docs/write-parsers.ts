import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TABLES } from '../dialogue/parsers/tables/tables.ts';
import { root } from './pages.ts';
import { PARSERS_PAGE, writeParsersPage } from './parsers-page.ts';

writeFileSync(join(root, PARSERS_PAGE), await writeParsersPage(TABLES));
