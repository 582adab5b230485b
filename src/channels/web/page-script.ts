import { createHash } from 'node:crypto';

/** The script of the page, as the package exports it. */
const SCRIPT = 'colloquy/channels/web/chat.js';

const HEADERS = {
  'content-type': 'text/javascript; charset=utf-8',
  'cache-control': 'public, max-age=3600',
  'x-content-type-options': 'nosniff',
  // A page of another origin may load it.
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': '*',
} as const;

let reading: Promise<string | undefined> | undefined;

/** Whether a request is for the script: `…/chat.js`, or `?script`. */
export function asksForScript({ pathname, searchParams }: URL): boolean {
  return pathname.endsWith('/chat.js') || searchParams.has('script');
}

/** The script, or 304 if the browser has it; 404 on a host without files. */
export async function scriptResponse(headers: Headers): Promise<Response> {
  const script = await (reading ??= readScript());
  if (script === undefined) return new Response(null, { status: 404 });
  const etag = `"${createHash('sha256').update(script).digest('base64url').slice(0, 22)}"`;
  if (headers.get('if-none-match') === etag) {
    return new Response(null, { status: 304, headers: { ...HEADERS, etag } });
  }
  return new Response(script, { headers: { ...HEADERS, etag } });
}

async function readScript(): Promise<string | undefined> {
  try {
    // Only who asks for it needs a host with files.
    const [{ createRequire }, { readFile }] = await Promise.all([
      import('node:module'),
      import('node:fs/promises'),
    ]);
    return await readFile(createRequire(import.meta.url).resolve(SCRIPT), 'utf8');
  } catch {
    return undefined;
  }
}
