import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { telegram } from 'colloquy/channels/telegram';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readDockerfile } from '../support/dockerfile.ts';
import { numberIn } from './limit-numbers.ts';
import { fileAt, readPage } from './pages.ts';
import { diagnose } from './programs.ts';

/** The pages about deploying show files that no program reads here: each is held to the server that it starts. */
const server = readPage('docs/server.md');
const docker = readPage('docs/docker.md');
const kubernetes = readPage('docs/kubernetes.md');
const systemd = readPage('docs/systemd.md');
const PAGES = [server, docker, kubernetes, systemd, readPage('docs/https.md')];

const program = fileAt(server, 'server.ts').text;
/** The settings that the server reads from its environment. */
const SETTINGS = [
  ...new Set([...program.matchAll(/\b(?:[A-Z]+_[A-Z]+|PORT|HOST|DATA)\b(?!_?MS)/gu)].map(String)),
].filter((name) => !name.endsWith('_MS'));
const port = Number(/PORT = '(\d+)'/u.exec(program)?.[1]);

/** Milliseconds that each step of the end may take. */
const steps = {
  answers: numberIn('docs/server.md', 'CLOSING_MS'),
  lease: numberIn('src/context/store-options.ts', 'lease.waitMs'),
  deliveries: numberIn('src/runner/delivery/outbox.ts', 'LONGEST_REST_MS'),
  write: numberIn('src/context/store-options.ts', 'options.persistTimeoutMs'),
};
const longestStopSeconds = Object.values(steps).reduce((sum, each) => sum + each) / 1000;

describe('the server to deploy', () => {
  it('lists its settings, and the files of the pages set no others', () => {
    expect(SETTINGS.toSorted()).toEqual(
      [
        'DATABASE_URL',
        'DATA',
        'HOST',
        'PORT',
        'REDIS_URL',
        'TELEGRAM_SECRET',
        'TELEGRAM_TOKEN',
      ].toSorted(),
    );
    for (const name of SETTINGS) expect(server.prose).toContain(`\`${name}\``);
  });

  it('says how long each step of its end may take, by the limits of the library', () => {
    for (const [ms, row] of [
      [steps.answers, 'open requests get their answers'],
      [steps.lease, 'a turn waits for a conversation'],
      [steps.deliveries, 'replies are delivered'],
      [steps.write, 'the last record is written'],
      [longestStopSeconds * 1000, '**all of it**'],
    ] as const) {
      const line = server.prose.split('\n').find((each) => each.startsWith(`| ${row}`));
      expect(line).toContain(`| ${ms / 1000} s `);
    }
  });

  it('waits for open requests longer than its channel may take for one', () => {
    const { answerMs = 0, bodyTimeoutMs = 0 } =
      telegram({ token: '1:a', secret: 's' }).limits ?? {};
    expect(steps.answers).toBeGreaterThan(answerMs + bodyTimeoutMs);
  });
});

describe('compose', () => {
  interface Service {
    readonly environment: Readonly<Record<string, string>>;
    readonly stop_grace_period: string;
    readonly ports: readonly string[];
    readonly depends_on: Readonly<Record<string, { readonly condition: string }>>;
    readonly command?: readonly string[];
    readonly healthcheck: { readonly test: readonly string[] };
  }
  const files = ['compose.yaml', 'compose.postgres.yaml'].map((path) => ({
    path,
    ...(parse(fileAt(docker, path).text) as {
      readonly services: Readonly<Record<string, Service>>;
      readonly volumes: object;
    }),
  }));

  it.each(files)('$path starts the bot with its settings, after its database', (file) => {
    const { bot } = file.services;
    if (bot === undefined) throw new Error('There is no bot.');
    const [database = ''] = Object.keys(bot.depends_on);
    expect(Object.keys(bot.environment).filter((each) => !SETTINGS.includes(each))).toEqual([]);
    expect(bot.ports).toEqual([`127.0.0.1:${port}:${port}`]);
    expect(Number.parseInt(bot.stop_grace_period, 10)).toBeGreaterThan(longestStopSeconds);
    expect(bot.depends_on[database]).toEqual({ condition: 'service_healthy' });
    expect(file.services[database]?.healthcheck.test[0]).toBe('CMD');
    const address = new URL(
      `${bot.environment['REDIS_URL'] ?? bot.environment['DATABASE_URL']}`.replace(
        /\$\{.*?\}/u,
        'x',
      ),
    );
    expect(address.hostname).toBe(database);
    expect(Object.keys(file.volumes)).toEqual([database]);
  });

  it('keeps each save of Redis, and evicts nothing', () => {
    expect(files[0]?.services['redis']?.command?.join(' ')).toBe(
      'redis-server --appendonly yes --appendfsync always --maxmemory-policy noeviction',
    );
  });
});

