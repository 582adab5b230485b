import { type NewProject, inLanguage } from './project.ts';
import { PACKAGE } from './origin.ts';

/** What is printed when a project is there. @param place of the project, as its reader writes it */
export function nextSteps(project: NewProject, place: string): string {
  const { name, template, store, origin, lang } = project;
  const say = inLanguage(lang);
  const needsAccount = template !== 'web' && template !== 'terminal';
  const needsServer = store === 'redis' || store === 'postgres';
  const rows: readonly (readonly [string, string])[] = [
    [`cd ${place}`, ''],
    ['npm install', ''],
    ['npm test', say('types, lint, transcripts and tests', '类型、检查、对话脚本和测试')],
    ...(needsAccount
      ? [['npm run page', say('talk with it in the browser', '在浏览器里和它聊')] as const]
      : []),
    ...(needsAccount || needsServer
      ? [['cp .env.example .env', say('its settings: fill them in', '填好配置')] as const]
      : []),
    ...(needsServer
      ? [[`docker compose up --detach ${store}`, say('if you have none', '还没有的话')] as const]
      : []),
    ['npm start', STARTS[template](say)],
  ];
  const width = Math.max(...rows.map(([command]) => command.length));
  const lines = rows.map(([command, does]) =>
    does === '' ? `  ${command}` : `  ${command.padEnd(width)}  # ${does}`,
  );
  const from =
    origin.kind === 'spec'
      ? []
      : origin.kind === 'tarball'
        ? [
            say(
              `It installs ${PACKAGE} from a copy of ${origin.path}, which this program came from.`,
              `它安装的 ${PACKAGE} 是 ${origin.path} 的副本，和本程序同一个来源。`,
            ),
          ]
        : [
            say(
              `It installs ${PACKAGE} from ${origin.path}, where this program is.`,
              `它从 ${origin.path} 安装 ${PACKAGE}，也就是本程序所在的文件夹。`,
            ),
          ];
  return [say(`${name} is there. What next:`, `${name} 建好了。接下来：`), ...lines, ...from].join(
    '\n',
  );
}

const STARTS: Readonly<
  Record<NewProject['template'], (say: (english: string, chinese: string) => string) => string>
> = {
  web: (say) => say('its page, on http://127.0.0.1:8080', '打开 http://127.0.0.1:8080 和它聊'),
  terminal: (say) => say('talk with it here', '就在终端里和它聊'),
  wechat: (say) => say('the bot, for WeChat', '给公众号用的机器人'),
  telegram: (say) => say('the bot, for Telegram', '给 Telegram 用的机器人'),
  slack: (say) => say('the bot, for Slack', '给 Slack 用的机器人'),
};
