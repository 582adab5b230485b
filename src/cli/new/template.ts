import { rangeOf, version } from '../version.ts';
import { SERVER, pageTemplate } from './server-template.ts';

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
    'page.html': pageTemplate(name),
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
npm start       # serve it: a page in the browser
\`\`\`

| file                 | is                                                        |
| -------------------- | --------------------------------------------------------- |
| \`dialogue.ts\`        | the conversation                                          |
| \`order.chat\`         | one that it has to have, written down                     |
| \`dialogue.test.ts\`   | what is easier said in code                               |
| \`server.ts\`          | serves it; another channel is another import              |
| \`page.html\`          | the page that it serves                                   |
| \`colloquy.config.ts\` | what \`colloquy\` on the command line is to know            |

\`npx colloquy --help\` lists what else there is: exploring, coverage, a picture.

## The server

| variable   | is                                                                                          |
| ---------- | ------------------------------------------------------------------------------------------- |
| \`PORT\`     | default 8080; 0 takes a free one                                                            |
| \`HOST\`     | default 127.0.0.1, behind a proxy that speaks HTTPS; 0.0.0.0 in a container                 |
| \`SECRET\`   | signs the cookies of visitors; at least 16 characters, such as \`openssl rand -base64 24\` makes |
| \`NODE_ENV\` | with \`production\`, it does not start without a \`SECRET\`                                     |

Conversations are in memory. \`lmdb()\` of \`colloquy/persist/lmdb\` keeps them over a restart; its import needs \`npm install lmdb\`.

To talk with a program instead of a person, add signed JSON in \`server.ts\`:

\`\`\`ts
import { jsonWebhook } from 'colloquy/channels/json';
import { createWebhook } from 'colloquy/channels/webhook';

const webhook = createWebhook(runner, jsonWebhook({ secret }));
// and in answer(): if (pathname === '/json') return webhook(request);
\`\`\`
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
