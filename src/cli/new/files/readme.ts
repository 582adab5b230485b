import { type NewProject, type Template, inLanguage, isServer } from '../project.ts';
import { settingsOf } from '../settings.ts';
import { programName } from './program.ts';

/** `README.md` of a new project: how to start it, what is in it, and how it reaches its platform. */
export function readmeFile(project: NewProject): string {
  const sections = [
    `# ${project.name}`,
    commands(project),
    files(project),
    platform(project),
    settings(project),
    docker(project),
    more(project),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function commands({ template, store, lang }: NewProject): string {
  const say = inLanguage(lang);
  const isPage = template === 'web';
  const rows: Row[] = [
    ['npm install', ''],
    ...STARTING[store](say),
    ...(needsAccount(template)
      ? [
          [
            'npm run page',
            say('talk with it in the browser, without an account', '在浏览器里聊，不需要账号'),
          ] as const,
        ]
      : []),
    [
      'npm start',
      isPage
        ? say(
            'a page to talk with it, on http://127.0.0.1:8080',
            '打开 http://127.0.0.1:8080 就能聊',
          )
        : template === 'terminal'
          ? say('talk with it here', '直接在终端里聊')
          : say(`the bot itself, once .env has its settings`, '正式的机器人，要先填好 .env'),
    ],
    ['npm test', say('types, lint, the transcripts and the tests', '类型、检查、对话脚本和测试')],
    [
      'npm run chat',
      say(
        'talk in the terminal; /forward 10m moves its clock',
        '在终端里聊；/forward 10m 可以拨快时钟',
      ),
    ],
    ['npm run studio', say('see the dialogue while you talk with it', '一边聊一边看状态图')],
  ];
  const width = Math.max(...rows.map(([command]) => command.length));
  const lines = rows.map(([command, does]) =>
    does === '' ? command : `${command.padEnd(width)}  # ${does}`,
  );
  return `${say('A conversation, made with [Colloquy](https://www.npmjs.com/package/colloquy).', '用 [Colloquy](https://www.npmjs.com/package/colloquy) 写的一段对话。')}

\`\`\`sh
${lines.join('\n')}
\`\`\``;
}

type Say = (english: string, chinese: string) => string;
type Row = readonly [string, string];

function needsAccount(template: Template): boolean {
  return template !== 'web' && template !== 'terminal';
}

/** What has to run before the bot does. */
const STARTING: Readonly<Record<NewProject['store'], (say: Say) => Row[]>> = {
  memory: () => [],
  lmdb: () => [],
  sqlite: () => [],
  redis: (say) => serverStart(say, 'redis', 'Redis'),
  postgres: (say) => serverStart(say, 'postgres', 'PostgreSQL'),
};

function serverStart(say: Say, service: string, name: string): Row[] {
  return [
    [
      `docker compose up --detach ${service}`,
      say(`${name}, if you have none`, `没有 ${name} 的话，启动一个`),
    ],
    ['cp .env.example .env', say('where it is', '里面写着它的地址')],
  ];
}

function files(project: NewProject): string {
  const { lang, template } = project;
  const say = inLanguage(lang);
  const hasSettings = settingsOf(project).length > 0;
  const rows: Row[] = [
    ['dialogue.ts', say('the conversation', '对话')],
    [
      'order.chat, stop.chat',
      say('conversations that it has to have, written down', '必须能这样聊的对话，写成脚本'),
    ],
    [
      'dialogue.test.ts',
      say('what is easier said in code, on a virtual clock', '用代码写更方便的测试，时钟是虚拟的'),
    ],
    [
      programName(project),
      say('the bot on its channel: what `npm start` runs', '接上渠道的机器人，`npm start` 运行它'),
    ],
    ...(isServer(project)
      ? ([['serve.ts', say('the server, and its end', '服务器，以及怎样停下来')]] as const)
      : []),
    ...(template === 'web'
      ? ([['page.html', say('the page that it serves', '聊天页')]] as const)
      : []),
    ['store.ts', say('where conversations are kept', '对话存在哪里')],
    ...(hasSettings ? ([['settings.ts', say('reads the settings', '读取配置')]] as const) : []),
    [
      'colloquy.config.ts',
      say('what `colloquy` on the command line is to know', '命令行工具 `colloquy` 的配置'),
    ],
  ];
  return table([say('file', '文件'), say('what it is', '内容')], rows);
}

function settings(project: NewProject): string {
  const say = inLanguage(project.lang);
  const rows = settingsOf(project).map(({ name, what, fallback, computed, neededIf }) => {
    const needed =
      fallback === undefined
        ? computed === undefined
          ? neededIf === undefined
            ? say('needed', '必填')
            : say('optional', '可选')
          : say('needed if NODE_ENV is production', 'NODE_ENV 为 production 时必填')
        : say(`default ${fallback}`, `默认 ${fallback}`);
    return [name, say(`${what.en} (${needed})`, `${what.zh}（${needed}）`)] as const;
  });
  if (rows.length === 0) return '';
  const head = say(
    '`npm start` reads them from the environment and from the file `.env`. If some are missing or do not fit, it names all of these and ends.',
    '`npm start` 从环境变量和 `.env` 文件里读取；缺了或填错了，会一次全部指出来，然后退出。',
  );
  return `## ${say('Settings', '配置')}\n\n${head}\n\n${table([say('variable', '变量'), say('what it is', '说明')], rows)}`;
}

function platform({ template, lang }: NewProject): string {
  return PLATFORMS[template]?.(inLanguage(lang)) ?? '';
}

const PLATFORMS: Readonly<Partial<Record<Template, (say: Say) => string>>> = {
  wechat: (say) =>
    say(
      `## In WeChat

1. Put a Token into \`.env\`, run \`npm start\`, and lead a public address to this machine, at port 80 or 443.
2. In 公众平台, 设置与开发 → 基本配置 → 服务器配置: the URL is that address with \`/wechat\` behind it, and the Token is the
   same as in \`.env\`. For 安全模式, fill in the AppID and the EncodingAESKey, too.
3. A reminder after ten minutes is said with the next message of the user: \`push\` of the channel sends it at once, for an account
   that may use the customer-service interface.`,
      `## 接到公众号

1. 在 \`.env\` 里填好令牌（Token），运行 \`npm start\`，再把公网地址的 80 或 443 端口转到本机。
2. 在公众平台“设置与开发 → 基本配置 → 服务器配置”里，URL 填“公网地址/wechat”，令牌和 \`.env\` 里的一致。选安全模式的话，\`.env\` 里再填
   AppID 和 EncodingAESKey。
3. 十分钟后的提醒，会等到用户下一条消息时先说。有客服消息权限的账号，给渠道加上 \`push\` 就能马上推过去。`,
    ),
  telegram: (say) =>
    say(
      `## In Telegram

1. Talk with [@BotFather](https://t.me/BotFather): \`/newbot\` gives the token.
2. Put the token into \`.env\`. \`npm start\` asks Telegram for messages, and answers. It needs no address: it runs on a laptop, too.
3. For a server that Telegram is to call instead, put its https address under \`PUBLIC_URL\`, and a secret: \`npm start\` tells
   Telegram. To ask again later, remove them and call \`deleteWebhook\` of the Bot API once.`,
      `## 接到 Telegram

1. 找 [@BotFather](https://t.me/BotFather)，用 \`/newbot\` 拿到令牌。
2. 在 \`.env\` 里填好令牌。\`npm start\` 自己去 Telegram 取消息，然后应答。不需要公网地址，笔记本上也能跑。
3. 上了服务器，想让 Telegram 来访问，就在 \`PUBLIC_URL\` 里填服务器的 https 地址，再填一个密钥：\`npm start\` 会告诉
   Telegram。以后要改回自己取，删掉这两项，再调用一次 Bot API 的 \`deleteWebhook\`。`,
    ),
  slack: (say) =>
    say(
      `## In Slack

1. Make an app at [api.slack.com/apps](https://api.slack.com/apps), with the scopes \`chat:write\`, \`im:history\` and \`app_mentions:read\`.
2. Put its Signing Secret and its token into \`.env\`, run \`npm start\`, and lead a public https address to this machine.
3. Event Subscriptions and Interactivity have that address with \`/slack\` behind it. Subscribe to \`message.im\` and \`app_mention\`.`,
      `## 接到 Slack

1. 在 [api.slack.com/apps](https://api.slack.com/apps) 新建应用，权限勾上 \`chat:write\`、\`im:history\` 和 \`app_mentions:read\`。
2. 在 \`.env\` 里填好 Signing Secret 和令牌，运行 \`npm start\`，再把公网的 https 地址转到本机。
3. Event Subscriptions 和 Interactivity 的地址都填“公网地址/slack”，订阅 \`message.im\` 和 \`app_mention\`。`,
    ),
};

function docker(project: NewProject): string {
  const say = inLanguage(project.lang);
  const command = isServer(project)
    ? 'docker compose up --build'
    : 'docker compose run --rm --build bot';
  const note =
    project.origin.kind === 'folder'
      ? say(
          '\n\nFirst put Colloquy into the image: `npm pack` it, copy the file here, and install that. A folder outside of the project cannot be copied.',
          '\n\n先把 Colloquy 装进镜像：用 `npm pack` 打包，把文件复制到这里再安装。项目外面的文件夹，镜像里复制不到。',
        )
      : '';
  return `## Docker

\`\`\`sh
${command}
\`\`\`${note}`;
}

function more({ lang }: NewProject): string {
  return inLanguage(lang)(
    '`npx colloquy --help` lists what else there is. The guide came with the package: [node_modules/colloquy/docs](node_modules/colloquy/docs/README.md).',
    '`npx colloquy --help` 列出其他命令。文档随包安装：[node_modules/colloquy/docs/zh-CN](node_modules/colloquy/docs/zh-CN/README.md)。',
  );
}

function table(head: Row, rows: readonly Row[]): string {
  const lines = rows.map(([name, what]) => {
    const code = name.split(', ').map((each) => `\`${each}\``);
    return `| ${code.join(', ')} | ${what} |`;
  });
  return [`| ${head.join(' | ')} |`, '| --- | --- |', ...lines].join('\n');
}
