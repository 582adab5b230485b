import { writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toGithub } from '../../src/cli/findings/formats.ts';
import { cli, fixtures, root, temporaryFolder } from './program.ts';

/** What SARIF 2.1.0 requires of each kind of object that we write (https://docs.oasis-open.org/sarif/sarif/v2.1.0/). */
interface Sarif {
  readonly $schema: string;
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; rules: { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region?: { readonly startLine: number };
        };
      }[];
    }[];
  }[];
}

const lint = (format: string, more: Parameters<typeof cli>[1] = {}, ...args: string[]) =>
  cli(['lint', 'broken.ts', '--format', format, ...args], more);

describe('lint', () => {
  it('says where each state is written', async () => {
    const { code, out } = await lint('text');
    expect(code).toBe(1);
    expect(out).toContain(
      "warning unreachable-state (broken: alone) broken.ts:12\n  Nothing leads to the state 'alone'.\n",
    );
    expect(out).toMatch(/\n\n\d found in broken\n$/u);
    expect(out).not.toContain('\u001b');
    const { out: coloured } = await lint('text', { env: { FORCE_COLOR: '1' } });
    expect(coloured).toContain('\u001b[31merror no-way-out\u001b[0m (broken: stays)');
  });

  it('annotates the lines on GitHub, from the root of the repository', async () => {
    const { code, out } = await lint('github', { env: { GITHUB_WORKSPACE: root } });
    expect(code).toBe(1);
    expect(out.trim().split('\n')).toContain(
      "::warning file=test/cli/fixtures/broken.ts,line=12,title=unreachable-state::Nothing leads to the state 'alone'. Name it as the target of a transition, or delete it.",
    );
    expect((await cli(['lint', 'tea.ts', '-f', 'github'])).out).toBe('');
  });

  it('writes each text so that GitHub reads it as one', () => {
    const finding = {
      rule: 'no-timeout',
      severity: 'error',
      dialogue: 'd',
      path: 'a',
      message: '100 %\nof it',
      remedy: 'a: b, c',
      file: 'a,b:c.ts',
      line: undefined,
    } as const;
    expect(toGithub([finding])).toBe(
      '::error file=a%2Cb%3Ac.ts,title=no-timeout::100 %25%0Aof it a: b, c\n',
    );
  });

  it('writes a SARIF log with all that the format requires', async () => {
    const { code, out } = await lint('sarif');
    expect(code).toBe(1);
    const { $schema, version, runs } = JSON.parse(out) as Sarif;
    expect($schema).toMatch(/sarif-2\.1\.0\.json$/u);
    expect(version).toBe('2.1.0');
    expect(runs).toHaveLength(1);
    for (const { tool, results } of runs) {
      const { name, rules } = tool.driver;
      expect(name).toBe('colloquy');
      expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
      expect(results.length).toBeGreaterThan(2);
      for (const { ruleId, ruleIndex, level, message, locations } of results) {
        expect(rules[ruleIndex]?.id).toBe(ruleId);
        expect(['warning', 'error']).toContain(level);
        expect(message.text).not.toBe('');
        expect(locations).toHaveLength(1);
        for (const { physicalLocation: place } of locations) {
          expect(place.artifactLocation.uri).toBe('broken.ts');
          expect(place.region?.startLine).toBeGreaterThan(5);
        }
      }
    }
  });

  it('writes a log without results where nothing is found', async () => {
    const { code, out } = await cli(['lint', 'tea.ts', '--format', 'sarif']);
    expect(code).toBe(0);
    expect((JSON.parse(out) as Sarif).runs[0]?.results).toEqual([]);
  });

  it('gives JSON with the places, by --json or --format json', async () => {
    const { out } = await lint('json', {}, '--json');
    expect(JSON.parse(out)).toMatchObject({
      dialogue: 'broken',
      findings: expect.arrayContaining([
        expect.objectContaining({ rule: 'unreachable-state', file: 'broken.ts', line: 12 }),
      ]) as unknown,
    });
    expect(await cli(['lint', 'broken.ts', '--json'])).toMatchObject({ out });
  });

  it('finds states in the module that the config imports, and names files beside the folder in full', async () => {
    const cwd = temporaryFolder({
      'colloquy.config.ts':
        "import broken from '../fixtures/broken.ts';\nexport default { dialogue: broken };\n",
    });
    const { out } = await cli(['lint'], { cwd });
    expect(out).toContain(`(broken: alone) ${join(fixtures, 'broken.ts')}:12\n`);
  });

  it('makes addresses of the names of files', async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'a b'));
    writeFileSync(
      join(cwd, 'a b', 'ünd.ts'),
      "import { setup } from 'xstate';\nexport default setup({}).createMachine({ id: 'x', initial: 'a', states: { a: {} } });\n",
    );
    const file = join('a b', 'main.ts');
    writeFileSync(join(cwd, file), "export { default } from './ünd.ts';\n");
    expect((await cli(['lint', file, '-f', 'sarif'], { cwd })).out).toContain(
      '"uri":"a%20b/%C3%BCnd.ts"',
    );
    const outside = join('a b', 'outside.ts');
    writeFileSync(join(cwd, outside), "export { default } from '../../fixtures/broken.ts';\n");
    expect((await cli(['lint', outside, '-f', 'sarif'], { cwd })).out).toContain(
      `"uri":"file://${join(fixtures, 'broken.ts')}"`,
    );
  });

  it.each([
    [['--format', 'xml'], "--format is text, github, sarif, json, not 'xml'."],
    [['--format', 'sarif', '--json'], '--json is --format json, and not sarif.'],
  ])('refuses %j', async (args, problem) => {
    expect(await cli(['lint', 'broken.ts', ...args])).toEqual({
      code: 2,
      out: args.includes('--json') ? expect.stringContaining('bad_arguments') : '',
      err: `colloquy: ${problem}\n`,
    });
  });
});
