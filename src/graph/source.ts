import type { StateDescription } from '../dialogue/engine/description.ts';
import { guardLabel } from '../dialogue/engine/guard-label.ts';

/** The most that is shown of a definition, and of one function in it. */
const MOST_CHARACTERS = 4000;
const MOST_OF_A_FUNCTION = 600;
const MOST_DEPTH = 8;

/** How a state is written: its part of the definition as indented text. What is in its states stands at their own. */
export function sourceOf(state: StateDescription): string {
  const text = print(written(state), '', 0, new Set());
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}\n…` : text;
}

/** A question and a service are shown as they were asked for, and not as the states that the library made of them. */
function written({ definition, question, service, children }: StateDescription): unknown {
  if (question !== undefined) {
    const { read: _read, offers: _offers, entry: _entry, leaves: _leaves, ...own } = question;
    return own;
  }
  if (service !== undefined) return { service };
  if (children.length === 0) return definition;
  const states = Object.fromEntries(children.map((child) => [child.key, ELSEWHERE]));
  return { ...definition, states };
}

/** Stands for a state that has a box for itself. */
const ELSEWHERE: object = Object.freeze({});

function print(value: unknown, indent: string, depth: number, above: ReadonlySet<unknown>): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'function') return printFunction(value, indent);
  if (value === ELSEWHERE) return '{ … }';
  if (typeof value !== 'object' || value === null) return String(value);
  if (above.has(value) || depth >= MOST_DEPTH) return '…';
  if (value instanceof Date || value instanceof RegExp) return String(value);
  const inner = `${indent}  `;
  const within = new Set(above).add(value);
  const show = (each: unknown): string => print(each, inner, depth + 1, within);
  const parts = Array.isArray(value)
    ? value.map(show)
    : Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([name, each]) => `${/^[\w$]+$/u.test(name) ? name : quoted(name)}: ${show(each)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return `${open}${close}`;
  const line = parts.join(', ');
  if (line.length <= 60 && !line.includes('\n')) {
    return open === '[' ? `[${line}]` : `{ ${line} }`;
  }
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join('')}${indent}${close}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/gu, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}'`;
}

/** What XState makes of `assign()` and `emit()` is shown as it was written; an author's own function, too. */
function printFunction(value: object, indent: string): string {
  const { name, type, assignment, event } = value as BuiltinAction;
  if (typeof type === 'string') {
    const argument = assignment ?? event;
    const text = argument === undefined ? '…' : print(argument, indent, MOST_DEPTH - 2, new Set());
    return `${type.replace(/^xstate\./u, '')}(${text})`;
  }
  if ('guards' in value) return guardLabel(value);
  const text = Function.prototype.toString.call(value);
  if (text.length > MOST_OF_A_FUNCTION || text.includes('[native code]')) return `${name}(…)`;
  return text
    .split('\n')
    .map((line, index) => (index === 0 ? line : `${indent}${line.trimStart()}`))
    .join('\n');
}

interface BuiltinAction {
  readonly name: string;
  readonly type?: unknown;
  readonly assignment?: unknown;
  readonly event?: unknown;
}
