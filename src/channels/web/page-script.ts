import { createHash } from 'node:crypto';

declare const __filename: string | undefined;

/** The script of the page, as the build makes it: beside this code, or beside a part of it that several entries share. */
const PLACES = ['./web/chat.js', './channels/web/chat.js'];

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
  const here = typeof __filename === 'string' ? `file://${__filename}` : import.meta.url;
  // Only who asks for it needs a host with files.
  const { readFile } = await import('node:fs/promises').catch(() => ({ readFile: undefined }));
  for (const place of PLACES) {
    try {
      return await readFile?.(new URL(place, here), 'utf8');
    } catch {
      // The other place.
    }
  }
  return undefined;
}
