/** A block of TypeScript in a Markdown file, and what it says that it prints. */
export interface Example {
  readonly heading: string;
  readonly code: string;
  /** The texts after `// →`, in order. */
  readonly prints: readonly string[];
}

/** The TypeScript blocks of a Markdown text. */
export function examplesOf(markdown: string): Example[] {
  const examples: Example[] = [];
  let heading = '';
  let code: string[] | undefined;
  for (const line of markdown.split('\n')) {
    if (code === undefined) {
      if (line.startsWith('#')) heading = line.replace(/^#+ /, '');
      if (line === '```ts') code = [];
    } else if (line === '```') {
      const prints = code.flatMap((text) => /\/\/ → (.*)$/.exec(text)?.[1] ?? []);
      examples.push({ heading, code: code.join('\n'), prints });
      code = undefined;
    } else {
      code.push(line);
    }
  }
  return examples;
}
