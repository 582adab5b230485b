import type { Report } from './part.ts';

/** The Chinese page of the benchmark has the same figures: this is what the texts around them are called there. */

const TEXTS: Readonly<Record<string, string>> = {
  Targets: '目标',
  figure: '项目',
  target: '目标',
  measured: '测得',
  met: '达到',
  missed: '没达到',
  'within noise': '在噪声以内',

  // What has a target.
  'import and first turn': '导入和第一轮',
  'a test of ten messages': '十条消息的测试',
  'a message that fills a form, against a turn': '一条消息填完表单，比一轮',
  'an exploration of the support desk': '探索客服台的例子',
  'WeChat over HTTP: against a bare handler, by processor time':
    '公众号走 HTTP：比裸的处理函数，按处理器时间',
  '1 000 000 idle conversations: p99 of a turn, against 1 000':
    '1 000 000 段空闲的对话：一轮的 p99，比 1 000 段',
  '1 000 000 idle conversations: RSS without flags': '1 000 000 段空闲的对话：RSS，不带参数',
  '1 000 000 expiries in a minute: not emitted once': '一分钟 1 000 000 次过期：不是恰好发一次的',
  '1 000 000 expiries in a minute: lateness': '一分钟 1 000 000 次过期：迟到',
  '1 000 000 expiries in a minute: event loop away': '一分钟 1 000 000 次过期：事件循环停住',
  '1 000 000 expiries in a minute: CPU': '一分钟 1 000 000 次过期：CPU',
  '1 000 000 pending delays: heap each': '1 000 000 个等着的延时：每个的堆内存',
  '1 000 000 pending delays: set or cancel in a turn': '1 000 000 个等着的延时：一轮里设或取消',
  'the first date of a process': '进程里的第一个日期',

  // Titles, and what is said below them.
  'Five turns a round, users in turn, every reply checked. With 64 in flight, p50 to p99.9 are those of 64 messages that arrive at once. grammY is measured with one in flight: with several, some of its conversations never ended here.':
    '一遍五轮，用户轮流，每条回复都检查。64 条同时进行时，p50 到 p99.9 是同时到达的 64 条消息的。grammY 只测一条接一条：同时几条，它有些对话在这里没有结束。',
  'The same. Every user plays a first round first; a slow system stops after ten seconds. The weight of a conversation, message ids included, is measured over those that exist by then.':
    '同上。每个用户先聊第一遍；慢的系统十秒后停下。一段对话的重量（连同消息 id）按到那时存在的来测。',
  'An idle conversation': '空闲的一段对话',
  'In real time, in one process, with a listener for each; the time that the event loop was away includes garbage collection.':
    '真实时间，一个进程，每次过期都有监听函数；事件循环停住的时间包括垃圾回收。',
  'A dialogue with an `after` of a month, against the same one without: the difference is the weight and the cost of its delays, including the work of XState. The index of due times is also measured by itself.':
    '一段带一个月 `after` 的对话，和不带的同一段比：差别就是延时的重量和代价，包括 XState 做的事。到期时间的索引也单独测了。',
  'WeChat over HTTP': '公众号走 HTTP',
  'Import and first turn': '导入和第一轮',
  'In a new process, without the start of Node.js itself.': '新的进程里，不算 Node.js 自己的启动。',
  'A test of a conversation': '一个对话测试',
  '`converse(survey)`, ten messages with an expectation after each, then two virtual years in which the context expires: each run sets everything up again, as a test does.':
    '`converse(survey)`，十条消息，每条之后断言一次，再过两个虚拟年让上下文过期：每次都从头准备，和测试一样。',
  'A form that one message fills': '一条消息填完的表单',
  'Each message leads to a form of three slots (a number, an option, a name) and fills all of them; beside it the mean turn of the survey in `ask` and `confirm`, in the same process, 1 000 users, one in flight.':
    '每条消息都进入一个三个槽的表单（一个数、一个选项、一个名字），并且一次填完；和它比的是用 `ask`、`confirm` 写的调查平均一轮，同一个进程，1 000 个用户，一条接一条。',
  'An exploration': '一次探索',
  'Reading an answer': '读一个回答',
  'Each parser reads texts of 200, 500 and 1 000 characters, made of one piece that is repeated, for about 60 pieces that are hard for some parser. The table shows the median for the slowest text. The first date is read in a new process, after the import.':
    '每个解析器读 200、500、1 000 个字符的文字，由一小段重复而成，这样的小段约 60 个，都是某个解析器难读的。表里是最慢那段文字的中位数。第一个日期在新的进程里读，导入之后。',
  'Cost as things grow': '东西多了以后的代价',
  'Microseconds per turn, one in flight, in one process that plays the slices in turn.':
    '每轮微秒数，一条接一条，在轮流跑各小段的一个进程里。',

  // Systems.
  'bare XState, a live actor for each user': '裸的 XState，每个用户一个活的 actor',
  'colloquy, the whole `handle()`': 'colloquy，整个 `handle()`',
  'colloquy, written in `ask` and `confirm`': 'colloquy，用 `ask`、`confirm` 写的',
  'Telegraf, wizard scene': 'Telegraf，wizard scene',
  'a `switch` by hand over a `Map`': '手写的 `switch` 加 `Map`',
  'XState, a JSON snapshot for each user': 'XState，每个用户一个 JSON 快照',
  'XState JSON in LMDB': 'LMDB 里的 XState JSON',
  'colloquy on LMDB': 'LMDB 上的 colloquy',
  'XState JSON in Redis': 'Redis 里的 XState JSON',
  'colloquy on Redis': 'Redis 上的 colloquy',
  'XState JSON in PostgreSQL': 'PostgreSQL 里的 XState JSON',
  'colloquy on PostgreSQL': 'PostgreSQL 上的 colloquy',
  'grammY, its file storage': 'grammY，它的文件存储',
  'bare handler': '裸的处理函数',
  'colloquy, `createWebhook`': 'colloquy，`createWebhook`',
  'the survey in `ask` and `confirm`': '用 `ask`、`confirm` 写的调查',
  'the form': '表单',

  // Heads of tables.
  system: '系统',
  'turns/s': '轮/秒',
  'against bare XState': '比裸的 XState',
  'against colloquy': '比 colloquy',
  'CPU a turn': '每轮 CPU',
  'loop p99': '循环 p99',
  conversations: '对话数',
  'heap each': '每段堆内存',
  'RSS each': '每段 RSS',
  'RSS of the process': '进程的 RSS',
  'p99 of a turn': '一轮的 p99',
  'against 1 000': '比 1 000 段',
  'emitted once': '发一次',
  'emitted again': '又发',
  'never emitted': '没发',
  early: '提早',
  'late, p99': '迟到 p99',
  'late, most': '迟到最多',
  'loop away, most': '循环停住最多',
  'in a turn, set or cancel': '一轮里，设或取消',
  'in the index: set': '索引里：设',
  cancel: '取消',
  server: '服务器',
  'requests/s': '请求/秒',
  'against the bare handler': '比裸的处理函数',
  'CPU a request': '每个请求 CPU',
  'client busy': '客户端忙',
  what: '什么',
  time: '时间',
  turn: '轮',
  'against a turn of the survey': '比调查的一轮',
  median: '中位数',
  parser: '解析器',
  'slowest text': '最慢的文字',
  'made of': '由它重复',
  'how many': '多少',
  'a turn': '每轮',
  'for ten times as many': '多十倍时',

  // Rows.
  'XState alone, to its first event': '只有 XState，到第一个事件',
  'colloquy, XState included, to its first reply': 'colloquy，连同 XState，到第一条回复',
  'first date of a process': '进程里的第一个日期',
  'users in memory': '内存里的用户',
  'keys in the context, one of which changes': '上下文的键，变一个',
  'keys, by themselves: `Object.freeze({ ...context, key0 })`':
    '键，单独：`Object.freeze({ ...context, key0 })`',
  'states of the dialogue, one after the other': '对话的状态，一个接一个',
};

