import { type NewProject, type Template, inLanguage } from '../project.ts';
import { quoted } from './quoted.ts';

/** The file that `npm start` runs. */
export function programName({ template }: NewProject): string {
  return template === 'terminal' ? 'main.ts' : 'server.ts';
}

/** What `npm start` runs: the bot on its channel. */
export function programFile({ template, lang }: NewProject): string {
  return PROGRAMS[template](inLanguage(lang));
}

type Say = (english: string, chinese: string) => string;

const PROGRAMS: Readonly<Record<Template, (say: Say) => string>> = {
  terminal: (say) => `import { createRunner } from 'colloquy';
import { runTerminal } from 'colloquy/channels/terminal';
import dialogue from './dialogue.ts';
import { openStore } from './store.ts';

const { store, close } = await openStore();
const runner = createRunner(dialogue, { store });
await runner.start();

// ${say('Until Ctrl-D, Ctrl-C or /quit.', '一直聊到 Ctrl-D、Ctrl-C 或 /quit。')}
await runTerminal(runner, { reset: (openid) => store.delete(openid) });

await runner.stop();
await close();
`,
  web: (say) => `import { readFile } from 'node:fs/promises';
import { createRunner } from 'colloquy';
import { createWebChat } from 'colloquy/channels/web';
import dialogue from './dialogue.ts';
import { serve } from './serve.ts';
import { settings } from './settings.ts';
import { openStore } from './store.ts';

const { store, close } = await openStore();
${runnerOf(say)}

// ${say('It speaks first: a visitor who opens the page reads the first question.', '它先开口：打开页面就能看到第一个问题。')}
const chat = createWebChat(runner, { secret: settings.secret, greet: true });
const page = await readFile(new URL('page.html', import.meta.url), 'utf8');
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src https: http: data:; media-src https: http:; base-uri 'none'; form-action 'none'",
};

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  // ${say('What is said, and the script of the page.', '聊的内容，和页面的脚本。')}
  if (pathname === '/chat' || pathname === '/chat/chat.js') return chat(request);
  if (pathname === '/health') return new Response('ok');
  return pathname === '/' ? new Response(page, { headers }) : new Response(null, { status: 404 });
}

await runner.start();
await serve(answer, async () => {
  chat.close();
  await runner.stop();
  await close();
});
`,
  wechat: (say) => `import { createRunner } from 'colloquy';
import { createWebhook } from 'colloquy/channels/webhook';
import { wechat } from 'colloquy/channels/wechat';
import dialogue from './dialogue.ts';
import { serve } from './serve.ts';
import { settings } from './settings.ts';
import { openStore } from './store.ts';

const { store, close } = await openStore();
${runnerOf(say)}

const { token, appId, encodingAESKey } = settings;
const channel = wechat(
  encodingAESKey === undefined ? { token } : { token, mode: 'safe', appId, encodingAESKey },
);
// ${say('A turn may take 14.5 seconds: only the last of the three requests that WeChat makes is answered late.', '微信会发三次同样的请求，前两次先不答，一轮就有 14.5 秒。')}
const webhook = createWebhook(runner, channel, { hold: true, onError: console.error });
${webhookServer('/wechat')}`,
  telegram: (say) => `import { createRunner } from 'colloquy';
import { createSource } from 'colloquy/channels/source';
import { telegram } from 'colloquy/channels/telegram';
import { createWebhook } from 'colloquy/channels/webhook';
import dialogue from './dialogue.ts';
import { serve } from './serve.ts';
import { fail, settings } from './settings.ts';
import { openStore } from './store.ts';

const { store, close } = await openStore();
${runnerOf(say)}

const { baseUrl, publicUrl, secret, token } = settings;
const options = { onError: console.error };

/** ${say('Asks Telegram for messages: it needs no address.', '自己去 Telegram 取消息，不需要地址。')} */
function ask() {
  const source = createSource(runner, telegram({ token, baseUrl }), options);
  // ${say('Telegram refuses the bot for good, and onError has said why.', 'Telegram 不接受这个机器人，原因 onError 已经说了。')}
  source.ended.catch(() => fail());
  return source;
}

/** ${say('Has Telegram call this bot at its address.', '让 Telegram 来访问这个地址。')} */
async function register(url: string): Promise<void> {
  try {
    const response = await fetch(\`\${baseUrl}/bot\${token}/setWebhook\`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url, secret_token: secret }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(await response.text());
  } catch (error) {
    fail(
      \`PUBLIC_URL, TELEGRAM_TOKEN: ${say('Telegram does not take them: ', 'Telegram 没有接受：')}\${String(error)}\`,
    );
  }
}

const webhook = secret && createWebhook(runner, telegram({ token, secret, baseUrl }), options);
const source = webhook ? undefined : ask();
if (webhook) await register(\`\${publicUrl}/telegram\`);

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (webhook && pathname === '/telegram') return webhook(request);
  return pathname === '/health' ? new Response('ok') : new Response(null, { status: 404 });
}

await runner.start();
await serve(answer, async () => {
  await source?.stop();
  await runner.stop();
  await close();
});
`,
  slack: (say) => `import { createRunner } from 'colloquy';
import { slack } from 'colloquy/channels/slack';
import { createWebhook } from 'colloquy/channels/webhook';
import dialogue from './dialogue.ts';
import { serve } from './serve.ts';
import { settings } from './settings.ts';
import { openStore } from './store.ts';

const { store, close } = await openStore();
${runnerOf(say)}

const { baseUrl, signingSecret, token } = settings;
const channel = slack({ signingSecret, token, baseUrl });
const webhook = createWebhook(runner, channel, { onError: console.error });
${webhookServer('/slack')}`,
};

function runnerOf(say: Say): string {
  return `const runner = createRunner(dialogue, {
  store,
  onError: () => ${quoted(say('Sorry, please say that again.', '抱歉，请再说一遍。'))},
});
runner.on('error', ({ error }) => console.error(error));`;
}

function webhookServer(path: string): string {
  return `
async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === '${path}') return webhook(request);
  return pathname === '/health' ? new Response('ok') : new Response(null, { status: 404 });
}

await runner.start();
await serve(answer, async () => {
  await runner.stop();
  await close();
});
`;
}
