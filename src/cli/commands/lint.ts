import { UsageError } from '../../errors.ts';
import { type LintOptions, formatFindings, lintDialogue } from '../../testing/lint.ts';
import { CONFIG, type CliCommand } from '../command.ts';
import { print, printJson } from '../host.ts';

export const lint: CliCommand = {
  usage: 'lint [file]',
  does: 'Looks for what is wrong with a dialogue before anyone talks',
  options: {
    config: CONFIG,
    rule: { value: 'name', isList: true, does: 'turn a rule on, as no-timeout' },
    skip: { value: 'name', isList: true, does: 'turn a rule off' },
    locale: { value: 'tag', isList: true, does: 'a locale that users have, as fr' },
    errors: { does: 'errors only, without warnings' },
  },
  takes: [0, 1],
  async run(call) {
    const { host } = call;
    const { dialogue, config } = await call.subject();
    const options = withRules(config.lint ?? {}, {
      on: call.list('rule'),
      off: call.list('skip'),
      locales: call.list('locale'),
    });
    const findings = lintDialogue(dialogue, options).filter(
      ({ severity }) => severity === 'error' || !call.flag('errors'),
    );
    if (call.json) printJson(host, { dialogue: dialogue.id, findings });
    else if (findings.length === 0) print(host, `Nothing was found in ${dialogue.id}.`);
    else print(host, `${formatFindings(findings)}\n\n${findings.length} found in ${dialogue.id}`);
    return findings.length === 0 ? 0 : 1;
  },
};

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