const WORDS: Readonly<Record<string, string>> = {
  'live actors': '活的 actor',
  memory: '内存',
  users: '个用户',
  keys: '个键',
  states: '个状态',
  ', in ask and confirm': '，用 ask、confirm',
};

/** Texts that have figures in them. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [
    /^memory, (.+) users, (\d+) in flight(, in ask and confirm)?: against (.+)$/,
    '内存，$1 个用户，$2 条同时{$3}：比 {$4}',
  ],
  [
    /^heap of an idle conversation, 100 000 users(, in ask and confirm)?$/,
    '空闲的一段对话的堆内存，100 000 个用户{$1}',
  ],
  [/^(\w+), (\d+) in flight: against XState JSON in \w+$/, '$1，$2 条同时：比 $1 里的 XState JSON'],
  [/^(\w+), (\d+) in flight: against memory$/, '$1，$2 条同时：比内存'],
  [/^1 000 000 idle conversations: RSS with (.+)$/, '1 000 000 段空闲的对话：RSS，带 $1'],
  [/^cost of a turn, (.+) (users|keys|states) against a tenth$/, '一轮的代价，$1 {$2}比十分之一'],
  [/^(\w+)\(\): up to 1 000 characters$/, '$1()：1 000 个字符以内'],
  [/^(.+), without the flag$/, '$1，不带参数'],
  [/^In memory, (.+) users$/, '内存里，$1 个用户'],
  [/^Durable, (.+) users$/, '落盘，$1 个用户'],
  [/^1 in flight, (.+) users$/, '一条接一条，$1 个用户'],
  [/^(\d+) in flight, (.+) users$/, '$1 条同时进行，$2 个用户'],
  [/^(.+) idle conversations$/, '$1 段空闲的对话'],
  [/^(.+) expiries within (\d+) seconds$/, '$2 秒里 $1 次过期'],
  [/^(.+) pending delays$/, '$1 个等着的延时'],
  [
    /^LMDB is on the disk before a turn is answered\. Redis (\S+) with .+ PostgreSQL (\S+) as it comes, 16 connections .+$/,
    'LMDB 先落盘，再应答。Redis $1 用追加文件，每秒写一次；colloquy 每一轮取得并归还租约。PostgreSQL $2 用默认设置，每个系统 16 个连接：colloquy 每一轮一个租约，XState 每一轮一个锁住那一行的事务（`SELECT … FOR UPDATE`）。grammY 的文件存储不等磁盘。',
  ],
  [
    /^Every user plays a first round; then users speak in turn, one at a time\. The process .+ runs with `(.+)`, and once, for its memory, without\.$/,
    '每个用户先聊第一遍，然后轮流说话，一次一条。装着很多对话的进程用 `$1`；另外不带它跑一次，只看内存。',
  ],
  [
    /^(\d+) connections kept alive .+; (.+) users, every message signed .+ colloquy has (\S+) ± (\S+) the speed of the bare handler\.$/,
    '由单独的客户端进程保持 $1 条连接；$2 个用户，每条消息都签名，id 都是新的，每条回复都检查。裸的 `node:http` 处理函数读请求体，用同样的解析器解析，回答一个常量。客户端几乎总在忙时，快慢由它决定，不由服务器决定，所以公平的量是服务器每个请求占的 CPU。按这个量，colloquy 的速度是裸处理函数的 $3 ± $4。',
  ],
  [
    /^`explore\(\)` of `examples\/support-desk` .+ 4 000 steps, from which it finds (\d+) conversations .+$/,
    '用 `explore()` 探索 `examples/support-desk`，样例和步数都按它的配置：走 4 000 步，从中找出 $1 段对话，再把每一段对真的运行器说一遍。每次都是新的进程。',
  ],
];

/** Names, figures and units, which are the same in both languages. */
const SAME =
  /^[^a-z]*$|^[\d –.,×±%]*(?:µs|ms|ns|s|B|[KMG]iB|%|×)?(?: ± [\d .]+(?:µs|ms|ns|s|×)?)?$|^(?:p50|p99|p99\.9|GC|RSS|CPU|Bottender|botbuilder-dialogs|grammY \+ conversations)$|^".*"$|^\w+(?:\(\))?$/u;

/** @throws Error for a text that this file does not have */
export function toChinese(text: string): string {
  const known = TEXTS[text];
  if (known !== undefined) return known;
  for (const [pattern, chinese] of PATTERNS) {
    if (!pattern.test(text)) continue;
    return text.replace(pattern, chinese).replaceAll(/\{([^}]*)\}/gu, (_, word: string) => {
      return WORDS[word] ?? word;
    });
  }
  if (SAME.test(text)) return text;
  throw new Error(`bench/chinese.ts does not say what this is in Chinese: ${text}`);
}

export function reportInChinese({ title, text, tables, checks }: Report): Report {
  return {
    title: toChinese(title),
    text: toChinese(text),
    tables: tables.map(({ caption, head, rows }) => ({
      ...(caption !== undefined && { caption: toChinese(caption) }),
      head: head.map(toChinese),
      rows: rows.map((cells) => cells.map(toChinese)),
    })),
    checks: checks.map((check) => ({ ...check, what: toChinese(check.what) })),
  };
}
