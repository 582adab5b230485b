import { posix } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { run, specifiersOf, type Project } from '../support/package.ts';
import { entries } from '../../tsup.config.ts';

const project = inject('full');
const bare = inject('bare');

const systems = ['import', 'require'] as const;
type System = (typeof systems)[number];

const specifiers = Object.keys(entries).map((name) =>
  posix.join('colloquy', name === 'index' ? '.' : name),
);

/** How to make each entry point throw: the body of an async function over its exports, `m`. */
const provocations: Record<string, string> = {
  colloquy: 'm.createContextStore({ max: -1 })',
  'colloquy/testing': 'await m.createManualClock().advance(-1)',
  'colloquy/testing/jest': 'm.matchers.toReply({})',
  'colloquy/testing/vitest': 'm.matchers.toReply({})',
  'colloquy/testing/wechat': `const { channel, fromResponse } = m.throughWechat();
    await fromResponse(new Response('', { status: 403 }))`,
  'colloquy/cli': 'm.defineConfig({ dialog: 1 })',
  'colloquy/model': 'm.openAiCompatible({})',
  'colloquy/otel': 'm.observe({})',
  'colloquy/parsers': 'm.date({ past: true, future: true })',
  'colloquy/studio': 'm.createInspector({})',
  'colloquy/takeover': 'm.createDesk({})',
  'colloquy/persist/lmdb': `m.lmdb('')`,
  'colloquy/persist/postgres': 'm.postgres({})',
  'colloquy/persist/redis': 'm.redis({})',
  'colloquy/persist/sqlite': 'm.sqlite({})',
  'colloquy/channels/node': `await new Promise((_resolve, onError) => {
      const [request, response] = [
        { method: 'POST', url: '/', headers: {}, readableDidRead: true, on() {} },
        { headersSent: true, on() {} },
      ];
      m.toNodeListener(() => undefined, { onError })(request, response);
    })`,
  'colloquy/channels/webhook': `await new Promise((_resolve, onError) => {
      const messages = [{ openid: 'a', message: { type: 'message.text', text: 'a' } }];
      const channel = {
        name: 'mute',
        prefix: '',
        receive: async () => ({ type: 'messages', messages, acknowledge: { status: 200 } }),
      };
      const handle = async () => ({ replies: [{ type: 'text', text: 'b' }] });
      const runner = { handle, say() {}, on() {}, idle() {}, expectRedelivery() {} };
      m.createWebhook(runner, channel, { onError })(new Request('http://localhost/'));
    })`,
  'colloquy/channels/ilink': "m.ilink({ token: '' })",
  'colloquy/channels/json': "m.jsonWebhook({ secret: '' })",
  'colloquy/channels/slack': "m.slack({ signingSecret: '' })",
  'colloquy/channels/source': 'm.createSource({}, {})',
  'colloquy/channels/telegram': "m.telegram({ token: '' })",
  'colloquy/channels/terminal': 'await m.createForwardClock().advance(-1)',
  'colloquy/channels/web': 'm.createWebChat({}, {})',
  'colloquy/channels/wechat': "m.wechat({ token: '' })",
  'colloquy/channels/wecom': "m.wecom({ corpId: '' })",
  'colloquy/dialogue/parsers/date': 'm.date({ past: true, future: true })',
  'colloquy/dialogue/parsers/phone': "m.phone({ country: 'nowhere' })",
  'colloquy/persist/memory': `const persister = m.memory();
    await persister.close();
    await persister.load('a')`,
  'colloquy/persist/write-behind': 'm.writeBehind({}, { behindMs: 1 })',
};

/** The optional peer that an entry point needs to load. */
const OPTIONAL: Readonly<Record<string, string>> = {
  'colloquy/dialogue/parsers/phone': 'libphonenumber-js',
  'colloquy/otel': '@opentelemetry/api',
  'colloquy/persist/lmdb': 'lmdb',
  'colloquy/testing/vitest': 'vitest',
};

/** The entry points that `require` cannot load, because their peer refuses. */
const IMPORT_ONLY: readonly string[] = ['colloquy/testing/vitest'];

/** Runs a program of the project in a new process: `load(specifier)` uses the module system's own way. */
async function evaluate(place: Project, system: System, program: string): Promise<unknown> {
  const load =
    system === 'import'
      ? 'const load = (specifier) => import(specifier);'
      : 'const load = (specifier) => require(specifier);';
  const text = `${load}
    const main = async () => { ${program} };
    main().then((result) => process.stdout.write(JSON.stringify(result)));`;
  const type = system === 'import' ? 'module' : 'commonjs';
  const output = await run(
    process.execPath,
    [`--input-type=${type}`, '--eval', text],
    place.folder,
  );
  return JSON.parse(output);
}

/** The names that each entry point exports, or the reason why it does not load. */
async function namesOf(place: Project, system: System): Promise<Record<string, unknown>> {
  const names = await evaluate(
    place,
    system,
    `const names = {};
     for (const specifier of ${JSON.stringify(specifiers)}) {
       try {
         names[specifier] = Object.keys(await load(specifier)).sort();
       } catch (error) {
         names[specifier] = error.message;
       }
     }
     return names;`,
  );
  return names as Record<string, unknown>;
}

