import { type Lang, type NewProject, type StoreKind, inLanguage, isServer } from '../project.ts';
import { hasData } from './docker.ts';

/** `compose.yaml`: the bot, and the server of its store where it has one. */
export function composeFile(project: NewProject): string {
  const { store, lang } = project;
  const server = SERVERS[store]?.(lang);
  const isKept = hasData(project);
  const environment = [
    ...(isServer(project) ? ['HOST: 0.0.0.0', 'PORT: 8080'] : []),
    ...(isKept ? ['DATA: data'] : []),
    ...(server === undefined ? [] : [server.setting]),
  ];
  const bot = [
    '  bot:',
    '    build: .',
    // Signals reach the bot, and what it leaves is cleared away.
    '    init: true',
    ...(isServer(project) ? serving(lang) : talking(lang)),
    ...(environment.length === 0 ? [] : ['    environment:', ...indented(6, environment)]),
    ...(server === undefined ? [] : waiting(store)),
    ...(isKept ? ['    volumes:', '      - data:/app/data'] : []),
  ];
  const volumes = isKept || server !== undefined ? [isKept ? 'data' : store] : [];
  const lines = [
    'services:',
    ...bot,
    ...(server === undefined ? [] : ['', `  ${store}:`, ...indented(4, server.lines)]),
    ...(volumes.length === 0 ? [] : ['', 'volumes:', ...volumes.map((name) => `  ${name}:`)]),
  ];
  return `${lines.join('\n')}\n`;
}

function serving(lang: Lang): string[] {
  const say = inLanguage(lang);
  return [
    '    restart: unless-stopped',
    `    # ${say('This machine alone: a proxy in front of it speaks HTTPS.', '只有本机能访问，HTTPS 交给前面的代理。')}`,
    '    ports:',
    "      - '127.0.0.1:8080:8080'",
    '    env_file:',
    '      - path: .env',
    '        required: false',
    `    # ${say('In the container these are other than in .env.', '容器里的这几项和 .env 里的不一样。')}`,
  ];
}

function talking(lang: Lang): string[] {
  return [
    `    # ${inLanguage(lang)('To talk with it: docker compose run --rm bot', '和它聊：docker compose run --rm bot')}`,
    '    stdin_open: true',
    '    tty: true',
  ];
}

function waiting(store: StoreKind): string[] {
  return ['    depends_on:', `      ${store}:`, '        condition: service_healthy'];
}

function indented(spaces: number, lines: readonly string[]): string[] {
  return lines.map((line) => `${' '.repeat(spaces)}${line}`);
}

/** The server of a store. */
interface StoreServer {
  /** What the bot has to know of it. */
  readonly setting: string;
  readonly lines: readonly string[];
}

const CHECKED = ['  interval: 5s', '  timeout: 3s', '  retries: 10'];

const SERVERS: Readonly<Partial<Record<StoreKind, (lang: Lang) => StoreServer>>> = {
  redis: (lang) => ({
    setting: 'REDIS_URL: redis://redis:6379',
    lines: [
      'image: redis:8-alpine',
      'restart: unless-stopped',
      `# ${inLanguage(lang)('Each turn is on the disk before it is answered.', '每一轮都先落盘再应答。')}`,
      'command: redis-server --appendonly yes --appendfsync always',
      'ports:',
      "  - '127.0.0.1:6379:6379'",
      'volumes:',
      '  - redis:/data',
      'healthcheck:',
      "  test: ['CMD', 'redis-cli', 'ping']",
      ...CHECKED,
    ],
  }),
  postgres: (lang) => ({
    setting: 'DATABASE_URL: postgres://bot:bot@postgres:5432/bot',
    lines: [
      'image: postgres:17-alpine',
      'restart: unless-stopped',
      `# ${inLanguage(lang)('In production, take another password, here and above.', '上线时换掉密码，这里和上面都要换。')}`,
      'environment:',
      '  POSTGRES_USER: bot',
      '  POSTGRES_PASSWORD: bot',
      '  POSTGRES_DB: bot',
      'ports:',
      "  - '127.0.0.1:5432:5432'",
      'volumes:',
      '  - postgres:/var/lib/postgresql/data',
      'healthcheck:',
      "  test: ['CMD', 'pg_isready', '--username', 'bot']",
      ...CHECKED,
    ],
  }),
};
