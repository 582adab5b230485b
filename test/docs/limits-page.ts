import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { LimitGroup } from './limits.ts';
import { root } from './pages.ts';

/** The page that `npm run docs:limits` writes, from the root of the repository. */
export const LIMITS_PAGE = 'docs/limits.md';

const OPENING = `# Limits

Every map, queue, log and buffer has a limit. This page says how much each takes, what happens at its limit, and how a program
sees that. \`npm run docs:limits\` writes the page from the numbers of the sources, and tests hold them.

An option such as \`max\` is one of \`createContextStore()\`, and an option such as \`lanes.waiting\` one of \`createRunner()\`.
Those of channels are options of \`createWebhook()\` or of the channel. If a row names no option, its number is fixed. Replies
are counted with two bytes for each character, as V8 keeps them.
`;

const CLOSING = `## What has no number

- **Calls that your program has under way**, such as \`open()\`, \`inspect()\`, \`idle()\`, and the requests of your host: Colloquy
  keeps an entry for each.
- **Services that timers start** do not wait for one another: if the timers of many users fire at once, all their services run
  at the same time.
- **The text of a message** has the limit of its body. \`handle()\` takes what you pass.
- **What a dialogue is made of**, such as states, options and locales, is there once for all users.
- Without a persister, a record that leaves memory is lost. With one, the database holds all records that have not expired.

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
