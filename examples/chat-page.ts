import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { WebChatHandler } from 'colloquy/channels/web';

/** Scripts of this server only, the styles of the page around the chat, and pictures from anywhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src https: http: data:',
  'media-src https: http:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** A page, its styles, and the chat that is on it at `/chat`. */
export function chatSite(
  chat: WebChatHandler,
  { html, css = '' }: { readonly html: string; readonly css?: string },
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/chat') return chat(request);
    if (pathname === '/chat/chat.js') {
      const script = await chat(request);
      return script.status === 404 ? builtScript() : script;
    }
    if (pathname === '/page.css') return respond(css, 'text/css');
    return pathname === '/' ? respond(html, 'text/html') : new Response(null, { status: 404 });
  };
}

function respond(text: string, type: string): Response {
  const headers = { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY };
  return new Response(text, { headers });
}

/** The script of the page. The package has it; in a clone of its repository, nothing is built before this. */
async function builtScript(): Promise<Response> {
  const { build } = await import('esbuild');
  const manifest = createRequire(import.meta.url).resolve('colloquy/package.json');
  const { outputFiles } = await build({
    entryPoints: [join(dirname(manifest), 'src/channels/web/page/index.ts')],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    write: false,
  });
  return respond(outputFiles[0]?.text ?? '', 'text/javascript');
}
