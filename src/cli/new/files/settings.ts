import { type NewProject, inLanguage } from '../project.ts';
import { type EnvironmentSetting, settingsOf } from '../settings.ts';
import { quoted } from './quoted.ts';

/** `settings.ts` of a new project: reads all settings, and names all that are wrong at once. */
export function settingsFile(project: NewProject): string {
  const say = inLanguage(project.lang);
  const settings = settingsOf(project);
  const hasChance = settings.some(({ computed = '' }) => computed.includes('randomBytes'));
  const imports = [
    ...(hasChance ? ["import { randomBytes } from 'node:crypto';"] : []),
    "import { existsSync } from 'node:fs';",
  ];
  const blocks = [
    imports.join('\n'),
    `// ${say('What the environment does not say comes from the file .env, if there is one.', '环境变量优先，没有的再从 .env 文件里取。')}
if (existsSync('.env')) process.loadEnvFile('.env');`,
    'const problems: string[] = [];',
    `/** ${say('Reads a setting. All that is wrong is said at once, at the end.', '读一项配置。有问题先记下，最后一起说。')} */
function read(name: string, what: string, fits: (value: string) => boolean, fallback = ''): string {
  const value = process.env[name] || fallback;
  if (value === '') problems.push(\`${say('${name} is missing: ', '缺少 ${name}：')}\${what}\`);
  else if (!fits(value)) problems.push(\`${say('${name} does not fit: ', '${name} 不对：')}\${what}\`);
  return value;
}`,
    ...modeOf(project),
    `export const settings = {
${settings.map((setting) => readCall(setting, project)).join('\n')}
};`,
    `/** ${say('Says what is wrong, and ends the program.', '说清楚哪里不对，然后退出。')} */
export function fail(...found: readonly string[]): never {
  for (const problem of found) console.error(problem);
  process.exit(1);
}`,
    `if (problems.length > 0) ${failure(project)}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function modeOf({ template, lang }: NewProject): readonly string[] {
  if (template !== 'wechat') return [];
  const comment = inLanguage(lang)(
    'In safe mode (安全模式) messages are encrypted, by the key that WeChat gives.',
    '填了密钥就是安全模式，消息都是加密的。',
  );
  return [
    `// ${comment}
const isSafe = Boolean(process.env['WECHAT_APP_ID'] || process.env['WECHAT_AES_KEY']);`,
  ];
}

function readCall(setting: EnvironmentSetting, { lang }: NewProject): string {
  const { name, key, what, fits, fallback, computed, neededIf } = setting;
  const otherwise = computed ?? (fallback === undefined ? undefined : quoted(fallback));
  const given = [quoted(name), quoted(what[lang]), fits, ...(otherwise ? [otherwise] : [])];
  const callAt = (indent: string): string =>
    ['read(', ...given.map((line) => `${indent}  ${line},`), `${indent})`].join('\n');
  if (name === 'PORT') return `  ${key}: Number(\n    ${callAt('    ')},\n  ),`;
  if (neededIf === undefined) return `  ${key}: ${callAt('  ')},`;
  return `  ${key}: ${neededIf}\n    ? ${callAt('      ')}\n    : undefined,`;
}

/** What ends the program, with how to talk with the bot without an account of its platform. */
function failure({ template, lang }: NewProject): string {
  if (template === 'web' || template === 'terminal') return 'fail(...problems);';
  const say = inLanguage(lang);
  const where = say(
    'Set them in the environment, or in the file .env: cp .env.example .env',
    '写在环境变量里，或者写进 .env 文件：cp .env.example .env',
  );
  const before = say(
    'Without an account, talk with the bot in the terminal (npm run chat) or in the browser (npm run page).',
    '还没有账号也能先聊：在终端里 npm run chat，在浏览器里 npm run page。',
  );
  return `{
  fail(
    ...problems,
    '',
    ${quoted(where)},
    ${quoted(before)},
  );
}`;
}

/** `.env.example`: all settings, and what each is. */
export function envExample(project: NewProject): string {
  const head = inLanguage(project.lang)(
    '# Settings of the bot: cp .env.example .env, and fill in .env. No commit and no image has that.',
    '# 机器人的配置：cp .env.example .env，然后填好 .env。它不进版本库，也不进镜像。',
  );
  const blocks = settingsOf(project).map(
    ({ name, what, example, fallback, computed, neededIf }) => {
      const mayBeMissing = [fallback, computed, neededIf].some((each) => each !== undefined);
      return `# ${what[project.lang]}\n${mayBeMissing ? '# ' : ''}${name}=${example ?? fallback ?? ''}\n`;
    },
  );
  return [`${head}\n`, ...blocks].join('\n');
}
