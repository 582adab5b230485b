// Measures everything side by side; ratios come first. See docs/benchmarks.md.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compilePrograms, installPeers, makeBuild } from './compile.ts';
import { type Part, type Report, type Scale, verdictOf } from './part.ts';
import type { SystemName } from './system.ts';

const USAGE = `npm run bench -- [options]
  --quick           two minutes instead of twenty; nothing is written
  --json            prints what was measured as JSON
  --check           ends with 1 where a target is missed by more than the noise
  --only a,b        only these parts: memory crowd form durable idle expiries delays http start test
                    explore parsers growth
  --systems a,b     only these systems, beside colloquy
  --build folder    measures that build; without it, builds \`dist\` first
  --against folder  compares with that build, too, of another commit
  --soak [minutes]  only the soak, 10 minutes by default
  --cold [count]    only the cold start, over 1 000 000 conversations by default`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    only: { type: 'string' },
    systems: { type: 'string' },
    build: { type: 'string' },
    against: { type: 'string' },
    soak: { type: 'boolean', default: false },
    cold: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else process.exitCode = await main();

async function main(): Promise<number> {
  const build = values.build === undefined ? makeBuild() : resolve(values.build);
  if (!existsSync(`${build}/index.js`)) throw new Error(`There is no build in ${build}.`);
  installPeers();
  await compilePrograms();
  const scale: Scale = {
    quick: values.quick,
    build,
    against: values.against && resolve(values.against),
    only: values.systems?.split(',') as SystemName[] | undefined,
    note: (text) => console.error(`… ${text}`),
  };
  const reports: Report[] = [];
  for (const part of await partsToRun()) reports.push(await part.run(scale));

  // The parts and the report import the peers, so they are loaded after the installation.
  const { toMarkdown, writePages } = await import('./report.ts');
  console.log(values.json ? JSON.stringify(reports, null, 2) : toMarkdown(reports));
  const isWhole = !values.quick && !values.only && !values.systems && !values.against;
  if (isWhole && !values.soak && !values.cold) await writePages(reports);
  const missed = reports
    .flatMap(({ checks }) => checks)
    .filter((check) => verdictOf(check) === 'missed');
  if (!values.check) return 0;
  for (const { what } of missed) console.error(`missed: ${what}`);
  return missed.length > 0 ? 1 : 0;
}

/** Loaded after the peers are installed. */
async function partsToRun(): Promise<readonly Part[]> {
  const number = Number(positionals[0] ?? Number.NaN);
  if (values.soak) {
    const { soak } = await import('./parts/soak.ts');
    return [soak(Number.isNaN(number) ? 10 : number)];
  }
  if (values.cold) {
    const { coldStart } = await import('./parts/cold-start.ts');
    return [coldStart(Number.isNaN(number) ? 1_000_000 : number)];
  }
  const { parts } = await import('./parts/all.ts');
  const names = values.only?.split(',') ?? parts.map(({ name }) => name);
  return names.map((name) => {
    const part = parts.find((each) => each.name === name);
    if (part === undefined) throw new Error(`There is no part '${name}'.\n${USAGE}`);
    return part;
  });
}
