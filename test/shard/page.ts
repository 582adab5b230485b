import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../docs/pages.ts';

/** A block of docs/scale.md, so that the test tries what the page says. @throws Error if the page has no such block */
export function blockOf(language: string): string {
  const page = readFileSync(join(root, 'docs/scale.md'), 'utf8');
  const block = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'mu').exec(page)?.[1];
  if (block === undefined) throw new Error(`docs/scale.md has no block of ${language}.`);
  return block;
}
