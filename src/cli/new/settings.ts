import {
  type Bilingual,
  type NewProject,
  type StoreKind,
  type Template,
  isServer,
} from './project.ts';

/** A variable of the environment that a new project reads. Its settings, `.env.example` and README are made of these. */
export interface EnvironmentSetting {
  readonly name: string;
  /** What the program calls it. */
  readonly key: string;
  /** What it is, and what it has to be like. */
  readonly what: Bilingual;
  /** The code of a function that says whether a value fits. */
  readonly fits: string;
  /** The value without one. */
  readonly fallback?: string;
  /** The code of the value without one, where that is no constant. */
  readonly computed?: string;
  /** The code of a condition under which it has to be there; otherwise it may be missing. */
  readonly neededIf?: string;
  /** What stands in `.env.example`. Default: the fallback. */
  readonly example?: string;
}

/** All settings of a project, those of its platform first. */
export function settingsOf(project: NewProject): readonly EnvironmentSetting[] {
  const address = isServer(project) ? ADDRESS : [];
  return [...OF_TEMPLATES[project.template], ...OF_STORES[project.store], ...address];
}

const ADDRESS: readonly EnvironmentSetting[] = [
  {
    name: 'HOST',
    key: 'host',
    what: {
      en: 'the address to listen on: 127.0.0.1 is this machine alone, 0.0.0.0 all that reach it',
      zh: '监听的地址：127.0.0.1 只有本机能访问，0.0.0.0 谁都能访问',
    },
    fits: String.raw`(value) => /^[\w.:-]+$/.test(value)`,
    fallback: '127.0.0.1',
  },
  {
    name: 'PORT',
    key: 'port',
    what: {
      en: 'a number from 0 to 65535; 0 takes a free one',
      zh: '0 到 65535 的数字；0 表示任选一个空闲端口',
    },
    fits: String.raw`(value) => /^\d{1,5}$/.test(value) && Number(value) < 65_536`,
    fallback: '8080',
  },
];