const [imported, required] = await Promise.all(systems.map((system) => namesOf(project, system)));

describe('an entry point', () => {
  it('is known to these tests', () => {
    expect(specifiersOf(project.manifest).toSorted()).toEqual(specifiers.toSorted());
  });

  it.each(specifiers.filter((each) => !IMPORT_ONLY.includes(each)))(
    '%s gives the same names to import and to require',
    (specifier) => {
      expect(imported?.[specifier]).toEqual(required?.[specifier]);
      expect(imported?.[specifier]).toEqual(expect.arrayContaining([expect.any(String)]));
      expect(imported?.[specifier]).not.toContain('default');
    },
  );

  it.each(systems)(
    'loads by %s without the optional peers, or names the missing peer',
    async (system) => {
      const names = await namesOf(bare, system);
      for (const specifier of specifiers) {
        const peer = OPTIONAL[specifier];
        expect({ specifier, names: names[specifier] }).toEqual({
          specifier,
          names:
            peer === undefined
              ? expect.arrayContaining([expect.any(String)])
              : expect.stringMatching(new RegExp(`Cannot find (?:module|package) '${peer}`, 'u')),
        });
      }
    },
  );
});

describe('an error', () => {
  it.each(systems)('is of one class, whichever entry point throws it, by %s', async (system) => {
    const found = await evaluate(
      project,
      system,
      `const core = await load('colloquy');
       const found = {};
       for (const [specifier, provoke] of ${provoked(system)}) {
         found[specifier] = await Promise.resolve(load(specifier)).then(provoke).then(
           () => 'nothing was thrown',
           (e) => {
             const one = e instanceof core.ColloquyError && e.constructor === core[e.name];
             return one && core.ColloquyError.is(e, e.code) ? e.name : e.stack;
           },
         );
       }
       return found;`,
    );
    expect(found).toEqual({
      colloquy: 'UsageError',
      'colloquy/testing': 'UsageError',
      'colloquy/testing/jest': 'UsageError',
      ...(system === 'import' && { 'colloquy/testing/vitest': 'UsageError' }),
      'colloquy/testing/wechat': 'UsageError',
      'colloquy/cli': 'UsageError',
      'colloquy/channels/ilink': 'UsageError',
      'colloquy/channels/json': 'UsageError',
      'colloquy/channels/node': 'UsageError',
      'colloquy/channels/slack': 'UsageError',
      'colloquy/channels/source': 'UsageError',
      'colloquy/channels/telegram': 'UsageError',
      'colloquy/channels/terminal': 'UsageError',
      'colloquy/channels/web': 'UsageError',
      'colloquy/channels/webhook': 'DeliveryError',
      'colloquy/channels/wechat': 'UsageError',
      'colloquy/channels/wecom': 'UsageError',
      'colloquy/dialogue/parsers/date': 'UsageError',
      'colloquy/dialogue/parsers/phone': 'UsageError',
      'colloquy/model': 'UsageError',
      'colloquy/otel': 'UsageError',
      'colloquy/parsers': 'UsageError',
      'colloquy/persist/lmdb': 'UsageError',
      'colloquy/persist/memory': 'PersistError',
      'colloquy/persist/postgres': 'UsageError',
      'colloquy/persist/redis': 'UsageError',
      'colloquy/persist/sqlite': 'UsageError',
      'colloquy/persist/write-behind': 'UsageError',
      'colloquy/studio': 'UsageError',
      'colloquy/takeover': 'UsageError',
    });
  });

  it.each(systems)(
    'names in its stack the functions that it came through, by %s',
    async (system) => {
      const stack = await evaluate(
        project,
        system,
        `const { createContextStore } = await load('colloquy');
       try { createContextStore({ max: -1 }); } catch (error) { return error.stack; }`,
      );
      expect(stack).toMatch(/^UsageError: /u);
      expect(stack).toContain('at createContextStore (');
    },
  );

  it('is recognised by the other module system, which has another class', async () => {
    const found = await evaluate(
      project,
      'import',
      `const { createRequire } = await import('node:module');
       const require = createRequire(process.cwd() + '/main.cjs');
       const [esm, cjs] = [await import('colloquy'), require('colloquy')];
       const caught = (m) => { try { m.createContextStore({ max: -1 }); } catch (e) { return e; } };
       return [[caught(esm), cjs], [caught(cjs), esm]].map(([e, { ColloquyError }]) =>
         [e instanceof ColloquyError, ColloquyError.is(e), ColloquyError.is(e, e.code), ColloquyError.is(e, 'other')]);`,
    );
    expect(found).toEqual([
      [false, true, true, false],
      [false, true, true, false],
    ]);
  });
});

/** A list of `[specifier, provocation]`, as program text. */
function provoked(system: System): string {
  const loadable = specifiers.filter((each) => system === 'import' || !IMPORT_ONLY.includes(each));
  const pairs = loadable.map(
    (specifier) => `[${JSON.stringify(specifier)}, async (m) => { ${provocations[specifier]} }]`,
  );
  return `[${pairs.join(', ')}]`;
}
