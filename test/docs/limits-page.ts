import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { LimitGroup } from './limits.ts';
import { toChinese } from './chinese-limits.ts';
import { root } from './pages.ts';

/** What of the page is written by hand, and its language. */
export interface LimitsPage {
  /** From the root of the repository. */
  readonly path: string;
  readonly opening: string;
  readonly closing: string;
  /** A cell of the tables, or the title of one. */
  readonly translate: (cell: string) => string;
}

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

const CHINESE_OPENING = `# 上限

每个映射、队列、日志和缓冲区都有上限。这一页说明各占多少，到了上限会怎样，程序怎样看得到。\`npm run docs:limits\` 按源码里的数字写出这一页，测试守着它们。

\`max\` 这样的选项是 \`createContextStore()\` 的，\`lanes.waiting\` 这样的是 \`createRunner()\` 的。渠道的选项是 \`createWebhook()\` 的，或者渠道自己的。一行没有写选项，数字就是固定的。回复按每个字符两字节算，V8 就是这样存的。
`;

const CHINESE_CLOSING = `## 没有数字的

- **你的程序正在进行的调用**，例如 \`open()\`、\`inspect()\`、\`idle()\`，还有你的服务器的请求：Colloquy 为每个留一项。
- **定时器启动的服务**互不等待：许多用户的定时器同时触发，他们的服务就同时运行。
- **消息的文字**受请求体的上限限制。\`handle()\` 收下你传的。
- **组成对话的东西**，例如状态、选项、语言，所有用户共用一份。
- 没有持久化后端，离开内存的记录就丢了。有的话，没过期的记录都在数据库里。

下一页：[错误](errors.md)。
`;

export const LIMITS_PAGES: readonly LimitsPage[] = [
  { path: 'docs/limits.md', opening: OPENING, closing: CLOSING, translate: (cell) => cell },
  {
    path: 'docs/zh-CN/limits.md',
    opening: CHINESE_OPENING,
    closing: CHINESE_CLOSING,
    translate: toChinese,
  },
];

/** The text of a page, formatted as this project formats pages. */
export async function writeLimitsPage(
  groups: readonly LimitGroup[],
  { path, opening, closing, translate }: LimitsPage,
): Promise<string> {
  const tables = groups.map((group) => tableOf(group, translate));
  const options = await resolveConfig(join(root, path));
  return format([opening, ...tables, closing].join('\n'), { ...options, parser: 'markdown' });
}

function tableOf({ title, limits }: LimitGroup, translate: LimitsPage['translate']): string {
  const rows = limits.map(({ what, count, bytes, at, seen, option = '–' }) =>
    [what, count, bytes, at, seen, option].map(translate).join(' | '),
  );
  const head = ['what', 'number', 'bytes', 'at the limit', 'how it is seen', 'option'].map(
    translate,
  );
  const lines = [head.join(' | '), head.map(() => '---').join(' | '), ...rows];
  return [`## ${translate(title)}`, '', ...lines.map((line) => `| ${line} |`), ''].join('\n');
}
