import { relative, sep } from 'node:path';
import { UsageError } from '../../errors.ts';
import { type LintOptions, lintDialogue } from '../../testing/lint.ts';
import type { Finding } from '../../testing/lint/rule.ts';
import { CONFIG, type CliCommand, type CommandCall } from '../command.ts';
import { type PlacedFinding, toGithub, toSarif, toFindingLines } from '../findings/formats.ts';
import { readSources } from '../findings/places.ts';
import { type Host, paintFor, print, printJson } from '../host.ts';
import type { Subject } from '../subject.ts';

export const lint: CliCommand = {
  usage: 'lint [file]',
  does: 'Looks for what is wrong with a dialogue before anyone talks',
  options: {
    config: CONFIG,
    rule: { value: 'name', isList: true, does: 'turn a rule on, as no-timeout' },
    skip: { value: 'name', isList: true, does: 'turn a rule off' },
    locale: { value: 'tag', isList: true, does: 'a locale that users have, as fr' },
    errors: { does: 'errors only, without warnings' },
    format: {
      value: 'text|github|sarif|json',
      short: 'f',
      does: 'how to print findings (default text): github for annotations, sarif for code scanning',
    },
  },
  takes: [0, 1],
  async run(call) {
    const { host } = call;
    const format = formatOf(call);
    const subject = await call.subject();
    const { dialogue, config } = subject;
    const options = withRules(config.lint ?? {}, {
      on: call.list('rule'),
      off: call.list('skip'),
      locales: call.list('locale'),
    });
    const found = lintDialogue(dialogue, options).filter(
      ({ severity }) => severity === 'error' || !call.flag('errors'),
    );
    const findings = await placed(host, subject, found);
    if (format === 'json') printJson(host, { dialogue: dialogue.id, findings });
    else if (format === 'sarif') printJson(host, toSarif(findings));
    else if (format === 'github') host.stdout.write(toGithub(findings));
    else print(host, report(host, dialogue.id, findings));
    return findings.length === 0 ? 0 : 1;
  },
};

function report(host: Host, id: string, findings: readonly PlacedFinding[]): string {
  const paint = paintFor(host, host.stdout);
  if (findings.length === 0) return paint('good', `Nothing was found in ${id}.`);
  const sum = paint('bad', `${findings.length} found in ${id}`);
  return `${toFindingLines(findings, paint)}\n\n${sum}`;
}

const FORMATS = ['text', 'github', 'sarif', 'json'] as const;

/** @throws UsageError `bad_arguments` */
function formatOf(call: CommandCall): (typeof FORMATS)[number] {
  const named = call.text('format') ?? (call.json ? 'json' : 'text');
  const format = FORMATS.find((each) => each === named);
  if (format === undefined) {
    throw new UsageError('bad_arguments', `--format is ${FORMATS.join(', ')}, not '${named}'.`);
  }
  if (call.json && format !== 'json') {
    throw new UsageError('bad_arguments', `--json is --format json, and not ${format}.`);
  }
  return format;
}

/** Findings with the places of their states. GitHub names files from the root of the repository, a terminal from its folder. */
async function placed(
  host: Host,
  { path: main }: Subject,
  findings: readonly Finding[],
): Promise<PlacedFinding[]> {
  if (findings.length === 0) return [];
  const placeOf = await readSources(main);
  const root = host.env?.['GITHUB_WORKSPACE'] ?? host.cwd;
  return findings.map((finding) => {
    const { path, line } = placeOf(finding.dialogue, finding.path);
    const near = relative(root, path);
    const file = near.startsWith('..') ? path : near.split(sep).join('/');
    return { ...finding, file, line };
  });
}

interface Wanted {
  readonly on: readonly string[];
  readonly off: readonly string[];
  readonly locales: readonly string[];
}

function withRules(options: LintOptions, { on, off, locales }: Wanted): LintOptions {
  const both = on.find((name) => off.includes(name));
  if (both !== undefined) {
    throw new UsageError('bad_arguments', `The rule '${both}' is turned both on and off.`);
  }
  const rules: Record<string, unknown> = { ...options.rules };
  // What a config has told a rule stays.
  for (const name of on) if (typeof rules[name] !== 'object') rules[name] = true;
  for (const name of off) rules[name] = false;
  if (locales.length > 0 && !off.includes('missing-translation')) {
    const told = rules['missing-translation'];
    rules['missing-translation'] = { ...(typeof told === 'object' && told), locales };
  }
  return { ...options, rules: rules as NonNullable<LintOptions['rules']> };
}
