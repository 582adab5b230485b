/** The frame of a page that is nothing but the chat. */
export interface BrowserPage {
  readonly title: string;
  /** `en` or `zh-CN`. */
  readonly lang: string;
  /** The address of the web chat. Its script is under it. */
  readonly endpoint: string;
}

/** Scripts of this server only, and nothing else but what a reply may show. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  'img-src https: http: data:',
  'media-src https: http:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function browserPage({ title, lang, endpoint }: BrowserPage): Response {
  const text = `<!doctype html>
<html lang="${lang}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <title>${escaped(title)}</title>
  </head>
  <body>
    <colloquy-chat layout="page" endpoint="${escaped(endpoint)}" title="${escaped(title)}"></colloquy-chat>
    <script src="/chat/chat.js"></script>
  </body>
</html>
`;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  };
  return new Response(text, { headers });
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/gu, (character) => ENTITIES[character] ?? '');
}
