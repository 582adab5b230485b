import { basename } from 'node:path';
import { type NewProject, inLanguage, isServer } from '../project.ts';
import { programName } from './program.ts';

/** Whether the conversations are in the folder `data` of the machine. */
export function hasData({ store }: NewProject): boolean {
  return store === 'lmdb' || store === 'sqlite';
}

/** `Dockerfile`: two stages, so that the image has no cache of npm and nothing that only tests need. */
export function dockerfile(project: NewProject): string {
  const say = inLanguage(project.lang);
  const { origin } = project;
  const tarball = origin.kind === 'tarball' ? ` ${basename(origin.path)}` : '';
  const lines = [
    `# ${say('What the bot needs changes less often than the bot: this stage is built again when it does.', '依赖变得比代码少，单独一层，变了才重新装。')}`,
    'FROM node:22-slim AS dependencies',
    'WORKDIR /app',
    `COPY package.json package-lock.json*${origin.kind === 'folder' ? ' .npmrc' : ''}${tarball} ./`,
    'RUN npm install --omit=dev --no-audit --no-fund',
    '',
    'FROM node:22-slim',
    'WORKDIR /app',
    `ENV NODE_ENV=production${isServer(project) ? ' HOST=0.0.0.0 PORT=8080' : ''}`,
    'COPY --from=dependencies /app/node_modules node_modules',
    'COPY . .',
    ...(hasData(project)
      ? [
          `# ${say('The conversations: give this folder a volume, as compose.yaml does.', '对话存在这里，要挂一个卷，compose.yaml 里已经写好。')}`,
          'RUN mkdir data && chown node:node data',
        ]
      : []),
    'USER node',
    ...(isServer(project)
      ? [
          'EXPOSE 8080',
          'HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \\',
          `  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]`,
        ]
      : []),
    `CMD ["node", "--import", "tsx", "${programName(project)}"]`,
  ];
  return `${lines.join('\n')}\n`;
}

export const DOCKERIGNORE = `node_modules
data
.env
.git
.gitignore
.dockerignore
Dockerfile
compose.yaml
*.chat
*.test.ts
*.md
`;
