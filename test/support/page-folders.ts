export interface PageFolder {
  readonly folder: string;
  /** What it may import beside its own files: what the page and its server say to each other. */
  readonly files: ReadonlySet<string>;
  readonly packages: readonly string[];
}

/**
 * The folders whose code runs in a browser. Each has a `tsconfig.json` with the types of the DOM and without those of
 * Node.js, and the project's own `tsconfig.json` excludes it. The rest of `src` imports nothing of them: the build makes a
 * script of each.
 */
export const PAGE_FOLDERS: readonly PageFolder[] = [
  {
    folder: 'src/channels/web/page/',
    files: new Set(['src/channels/web/protocol.ts', 'src/message.ts', 'src/reply.ts']),
    packages: [],
  },
  {
    folder: 'src/studio/ui/',
    files: new Set([
      'src/graph/curve.ts',
      'src/graph/drawing.ts',
      'src/studio/recording/recording-lines.ts',
      'src/studio/wire.ts',
      'src/studio/wire-requests.ts',
      'src/message.ts',
      'src/reply.ts',
    ]),
    packages: ['preact', 'preact/hooks', 'preact/jsx-runtime'],
  },
];
