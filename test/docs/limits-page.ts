import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { LimitGroup } from './limits.ts';
import { root } from './pages.ts';

/** The page that `npm run docs:limits` writes, from the root of the repository. */
export const LIMITS_PAGE = 'docs/limits.md';

const OPENING = `# Limits

Every map, queue, log and buffer has a limit. This page says how much each takes, what happens at its limit, and how a program
sees it. \`npm run docs:limits\` writes it: the numbers are those of the sources, and tests hold them.

A name such as \`max\` is an option of \`createContextStore()\`, one such as \`lanes.waiting\` of \`createRunner()\`. Where no
option is named, the number is fixed. Bytes of replies are counted with two for each character, as V8 keeps them.
`;

const CLOSING = `## What has no number

- **Calls that your program has under way**, such as \`open()\`, \`inspect()\`, \`idle()\` or the requests of your host: Colloquy keeps
  as much for them as there are.
- **Services that timers start** do not wait for one another: if the timers of many users fire at once, as many services run.
- **The text of a message** has the limit of its body. \`handle()\` takes what you pass.
- **What a dialogue is made of**, such as states, options and locales, is there once for all users.
- Without a persister, a record that leaves memory is lost. With one, the database holds all that did not expire.

Next: [errors](errors.md).
`;

/** The text of the page, formatted as this project formats pages. */
export async function writeLimitsPage(groups: readonly LimitGroup[]): Promise<string> {
  const text = [OPENING, ...groups.map(tableOf), CLOSING].join('\n');
  const options = await resolveConfig(join(root, LIMITS_PAGE));
  return format(text, { ...options, parser: 'markdown' });
}

function tableOf({ title, limits }: LimitGroup): string {
  const rows = limits.map(({ what, count, bytes, at, seen, option = '–' }) =>
    [what, count, bytes, at, seen, option].join(' | '),
  );
  const head = ['what', 'number', 'bytes', 'at the limit', 'how it is seen', 'option'];
  const lines = [head.join(' | '), head.map(() => '---').join(' | '), ...rows];
  return [`## ${title}`, '', ...lines.map((line) => `| ${line} |`), ''].join('\n');
}
