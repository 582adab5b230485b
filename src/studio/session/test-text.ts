import { type Stub, failureOf, hangs } from '../../testing/services.ts';
import { type ServiceLine, stubOf } from '../../testing/transcript-service.ts';
import type { Transcript } from '../../testing/transcript.ts';
import type { LoggedCall } from './call-log.ts';
import { codeOf, stringCode } from './code-text.ts';
import { playSteps } from './played-steps.ts';
import type { SessionSubject } from './session.ts';

/** How the calls of one service went: what each does in a test, and how that is written. */
interface WrittenCalls {
  readonly stubs: readonly Stub[];
  readonly code: readonly string[];
}

/** What a conversation is written from. */
export interface Recorded {
  readonly lines: Transcript;
  readonly calls: readonly LoggedCall[];
  /** The user who goes without a name. */
  readonly main: string;
}

/**
 * A test file for vitest, in which a conversation is had again.
 * @returns its text, and the transcript of what it expects
 */
export async function testText(
  subject: SessionSubject,
  { lines, calls, main }: Recorded,
): Promise<{ readonly text: string; readonly transcript: string }> {
  const { dialogue, settings } = subject;
  const [first] = lines;
  const now = first?.kind === 'moment' ? { now: first.at } : {};
  const written = writtenCalls(calls);
  const stubs = Object.fromEntries(
    [...written].map(([name, { stubs: each, code }]) => [
      name,
      code.length === 1 && each[0] !== undefined ? each[0] : oneAfterAnother(each),
    ]),
  );
  const services = { ...settings.services, ...stubs };
  const options = { ...settings, ...now, openid: main, services };
  const { code, transcript } = await playSteps(dialogue, lines, options as never);
  const body = [
    `const chat = converse(dialogue, ${optionsCode(subject, { ...now, main, written })});`,
    ...code,
  ];
  const indented = body.map((statement) => indent(statement, '  ')).join('\n');
  const [head, tail] = aroundTest(subject, written);
  const name = stringCode(`${dialogue.id}: a conversation from Studio`);
  const text = `${head}\ntest(${name}, async () => {\n${indented}\n});\n${tail}`;
  return { text, transcript };
}

function aroundTest(
  subject: SessionSubject,
  written: ReadonlyMap<string, WrittenCalls>,
): readonly [head: string, tail: string] {
  const codes = [...written.values()].flatMap(({ code }) => code);
  const isSeveral = [...written.values()].some(({ code }) => code.length > 1);
  const helpers = ['hangs', 'takes'].filter(
    (name) => (isSeveral && name === 'hangs') || codes.some((code) => code.startsWith(`${name}(`)),
  );
  const names = [isSeveral ? 'type Stub' : '', 'converse', ...helpers].filter(
    (name) => name !== '',
  );
  const imports = [
    `import { ${names.join(', ')} } from 'colloquy/testing';`,
    "import { test } from 'vitest';",
    ...testHeadOf(subject),
  ];
  const tail = isSeveral ? `\n${IN_TURN}` : '';
  return [`${imports.join('\n')}\n`, tail];
}

const SETTINGS =
  "const settings = typeof config.converse === 'function' ? config.converse('') : config.converse;";

const IN_TURN = `/** Each call of the service goes as the next of these. */
function inTurn<Input, Output>(...stubs: Stub<Input, Output>[]): Stub<Input, Output> {
  return (input, call) => (stubs.shift() ?? hangs())(input, call);
}
`;

/** The imports of the dialogue and of its settings, from beside the dialogue, and what is taken of the config. */
export function testHeadOf(subject: SessionSubject): readonly string[] {
  const { module = './dialogue.ts', configFile, isInConfig = false } = subject;
  const lines: string[] = [];
  if (isInConfig) lines.push("import type { AnyStateMachine } from 'xstate';");
  if (configFile !== undefined && (isInConfig || isConfigured(subject))) {
    lines.push(`import config from ${fileCode(configFile)};`);
  }
  if (isInConfig) lines.push('', 'const dialogue = config.dialogue as AnyStateMachine;');
  else lines.push(`import dialogue from ${fileCode(module)};`);
  if (!isConfigured(subject)) return lines;
  if (!isInConfig) lines.push('');
  return [...lines, SETTINGS];
}

