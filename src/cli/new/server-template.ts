/** The page of a new project. @param name as npm takes it, so that it needs no escape */
export function pageTemplate(name: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <title>${name}</title>
  </head>
  <body>
    <!-- Without the layout, it is a button in the corner of any page. -->
    <colloquy-chat endpoint="/chat" layout="page" title="${name}"></colloquy-chat>
    <script src="/chat/chat.js"></script>
  </body>
</html>
`;
}

export const SERVER = `import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createContextStore, createRunner } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebChat } from 'colloquy/channels/web';
import dialogue from './dialogue.ts';

const { HOST = '127.0.0.1', NODE_ENV, PORT = '8080', SECRET } = process.env;

const needsSecret = NODE_ENV === 'production' || SECRET !== undefined;
if (needsSecret && (SECRET ?? '').length < 16) {
  console.error(
    'SECRET signs the cookies of visitors: set it to 16 characters or more, such as \`openssl rand -base64 24\` makes.',
  );
  process.exit(1);
}
const secret = SECRET ?? randomBytes(24).toString('base64url');

// In memory: with a persister, as lmdb() of colloquy/persist/lmdb, conversations outlive this process.
const store = createContextStore();
const runner = createRunner(dialogue, { store });
runner.on('error', ({ error }) => console.error(error));

// It speaks first: whoever opens the page reads the first question.
const chat = createWebChat(runner, { secret, greet: true });
const page = await readFile(new URL('page.html', import.meta.url), 'utf8');
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src https: http: data:; media-src https: http:; base-uri 'none'; form-action 'none'",
};

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  // What is said, and the script of the page.
  if (pathname === '/chat' || pathname === '/chat/chat.js') return chat(request);
  return pathname === '/' ? new Response(page, { headers }) : new Response(null, { status: 404 });
}

const server = createServer(toNodeListener(answer));
server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
await runner.start();
server.listen(Number(PORT), HOST, () => {
  const { port } = server.address() as AddressInfo;
  console.log(\`listening on http://\${HOST}:\${port}\`);
});

// What has arrived is answered before the end.
const stop = async (): Promise<void> => {
  const closed = new Promise((resolve) => server.close(resolve));
  chat.close();
  await runner.stop();
  await store.close();
  server.closeIdleConnections();
  await closed;
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
`;
