export interface PageOptions {
  /** The attributes of the element besides `endpoint`. */
  readonly attributes?: string;
  readonly lang?: string;
  /** Default `/chat`. */
  readonly endpoint?: string;
}

/** Nothing but scripts of this origin may run, and no style but those of the element can be there. */
const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; img-src * data:; media-src *; base-uri 'none'; form-action 'none'";

/** A page that has the element and nothing else. */
export function pageWith({
  attributes = 'layout="page"',
  lang = 'en',
  endpoint = '/chat',
}: PageOptions = {}): Response {
  const text = `<!doctype html>
<html lang="${lang}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <title>A page</title>
  </head>
  <body>
    <main><h1>A page</h1></main>
    <colloquy-chat endpoint="${endpoint}" ${attributes}></colloquy-chat>
    <script src="/chat/chat.js"></script>
  </body>
</html>`;
  const headers = { 'content-type': 'text/html', 'content-security-policy': POLICY };
  return new Response(text, { headers });
}