const OF_TEMPLATES: Readonly<Record<Template, readonly EnvironmentSetting[]>> = {
  terminal: [],
  web: [
    {
      name: 'SECRET',
      key: 'secret',
      what: {
        en: 'it signs the cookies of visitors: 16 characters or more, as `openssl rand -base64 24` makes',
        zh: '用来给访客的 cookie 签名：至少 16 个字符，可以用 `openssl rand -base64 24` 生成',
      },
      fits: '(value) => value.length >= 16',
      // Without one, a restart makes new sessions; in production that has to be said.
      computed:
        "process.env['NODE_ENV'] === 'production' ? '' : randomBytes(24).toString('base64url')",
    },
  ],
  wechat: [
    {
      name: 'WECHAT_TOKEN',
      key: 'token',
      what: {
        en: 'the Token of 设置与开发 → 基本配置 → 服务器配置: 3 to 32 letters, digits, - and _',
        zh: '公众平台“设置与开发 → 基本配置 → 服务器配置”里的令牌（Token）：3 到 32 个字母、数字、- 或 _',
      },
      fits: String.raw`(value) => /^[\w-]{3,32}$/.test(value)`,
    },
    {
      name: 'WECHAT_APP_ID',
      key: 'appId',
      what: {
        en: 'the AppID, which begins with wx; safe mode (安全模式) needs it beside WECHAT_AES_KEY',
        zh: 'AppID，以 wx 开头；安全模式要和 WECHAT_AES_KEY 一起填',
      },
      fits: String.raw`(value) => /^wx\w{16}$/.test(value)`,
      neededIf: 'isSafe',
    },
    {
      name: 'WECHAT_AES_KEY',
      key: 'encodingAESKey',
      what: {
        en: 'the EncodingAESKey, 43 letters and digits; safe mode (安全模式) needs it beside WECHAT_APP_ID',
        zh: '消息加解密密钥（EncodingAESKey），43 个字母和数字；安全模式要和 WECHAT_APP_ID 一起填',
      },
      fits: String.raw`(value) => /^[A-Za-z0-9]{43}$/.test(value)`,
      neededIf: 'isSafe',
    },
  ],
  telegram: [
    {
      name: 'TELEGRAM_TOKEN',
      key: 'token',
      what: {
        en: 'the token that @BotFather gives a bot, as 110201543:AAHdqTcv',
        zh: '@BotFather 给的令牌，形如 110201543:AAHdqTcv',
      },
      fits: String.raw`(value) => /^\d{1,20}:[\w-]{1,256}$/.test(value)`,
    },
    {
      name: 'TELEGRAM_SECRET',
      key: 'secret',
      what: {
        en: 'needed beside PUBLIC_URL: it proves that a request is from Telegram: 16 to 256 letters, digits, - and _, as `openssl rand -hex 24` makes',
        zh: '填了 PUBLIC_URL 才需要，用来证明请求来自 Telegram：16 到 256 个字母、数字、- 或 _，可以用 `openssl rand -hex 24` 生成',
      },
      fits: String.raw`(value) => /^[\w-]{16,256}$/.test(value)`,
      neededIf: "process.env['PUBLIC_URL']",
    },
    {
      name: 'PUBLIC_URL',
      key: 'publicUrl',
      what: {
        en: 'the https address at which Telegram is to call this server; without one, the bot asks Telegram for messages',
        zh: '让 Telegram 来访问本服务器的 https 地址；不填的话，机器人自己去 Telegram 取消息',
      },
      fits: String.raw`(value) => /^https:\/\/[^\s/]+$/.test(value)`,
      neededIf: "process.env['PUBLIC_URL']",
    },
    {
      name: 'TELEGRAM_API',
      key: 'baseUrl',
      what: { en: 'the address of the Bot API', zh: 'Bot API 的地址' },
      fits: String.raw`(value) => /^https?:\/\/[^\s/]+$/.test(value)`,
      fallback: 'https://api.telegram.org',
    },
  ],
  slack: [
    {
      name: 'SLACK_SIGNING_SECRET',
      key: 'signingSecret',
      what: {
        en: 'the Signing Secret of the app: Basic Information → App Credentials',
        zh: '应用的 Signing Secret，在 Basic Information → App Credentials',
      },
      fits: String.raw`(value) => /^\S{16,}$/.test(value)`,
    },
    {
      name: 'SLACK_TOKEN',
      key: 'token',
      what: {
        en: 'the Bot User OAuth Token of the app, which begins with xoxb-: OAuth & Permissions',
        zh: '应用的 Bot User OAuth Token，以 xoxb- 开头，在 OAuth & Permissions',
      },
      fits: String.raw`(value) => /^xoxb-[!-~]+$/.test(value)`,
    },
    {
      name: 'SLACK_API',
      key: 'baseUrl',
      what: { en: 'the address of the Web API', zh: 'Web API 的地址' },
      fits: String.raw`(value) => /^https?:\/\/[^\s/]+(?:\/\w+)*$/.test(value)`,
      fallback: 'https://slack.com/api',
    },
  ],
};

const FOLDER: EnvironmentSetting = {
  name: 'DATA',
  key: 'data',
  what: { en: 'the folder that conversations are kept in', zh: '存放对话的文件夹' },
  fits: "(value) => value.trim() !== ''",
  fallback: 'data',
};

const OF_STORES: Readonly<Record<StoreKind, readonly EnvironmentSetting[]>> = {
  memory: [],
  lmdb: [FOLDER],
  sqlite: [FOLDER],
  redis: [
    {
      name: 'REDIS_URL',
      key: 'redisUrl',
      what: {
        en: 'the address of Redis, as redis://127.0.0.1:6379; `docker compose up --detach redis` starts one there',
        zh: 'Redis 的地址，如 redis://127.0.0.1:6379；`docker compose up --detach redis` 会在那里启动一个',
      },
      fits: String.raw`(value) => /^rediss?:\/\/\S+$/.test(value)`,
      example: 'redis://127.0.0.1:6379',
    },
  ],
  postgres: [
    {
      name: 'DATABASE_URL',
      key: 'databaseUrl',
      what: {
        en: 'the address of PostgreSQL, as postgres://bot:bot@127.0.0.1:5432/bot; `docker compose up --detach postgres` starts one there',
        zh: 'PostgreSQL 的地址，如 postgres://bot:bot@127.0.0.1:5432/bot；`docker compose up --detach postgres` 会在那里启动一个',
      },
      fits: String.raw`(value) => /^postgres(?:ql)?:\/\/\S+$/.test(value)`,
      example: 'postgres://bot:bot@127.0.0.1:5432/bot',
    },
  ],
};
