import { isDictionary } from '../../internal/plain-data.ts';

/** The widest that a value stands on one line. */
const MAX_WIDTH = 80;

/**
 * Plain data as it is written in a program.
 * @returns undefined for what cannot be written: a function, an instance of a class
 */
export function codeOf(value: unknown, indent = ''): string | undefined {
  switch (typeof value) {
    case 'string':
      return stringCode(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : objectCode(value, indent);
    default:
      return undefined;
  }
}

/** A text in quotes of one kind. */
export function stringCode(text: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"');
  // JSON leaves these as they are; a program may not.
  const safe = inner
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
  return `'${safe.replaceAll("'", String.raw`\'`)}'`;
}

function objectCode(value: object, indent: string): string | undefined {
  const inner = `${indent}  `;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Map || value instanceof Set) {
    const items = listCode([...value], inner);
    return items && `new ${value instanceof Map ? 'Map' : 'Set'}(${items})`;
  }
  if (Array.isArray(value)) return listCode(value, indent);
  if (!isDictionary(value)) return undefined;
  const parts = Object.entries(value).map(([key, item]) => {
    const code = codeOf(item, inner);
    return code && `${/^[A-Za-z_$][\w$]*$/u.test(key) ? key : stringCode(key)}: ${code}`;
  });
  return joined(parts, ['{', '}'], indent);
}

function listCode(items: readonly unknown[], indent: string): string | undefined {
  const inner = `${indent}  `;
  return joined(
    items.map((item) => codeOf(item, inner)),
    ['[', ']'],
    indent,
  );
}

function joined(
  parts: readonly (string | undefined)[],
  [open, close]: readonly [string, string],
  indent: string,
): string | undefined {
  if (parts.includes(undefined)) return undefined;
  if (parts.length === 0) return `${open}${close}`;
  const line = parts.join(', ');
  if (line.length + indent.length <= MAX_WIDTH && !line.includes('\n')) {
    return open === '[' ? `[${line}]` : `{ ${line} }`;
  }
  return `${open}\n${parts.map((part) => `${indent}  ${part},\n`).join('')}${indent}${close}`;
}
