import { join } from 'node:path';
import { settings, update } from './hosts.ts';

type Install = (name: string, packages: readonly string[]) => Promise<string>;
type Route = (request: Request) => Promise<Response>;

/** Calls the functions as Vercel does, which gives `waitUntil` by a symbol. */
export async function playVercel(install: Install): Promise<void> {
  const project = await install('vercel', ['@vercel/functions@3']);
  const works: Promise<unknown>[] = [];
  const context = { waitUntil: (work: Promise<unknown>) => void works.push(work) };
  Object.assign(globalThis, { [Symbol.for('@vercel/request-context')]: { get: () => context } });
  Object.assign(process.env, settings, { CRON_SECRET: 'the secret' });
  const { POST } = (await import(join(project, 'api/bot.ts'))) as { readonly POST: Route };
  const { GET } = (await import(join(project, 'api/cron.ts'))) as { readonly GET: Route };
  const { text } = (await (await POST(update('http://bot.example/api/bot'))).json()) as {
    readonly text?: unknown;
  };
  await Promise.all(works);
  const statuses: number[] = [];
  for (const authorization of ['Bearer the secret', 'Bearer undefined', '']) {
    const headers = { authorization };
    statuses.push((await GET(new Request('http://bot.example/api/cron', { headers }))).status);
  }
  if (text !== 'Hello.' || works.length !== 1 || statuses.join() !== '200,401,401') {
    throw new Error(`${String(text)}, ${works.length} works, ${statuses.join()}`);
  }
}
