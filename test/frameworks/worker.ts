import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSchema } from 'colloquy/persist/postgres';
import { build } from 'esbuild';
import { Pool } from 'pg';
import { run } from '../support/package.ts';
import { NO_POSTGRES, startPostgres } from '../support/postgres.ts';
import { settings, update } from './hosts.ts';

type Install = (name: string, packages: readonly string[]) => Promise<string>;

/** What `workerd test` calls: two messages, the first once more, and the cron. */
async function testOf(): Promise<string> {
  const first = await update('http://bot.example/').text();
  const second = await update('http://bot.example/').text();
  return `import worker from './worker';
const env = ${JSON.stringify(settings)};
const headers = { 'x-telegram-bot-api-secret-token': env.TELEGRAM_SECRET };
export default {
  async test(_controller, { URL: connectionString }, context) {
    const all = { ...env, HYPERDRIVE: { connectionString } };
    for (const body of [${JSON.stringify(first)}, ${JSON.stringify(second)}, ${JSON.stringify(first)}]) {
      const request = new Request('http://bot.example/', { method: 'POST', headers, body });
      const { text } = await (await worker.fetch(request, all, context)).json();
      if (text !== 'Hello.') throw new Error(text);
    }
    await worker.scheduled({}, all);
  },
};
`;
}

/** The Worker in workerd, with the bindings and the date of its configuration, over a PostgreSQL on this machine. */
export async function playWorker(install: Install): Promise<void> {
  const server = await startPostgres();
  if (server === undefined) throw new Error(`The Worker is not tested: ${NO_POSTGRES}`);
  try {
    const pool = new Pool({ connectionString: server.url });
    await createSchema(pool);
    await pool.end();
    const project = await install('workers', ['pg@8', 'pg-cloudflare', 'workerd']);
    await writeFile(join(project, 'test.ts'), await testOf());
    await build({
      entryPoints: [join(project, 'test.ts')],
      outfile: join(project, 'worker.mjs'),
      bundle: true,
      external: ['node:*', 'cloudflare:*'],
      format: 'esm',
      platform: 'node',
      conditions: ['workerd', 'worker'],
      // pg is CommonJS and asks for modules of Node.js by their names.
      banner: {
        js: `import { createRequire } from 'node:module'; const require = createRequire('/');`,
      },
      logLevel: 'silent',
    });
    const { compatibility_date: date, compatibility_flags: flags } = await configOf(project);
    await writeFile(
      join(project, 'config.capnp'),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [
  (name = "bot", worker = .bot),
  (name = "internet", network = (allow = ["public", "private"])),
]);
const bot :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  compatibilityDate = "${date}",
  compatibilityFlags = ${JSON.stringify(flags)},
  bindings = [(name = "URL", text = "${server.url}")],
);
`,
    );
    await run('npx', ['--no', 'workerd', 'test', 'config.capnp'], project);
  } finally {
    await server.stop();
  }
}

async function configOf(project: string): Promise<{
  readonly compatibility_date: string;
  readonly compatibility_flags: readonly string[];
}> {
  const path = join(project, 'wrangler.json');
  const { default: config } = (await import(path, { with: { type: 'json' } })) as {
    readonly default: { compatibility_date: string; compatibility_flags: string[] };
  };
  return config;
}
