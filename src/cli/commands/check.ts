import type { AnyStateMachine, StateValue } from 'xstate';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { UsageError } from '../../errors.ts';
import {
  type CheckedRecord,
  type RecordCheck,
  type RecordsReport,
  checkRecords,
} from '../../check-records.ts';
import { eventLabel } from '../../dialogue/engine/event-label.ts';
import { leavesOf } from '../../testing/converse-state.ts';
import type { StyledLine } from '../../testing/styled-line.ts';
import { CONFIG, type CliCommand } from '../command.ts';
import { type Host, printJson, printLines } from '../host.ts';
import { createProgress } from '../progress.ts';

/** The maximum of findings that are printed; more are only counted. */
const MAX_SHOWN = 20;

export const check: CliCommand = {
  usage: 'check [file] --records <dump>',
  does: 'Tries stored conversations on a dialogue as it is now, and changes nothing',
  more: [
    'The dump has one record on a line, as JSON: { "openid", "body" } as a persister has it, or { "openid", "data",',
    '"dialogue", … }. Migrations and the codec are in the config: `check: { migrate, onIncompatible, codec }`.',
  ],
  options: {
    records: { value: 'dump', does: 'the file of the records; - is what is piped in' },
    config: CONFIG,
  },
  takes: [0, 1],
  async run(call) {
    const { host } = call;
    const records = call.text('records');
    if (records === undefined) {
      throw new UsageError('bad_arguments', 'Which records? Name their dump by --records.');
    }
    const { dialogue, config } = await call.subject();
    const progress = createProgress(host);
    let count = 0;
    const report = await checkRecords(dialogue, await readRecords(host, records), {
      ...config.check,
      onCheck() {
        count += 1;
        if (count % 1000 === 0) progress.say(`${count} records`);
      },
    }).finally(() => progress.end());
    const findings = report.findings.filter(isFinding);
    const passed = isFit(report);
    if (call.json) {
      printJson(host, {
        passed,
        ...report,
        findings: findings.map((each) => ({
          ...each,
          drops: dropsOf(each, dialogue),
          errors: each.errors.map((error) => readable(messageOf(error), dialogue)),
        })),
      });
    } else printLines(host, linesOf(dialogue, report, findings));
    return passed ? 0 : 1;
  },
};

/** A conversation that was migrated continues as it should. */
function isFinding({ outcome, dropped, errors }: RecordCheck): boolean {
  const isLess = dropped.timers.length + dropped.services.length > 0;
  return isLess || errors.length > 0 || outcome !== 'migrated';
}

function isFit({ counts, dropped, findings }: RecordsReport): boolean {
  const { replaced, restart, corrupt } = counts;
  return replaced + restart + corrupt + dropped === 0 && !findings.some(isFinding);
}

function linesOf(
  dialogue: AnyStateMachine,
  { total, counts, changed, dropped, renames }: RecordsReport,
  findings: readonly RecordCheck[],
): readonly StyledLine[] {
  const outcomes = Object.entries(counts).filter(([, count]) => count > 0);
  const sum = outcomes.map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const isGood = findings.length === 0;
  const left = findings.length - MAX_SHOWN;
  const more: StyledLine = { text: `and ${left} more; --json has them`, style: 'quiet' };
  return [
    {
      text: `${total} records on ${dialogue.id}: ${sum || 'none'}`,
      ...(isGood && { style: 'good' }),
    },
    {
      text: `${changed} were stored by another version of it; of ${dropped} a timer or a service would be dropped`,
    },
    ...renames.map(({ version, rename, records, renamed }): StyledLine => {
      const text = `${rename} of version ${version}: renamed in ${renamed} of ${records} records`;
      return renamed === 0 ? { text, style: 'said' } : { text };
    }),
    ...findings.slice(0, MAX_SHOWN).map((finding): StyledLine => {
      const { openid, outcome, before, after, reasons, errors } = finding;
      const way = before === undefined ? '' : `: ${place(before)} → ${place(after)}`;
      const problems = [...reasons, ...dropsOf(finding, dialogue), ...errors.map(messageOf)];
      const why = problems.map((problem) => readable(problem, dialogue)).join('; ');
      const isLost = outcome !== 'fits' && outcome !== 'migrated';
      return {
        text: `${outcome}  ${openid}${way}${why === '' ? '' : `  (${why})`}`,
        style: isLost || errors.length > 0 ? 'bad' : 'said',
      };
    }),
    ...(left > 0 ? [more] : []),
  ];
}

function place(value: StateValue | undefined): string {
  return value === undefined ? 'nowhere' : leavesOf(value).join(', ');
}

/** What would be dropped of a record, by the names that people gave. */
function dropsOf({ dropped }: RecordCheck, dialogue: AnyStateMachine): readonly string[] {
  return [
    ...dropped.timers.map((id) => `the timer ${eventLabel(id, dialogue)} would be dropped`),
    ...dropped.services.map((name) => `the service ${name} would be dropped`),
  ];
}

/** The same with the names that people gave in place of those of XState. */
function readable(text: string, dialogue: AnyStateMachine): string {
  return text.replaceAll(/\bxstate\.(?:after|done|error)\.[^\s'"`;,]+/gu, (type) =>
    eventLabel(type, dialogue),
  );
}

function messageOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return line;
}

/** @throws UsageError `bad_file`, with the number of a line that is no record */
async function readRecords(host: Host, dump: string): Promise<AsyncIterable<CheckedRecord>> {
  if (dump === '-') return recordsIn(host.stdin, 'what is piped in');
  const path = resolve(host.cwd, dump);
  const status = await stat(path).catch(() => undefined);
  if (status?.isFile()) return recordsIn(createReadStream(path), `'${dump}'`);
  throw new UsageError('bad_file', `There is no file '${dump}'.`);
}

async function* recordsIn(
  input: NodeJS.ReadableStream,
  name: string,
): AsyncGenerator<CheckedRecord> {
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() !== '') yield parseRecord(line, `Line ${number} of ${name}`);
  }
}

function parseRecord(line: string, place: string): CheckedRecord {
  let record: { openid?: unknown; body?: unknown; data?: unknown } | null = null;
  try {
    record = JSON.parse(line) as typeof record;
  } catch {
    // It is said below, without the line, which may hold what users said.
  }
  const { openid, body, data } = (record ?? {}) as NonNullable<typeof record>;
  const isRecord =
    typeof openid === 'string' &&
    (typeof body === 'string' || (typeof data === 'object' && data !== null));
  if (isRecord) return record as unknown as CheckedRecord;
  throw new UsageError(
    'bad_file',
    `${place} is no record: one is JSON with an \`openid\`, and a \`body\` or its \`data\`.`,
  );
}
