/** The website of the restaurant. The chat is one element and one script; without `open`, it is a button in the corner. */
export const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/page.css">
    <title>The Bund Kitchen</title>
  </head>
  <body>
    <main>
      <h1>The Bund Kitchen</h1>
      <p>Small plates by the river. Open from noon to ten at night, every day.</p>
      <p>Ask for a table in the corner of this page: “four of us, tomorrow at seven”.</p>
    </main>
    <colloquy-chat endpoint="/chat" title="Book a table" open></colloquy-chat>
    <script src="/chat/chat.js"></script>
  </body>
</html>
`;

export const css = `
:root { font: 1.125rem/1.6 Georgia, serif; color-scheme: light dark }
body { margin: 0 }
main { max-width: 30rem; padding: 4rem 1.5rem }
h1 { font-size: 2.5rem; line-height: 1.1 }
colloquy-chat { --colloquy-accent: light-dark(#8a3324, #f0a08c); --colloquy-on-accent: light-dark(#fff, #2c0d06) }
`;

/** Scripts and styles of this server only, and pictures from anywhere. */
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

export function respond(text: string, type: string): Response {
  const headers = { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY };
  return new Response(text, { headers });
}
