import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Paint } from '../../channels/terminal/paint.ts';
import type { Finding } from '../../testing/lint/rule.ts';
import { version } from '../version.ts';

/** A finding, and where the state is written. */
export interface PlacedFinding extends Finding {
  /** From the root of the repository, with slashes. */
  readonly file: string;
  readonly line: number | undefined;
}

/** Lines to read, the place first, as terminals and editors know it. */
export function toFindingLines(findings: readonly PlacedFinding[], paint: Paint): string {
  return findings
    .map(({ rule, severity, dialogue, path, message, remedy, file, line }) => {
      const state = path === '' ? dialogue : `${dialogue}: ${path}`;
      const kind = paint(severity === 'error' ? 'bad' : 'said', `${severity} ${rule}`);
      const place = paint('quiet', line === undefined ? file : `${file}:${line}`);
      return `${kind} (${state}) ${place}\n  ${message}\n  ${paint('quiet', remedy)}`;
    })
    .join('\n');
}

/** Workflow commands, which GitHub shows beside the lines (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands). */
export function toGithub(findings: readonly PlacedFinding[]): string {
  return findings
    .map(({ rule, severity, message, remedy, file, line }) => {
      const properties = { file, ...(line !== undefined && { line }), title: rule };
      const given = Object.entries(properties).map(
        ([name, value]) =>
          `${name}=${escaped(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')}`,
      );
      return `::${severity} ${given.join(',')}::${escaped(`${message} ${remedy}`)}\n`;
    })
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A log in the Static Analysis Results Interchange Format (https://docs.oasis-open.org/sarif/sarif/v2.1.0/). */
export function toSarif(findings: readonly PlacedFinding[]): object {
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'colloquy', version, rules: rules.map((id) => ({ id })) } },
        results: findings.map(
          ({ rule, severity, dialogue, path, message, remedy, file, line }) => ({
            ruleId: rule,
            ruleIndex: rules.indexOf(rule),
            level: severity,
            message: { text: `${message} ${remedy}` },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: uriOf(file) },
                  ...(line !== undefined && { region: { startLine: line } }),
                },
                logicalLocations: [
                  { fullyQualifiedName: path === '' ? dialogue : `${dialogue}: ${path}` },
                ],
              },
            ],
          }),
        ),
      },
    ],
  };
}

/** Relative to the root of the repository, unless it is outside of it. */
function uriOf(file: string): string {
  return isAbsolute(file)
    ? pathToFileURL(file).href
    : file.split('/').map(encodeURIComponent).join('/');
}
