import { rangeOf, version } from '../version.ts';

/** The files of a new project, by name. */
export function templateOf(name: string): Readonly<Record<string, string>> {
  return {
    'package.json': manifestOf(name),
    'tsconfig.json': TSCONFIG,
    '.gitignore': 'node_modules\n',
    'README.md': readmeOf(name),
    'colloquy.config.ts': CONFIG,
    'dialogue.ts': DIALOGUE.replace('NAME', name),
    'dialogue.test.ts': TEST,
    'order.chat': TRANSCRIPT,
    'server.ts': SERVER,
  };
}

function manifestOf(name: string): string {
  const ranges = (...names: string[]): Record<string, string> =>
    Object.fromEntries(names.map((each) => [each, rangeOf(each)]));
  const manifest = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: '>=20.19' },
    scripts: {
      start: 'exec tsx server.ts',
      chat: 'colloquy chat',
      test: 'tsc && colloquy lint && colloquy test && node --import tsx --test dialogue.test.ts',
      coverage: 'colloquy coverage dialogue.ts',
      graph: 'colloquy graph',
    },
    dependencies: { colloquy: `^${version}`, ...ranges('tsx', 'xstate') },
    devDependencies: ranges('@types/node', 'typescript'),
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
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

function readmeOf(name: string): string {
  return `# ${name}

A conversation, made with [Colloquy](https://www.npmjs.com/package/colloquy).

\`\`\`sh
npm install
npm test        # types, lint, the transcript and the tests
npm run chat    # talk with it here
npm start       # serve it: signed JSON over HTTP
\`\`\`

| file                 | is                                                        |
| -------------------- | --------------------------------------------------------- |
| \`dialogue.ts\`        | the conversation                                          |
| \`order.chat\`         | one that it has to have, written down                     |
| \`dialogue.test.ts\`   | what is easier said in code                               |
| \`server.ts\`          | answers over HTTP; another channel is another import      |
| \`colloquy.config.ts\` | what \`colloquy\` on the command line is to know            |

\`npx colloquy --help\` lists what else there is: exploring, coverage, a picture.
`;
}

const CONFIG = `import { defineConfig } from 'colloquy/cli';

export default defineConfig({
  dialogue: './dialogue.ts',
  transcripts: ['*.chat'],
});
`;

const DIALOGUE = `import { commandIntents, integer, setupDialogue } from 'colloquy';

interface Order {
  tea?: 'green' | 'black';
  cups?: number;
}

const words = setupDialogue({
  types: {} as { context: Order },
  intents: commandIntents,
});
const { ask, choose, commands, createDialogue, done } = words;

export default createDialogue({
  id: 'NAME',
  version: '1',
  context: {},
  initial: 'tea',
  on: commands({
    help: { say: 'Choose a tea and say how many cups, or say “stop”.' },
    cancel: '.cancelled',
  }),
  states: {
    tea: choose({
      question: 'Which tea would you like?',
      options: [{ value: 'green' }, { value: 'black', synonyms: ['breakfast'] }],
      assign: 'tea',
      target: { green: 'cups', black: 'cups' },
      otherwise: 'cancelled',
    }),
    cups: ask({
      question: 'How many cups?',
      parse: integer({ min: 1, max: 10 }),
      assign: 'cups',
      target: 'ordered',
      otherwise: 'cancelled',
      timeout: { after: { minutes: 10 }, say: 'Are you still there?' },
    }),
    ordered: done(({ context: { cups, tea } }) => \`On its way: \${tea} tea, cups: \${cups}.\`),
    cancelled: done('Never mind.'),
  },
});
`;

const TEST = `import { test } from 'node:test';
import { converse } from 'colloquy/testing';
import dialogue from './dialogue.ts';

test('takes an order', async () => {
  const chat = converse(dialogue);
  await chat.say('hi');
  await chat.choose('black');
  await chat.say('three');
  chat.expectReply('On its way: black tea, cups: 3.').expectContext({ tea: 'black', cups: 3 });
  chat.expectDone();
});

test('asks after ten minutes whether anybody is there', async () => {
  const chat = converse(dialogue);
  await chat.say('hi');
  await chat.choose('green');
  await chat.advance({ minutes: 10 });
  chat.expectReply('Are you still there?').expectState('cups');
});

test('gives up a question after three answers that are none', async () => {
  const chat = converse(dialogue);
  await chat.say('hi');
  await chat.choose('green');
  for (const said of ['some', 'many', 'a lot']) await chat.say(said);
  chat.expectReply('Never mind.').expectState('cancelled');
});
`;

const TRANSCRIPT = `# What is said after > goes in, and what stands after < has to come back.
> hi
< Which tea would you like?
  1. green
  2. black
> help
< Choose a tea and say how many cups, or say “stop”.
< Which tea would you like?
  1. green
  2. black
> green
< How many cups?
@ +10m
< Are you still there?
> 2
< On its way: green tea, cups: 2.
= ordered
`;

const SERVER = `import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createContextStore, createRunner } from 'colloquy';
import { jsonWebhook } from 'colloquy/channels/json';
import { toNodeListener } from 'colloquy/channels/node';
import { createWebhook } from 'colloquy/channels/webhook';
import dialogue from './dialogue.ts';

// The sender of messages signs them with this, and checks the answers with it.
const secret = process.env['SECRET'] ?? randomBytes(24).toString('base64url');

// In memory: with a persister, as lmdb() of colloquy/persist/lmdb, conversations outlive this process.
const store = createContextStore();
const runner = createRunner(dialogue, { store });
const listener = toNodeListener(createWebhook(runner, jsonWebhook({ secret })));
const server = createServer(listener);

server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
await runner.start();
server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(\`listening on http://127.0.0.1:\${port}\`);
  if (process.env['SECRET'] === undefined) console.log(\`SECRET is not set; until the end it is \${secret}\`);
});

// What has arrived is answered before the end.
const stop = async (): Promise<void> => {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  await runner.stop();
  await store.close();
  await closed;
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
`;