function isConfigured({ configFile, settings }: SessionSubject): boolean {
  return configFile !== undefined && Object.keys(settings).length > 0;
}

/** A file as it is imported from its own folder. */
function fileCode(file: string): string {
  return stringCode(file.startsWith('.') ? file : `./${file}`);
}

interface OptionsAbout {
  readonly now?: number;
  readonly main: string;
  readonly written: ReadonlyMap<string, WrittenCalls>;
}

function optionsCode(subject: SessionSubject, { now, main, written }: OptionsAbout): string {
  const services = [...written].map(([name, { code }]) => {
    const [first = 'hangs()'] = code;
    const stub =
      code.length > 1
        ? `inTurn(\n${code.map((each) => `  ${indent(each, '  ').trimStart()},\n`).join('')})`
        : first;
    return indent(`${nameCode(name)}: ${stub},`, '    ');
  });
  const own = isConfigured(subject) ? ['    ...settings?.services,'] : [];
  const parts = [
    ...(isConfigured(subject) ? ['  ...settings,'] : []),
    ...(now === undefined
      ? []
      : [`  now: Date.parse(${stringCode(new Date(now).toISOString())}),`]),
    ...(main === 'ann' ? [] : [`  openid: ${stringCode(main)},`]),
    ...(services.length === 0 ? [] : ['  services: {', ...own, ...services, '  },']),
  ];
  return parts.length === 0 ? '{}' : `{\n${parts.join('\n')}\n}`;
}

function nameCode(name: string): string {
  return /^[A-Za-z_$][\w$]*$/u.test(name) ? name : stringCode(name);
}

/** The calls of each service, where all of them can be written. */
function writtenCalls(calls: readonly LoggedCall[]): ReadonlyMap<string, WrittenCalls> {
  const written = new Map<string, WrittenCalls>();
  for (const name of new Set(calls.map((call) => call.name))) {
    const own = calls.filter((call) => call.name === name).map(writtenCall);
    const whole = own.flatMap((each) => (each === undefined ? [] : [each]));
    if (whole.length < own.length) continue;
    const codes = whole.map(({ code }) => code);
    // The same each time is written once.
    const isSame = new Set(codes).size === 1 && !codes[0]?.startsWith('hangs');
    written.set(name, {
      stubs: whole.map(({ stub }) => stub),
      code: isSame ? codes.slice(0, 1) : codes,
    });
  }
  return written;
}

function writtenCall({
  name,
  startedAt,
  end,
}: LoggedCall): { stub: Stub; code: string } | undefined {
  if (end === undefined) return { stub: hangs(), code: 'hangs()' };
  const { how, at } = end;
  const afterMs = at - startedAt;
  const late = (code: string): string => (afterMs > 0 ? `takes(${afterMs}, ${code})` : code);
  const line: Omit<ServiceLine, 'kind'> = { name, does: 'gives', afterMs };
  if ('error' in how) {
    const { message } = (how.error ?? {}) as { readonly message?: unknown };
    const what = typeof message === 'string' ? message : failureOf(name);
    const code = `() => {\n  throw new Error(${stringCode(what)});\n}`;
    return { stub: stubOf({ ...line, does: 'fails', what }), code: late(code) };
  }
  const code = codeOf(how.output);
  if (code === undefined) return undefined;
  const result = code.startsWith('{') ? `(${code})` : code;
  return { stub: stubOf({ ...line, what: how.output }), code: late(`() => ${result}`) };
}

/** Each call goes as the next of these, as `inTurn` has it. */
function oneAfterAnother(stubs: readonly Stub[]): Stub {
  const left = [...stubs];
  return (input, call) => (left.shift() ?? hangs())(input, call);
}

function indent(text: string, by: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `${by}${line}`))
    .join('\n');
}
