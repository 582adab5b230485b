import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from './limits.ts';
import { LIMITS_PAGES, writeLimitsPage } from './limits-page.ts';
import { root } from './pages.ts';

for (const page of LIMITS_PAGES) {
  writeFileSync(join(root, page.path), await writeLimitsPage(LIMITS, page));
}
