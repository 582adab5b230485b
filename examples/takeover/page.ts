const page = (title: string, chat: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <title>${title}</title>
  </head>
  <body>
    <main><h1>${title}</h1></main>
    ${chat}
    <script src="/chat/chat.js"></script>
  </body>
</html>
`;

/** What customers see: the chat is in the corner. */
export const shop: string = page(
  'The Tea Shop',
  '<colloquy-chat endpoint="/chat" title="Ask us" open></colloquy-chat>',
);

/** What operators see: nothing but the chat. */
export const desk: string = page(
  'The desk',
  '<colloquy-chat endpoint="/desk/chat" title="The desk" layout="page"></colloquy-chat>',
);

const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src https: data:";

export function respond(html: string): Response {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY };
  return new Response(html, { headers });
}

/** Has the browser ask for a name and a password. */
export function askWho(): Response {
  return new Response('Who are you?', {
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="desk", charset="UTF-8"' },
  });
}
