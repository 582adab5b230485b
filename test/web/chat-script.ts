import { build } from 'esbuild';
import { pageBuild, pages } from '../../tsup.config.ts';

let building: Promise<string> | undefined;

/** The script of the page as the build makes it, from the sources as they are now. */
export function chatScript(): Promise<string> {
  building ??= build({
    ...pageBuild,
    entryPoints: [pages['channels/web/chat'] ?? ''],
    outdir: 'dist',
    write: false,
  }).then(({ outputFiles: [script] }) => script?.text ?? '');
  return building;
}
