import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from './limits.ts';
import { LIMITS_PAGE, writeLimitsPage } from './limits-page.ts';
import { root } from './pages.ts';

writeFileSync(join(root, LIMITS_PAGE), await writeLimitsPage(LIMITS));
