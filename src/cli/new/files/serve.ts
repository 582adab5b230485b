import { type NewProject, inLanguage } from '../project.ts';
import { quoted } from './quoted.ts';

/** `serve.ts` of a new project: a server that says where it is, and ends on a signal. */
export function serveFile({ lang, template }: NewProject): string {
  const say = inLanguage(lang);
  // Telegram calls only a bot that has an address.
  const path = template === 'web' || template === 'telegram' ? '' : `/${template}`;
  return `import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeListener } from 'colloquy/channels/node';
import { fail, settings } from './settings.ts';

/**
 * ${say('Serves until Ctrl-C or SIGTERM.', '一直运行到 Ctrl-C 或 SIGTERM。')}
 * @param end ${say('ends what answers, after the work that has begun', '做完已经开始的事，然后结束')}
 */
export async function serve(
  answer: (request: Request) => Promise<Response>,
  end: () => Promise<void>,
): Promise<void> {
  const { host, port } = settings;
  const server = createServer(toNodeListener(answer));
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    fail(
      \`HOST, PORT: ${say('cannot listen there: ', '这个地址用不了：')}\${String(error)}\`,
      ${quoted(say('Another PORT may be free; 0 takes a free one.', '换一个 PORT 试试，0 表示任选一个空闲端口。'))},
    );
  }
  const { port: taken } = server.address() as AddressInfo;
  console.log(\`${say('listening on', '正在监听')} http://\${host.includes(':') ? \`[\${host}]\` : host}:\${taken}${path}\`);

  await new Promise<void>((resolve) => {
    // ${say('Not once: Ctrl-C may arrive several times, from the terminal and from npm.', '不用 once：Ctrl-C 会从终端和 npm 各来一次。')}
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => resolve());
  });
  const closed = once(server, 'close');
  server.close();
  await end();
  server.closeIdleConnections();
  await closed;
}
`;
}

/** `page.html` of a bot on the web. */
export function chatPage({ name, lang }: NewProject): string {
  const say = inLanguage(lang);
  return `<!doctype html>
<html lang="${say('en', 'zh-CN')}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <title>${name}</title>
  </head>
  <body>
    <!-- ${say('Without the layout, it is a button in the corner of any page.', '去掉 layout，它就是任何页面角落里的一个按钮。')} -->
    <colloquy-chat endpoint="/chat" layout="page" title="${name}"></colloquy-chat>
    <script src="/chat/chat.js"></script>
  </body>
</html>
`;
}