describe('the manifest of Kubernetes', () => {
  const objects = parseAllDocuments(fileAt(kubernetes, 'bot.yaml').text).map(
    (each) => each.toJS() as { readonly kind: string; readonly apiVersion: string },
  );
  const compiled = (json: readonly object[]): string[] => {
    const types = ['apps/v1', 'core/v1', 'policy/v1'] as const;
    const kinds = ['Deployment', 'Service', 'PodDisruptionBudget'] as const;
    const code = json.map((each, index) => {
      return `const object${index}: ${kinds[index]} = ${JSON.stringify(each)};\nvoid object${index};\n`;
    });
    const imports = kinds.map(
      (kind, index) => `import type { ${kind} } from 'kubernetes-types/${types[index]}';\n`,
    );
    const name = 'docs/kubernetes.md:0';
    return diagnose([
      { name, heading: '', code: [...imports, ...code].join(''), prints: [], isTest: false },
    ]);
  };

  it('is what the API takes, and what it does not take is found', () => {
    expect(objects.map(({ kind }) => kind)).toEqual([
      'Deployment',
      'Service',
      'PodDisruptionBudget',
    ]);
    expect(compiled(objects)).toEqual([]);
    const wrong = JSON.parse(
      JSON.stringify(objects).replace('readinessProbe', 'readynessProbe'),
    ) as readonly object[];
    expect(compiled(wrong).join()).toContain('readynessProbe');
  });

  it('fits the server: its port, its addresses, its settings and its end', () => {
    const { spec } = (objects[0] as unknown as Deployment).spec.template;
    const [container] = spec.containers;
    expect(container.ports).toEqual([{ name: 'http', containerPort: port }]);
    expect(container.env).toEqual([{ name: 'PORT', value: String(port) }]);
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
      const { path } = container[probe].httpGet;
      expect(program).toContain(`path === '${path}'`);
      expect(path).toBe(probe === 'livenessProbe' ? '/live' : '/ready');
    }
    const [sleep, seconds] = container.lifecycle.preStop.exec.command;
    expect(sleep).toBe('sleep');
    const needed = Number(seconds) + longestStopSeconds;
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(needed);
    expect(kubernetes.text).toContain(`${seconds} s of preStop, ${longestStopSeconds} s at most`);
    expect(kubernetes.prose).toContain(`[${longestStopSeconds} seconds at most]`);
  });
});

interface Probe {
  readonly httpGet: { readonly path: string };
}
interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [
          {
            readonly ports: unknown;
            readonly env: unknown;
            readonly startupProbe: Probe;
            readonly readinessProbe: Probe;
            readonly livenessProbe: Probe;
            readonly lifecycle: {
              readonly preStop: { readonly exec: { readonly command: readonly string[] } };
            };
          },
        ];
      };
    };
  };
}

describe('the Dockerfile', () => {
  const { stages } = readDockerfile(fileAt(docker, 'Dockerfile').text);
  const last = stages.at(-1);

  it('ends with a stage that runs as a user without rights, and starts Node.js itself', () => {
    expect(stages.map(({ from }) => from)).toEqual(['node:24-slim', 'node:24-slim']);
    expect(last?.user).toBe('node');
    expect(last?.command).toEqual(['node', 'dist/main.js']);
    expect(last?.healthcheck?.join(' ')).toContain("'/ready'");
  });

  it('sets the settings of the server, and opens its port', () => {
    const { NODE_ENV, ...env } = last?.env ?? {};
    expect(NODE_ENV).toBe('production');
    expect(Object.keys(env).filter((name) => !SETTINGS.includes(name))).toEqual([]);
    expect(env).toMatchObject({ PORT: String(port), HOST: '0.0.0.0' });
    expect(last?.exposed).toEqual([String(port)]);
  });
});

describe('the unit of systemd', () => {
  const unit = fileAt(systemd, 'bot.service').text;
  const has = spawnSync('systemd-analyze', ['--version']).status === 0;
  const verified = (text: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'colloquy-unit-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'bot.service');
    writeFileSync(path, text.replace('/usr/bin/node', process.execPath));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', path], {
      encoding: 'utf8',
    });
    return `${status} ${stdout}${stderr}`.trim();
  };

  it('has the settings of the server, and waits for its end', () => {
    const [, line = ''] = /^Environment=(.*)$/mu.exec(unit) ?? [];
    const env = Object.fromEntries(line.split(' ').map((each) => each.split('=')));
    expect(env).toEqual({
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA: '/var/lib/bot',
    });
    expect(unit).toContain('\nStateDirectory=bot\n');
    const [, seconds] = /^TimeoutStopSec=(\d+)$/mu.exec(unit) ?? [];
    expect(Number(seconds)).toBeGreaterThan(longestStopSeconds);
  });

  it('is taken by systemd', ({ skip }) => {
    if (!has) {
      expect(process.env['CI'], 'what CI runs has systemd-analyze').not.toBe('true');
      return skip('there is no systemd-analyze');
    }
    expect(verified(unit)).toBe('0');
    expect(verified(unit.replace('TimeoutStopSec', 'TimeoutStopSecs'))).toContain(
      'TimeoutStopSecs',
    );
  });
});

describe('the commands of the pages', () => {
  it('are taken by a shell', () => {
    const commands = PAGES.flatMap(({ path, text }) =>
      [...text.matchAll(/^```sh\n([^]*?)^```$/gmu)].map(([, code = '']) => ({ path, code })),
    );
    expect(commands.length).toBeGreaterThan(5);
    for (const { path, code } of commands) {
      expect({
        path,
        complaint: spawnSync('sh', ['-n'], { input: code }).stderr.toString(),
      }).toEqual({
        path,
        complaint: '',
      });
    }
  });

  it('leave no named file of these pages without a test', () => {
    expect(PAGES.flatMap(({ files }) => files.map(({ path }) => path)).toSorted()).toEqual(
      [
        'server.ts',
        'main.ts',
        'package.json',
        'tsconfig.json',
        'Dockerfile',
        '.dockerignore',
        'compose.yaml',
        'compose.postgres.yaml',
        'bot.yaml',
        'bot.service',
      ].toSorted(),
    );
  });
});
