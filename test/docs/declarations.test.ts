import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fixture = join(root, 'test/types/declarations.ts');

it('a program that exports dialogues, questions and runners can be compiled with `declaration`', () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram([fixture], { ...options, declaration: true });
  const source = program.getSourceFile(fixture);
  const found = [
    ...program.getSemanticDiagnostics(source),
    ...program.getDeclarationDiagnostics(source),
  ];
  expect(
    found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  ).toEqual([]);
}, 120_000);
