import { composeFile } from './files/compose.ts';
import {
  dialogueFile,
  dialogueTests,
  orderTranscript,
  stopTranscript,
} from './files/conversation.ts';
import { DOCKERIGNORE, dockerfile } from './files/docker.ts';
import { manifestFile } from './files/manifest.ts';
import { programFile, programName } from './files/program.ts';
import { readmeFile } from './files/readme.ts';
import { chatPage, serveFile } from './files/serve.ts';
import { envExample, settingsFile } from './files/settings.ts';
import { storeFile } from './files/store.ts';
import { type NewProject, isServer } from './project.ts';
import { settingsOf } from './settings.ts';

/** The files of a new project, by name. @param folder that the project will be in */
export function filesOf(project: NewProject, folder: string): Readonly<Record<string, string>> {
  const hasSettings = settingsOf(project).length > 0;
  return {
    'package.json': manifestFile(project, folder),
    // npm copies a folder then, as it would install it from a registry, instead of linking it.
    ...(project.origin.kind === 'folder' && { '.npmrc': 'install-links=true\n' }),
    'tsconfig.json': TSCONFIG,
    '.gitignore': 'node_modules\ndata\n.env\n',
    '.dockerignore': DOCKERIGNORE,
    Dockerfile: dockerfile(project),
    'compose.yaml': composeFile(project),
    ...(hasSettings && { '.env.example': envExample(project) }),
    'README.md': readmeFile(project),
    'colloquy.config.ts': CONFIG,
    'dialogue.ts': dialogueFile(project),
    'dialogue.test.ts': dialogueTests(project),
    'order.chat': orderTranscript(project),
    'stop.chat': stopTranscript(project),
    'store.ts': storeFile(project),
    ...(hasSettings && { 'settings.ts': settingsFile(project) }),
    [programName(project)]: programFile(project),
    ...(isServer(project) && { 'serve.ts': serveFile(project) }),
    ...(project.template === 'web' && { 'page.html': chatPage(project) }),
  };
}

const TSCONFIG = `{
  "compilerOptions": {
    "target": "ES2023",
    "lib": ["ES2023"],
    "types": ["node"],
    "module": "NodeNext",
    "noEmit": true,
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "verbatimModuleSyntax": true,
    "erasableSyntaxOnly": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true
  },
  "include": ["*.ts"]
}
`;

const CONFIG = `import { defineConfig } from 'colloquy/cli';

export default defineConfig({
  dialogue: './dialogue.ts',
  transcripts: ['*.chat'],
});
`;
