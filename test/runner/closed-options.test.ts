import { createClient } from 'redis';
import { describe, expect, it } from 'vitest';
import {
  checkRecords,
  choice,
  confirm,
  createContextStore,
  createRunner,
  integer,
  jsonCodec,
  number,
  sealed,
  setupDialogue,
  text,
} from 'colloquy';
import { jsonWebhook } from 'colloquy/channels/json';
import { toNodeListener } from 'colloquy/channels/node';
import { slack } from 'colloquy/channels/slack';
import { telegram } from 'colloquy/channels/telegram';
import { runTerminal } from 'colloquy/channels/terminal';
import { createWebhook } from 'colloquy/channels/webhook';
import { createWebChat } from 'colloquy/channels/web';
import { accessTokens, wechat } from 'colloquy/channels/wechat';
import { corpTokens, wecom } from 'colloquy/channels/wecom';
import { date, dateTime, time } from 'colloquy/dialogue/parsers/date';
import { phone } from 'colloquy/dialogue/parsers/phone';
import { observe } from 'colloquy/otel';
import { lmdb } from 'colloquy/persist/lmdb';
import { createDisk, memory } from 'colloquy/persist/memory';
import { postgres, schemaSql } from 'colloquy/persist/postgres';
import { redis } from 'colloquy/persist/redis';
import { sqlite } from 'colloquy/persist/sqlite';
import { writeBehind } from 'colloquy/persist/write-behind';
import {
  converse,
  explore,
  faulty,
  fromRecord,
  lintDialogue,
  recordTranscript,
  walkDialogue,
} from 'colloquy/testing';
import { throughWechat } from 'colloquy/testing/wechat';

const { createDialogue } = setupDialogue({ types: {} as { context: object } });
const dialogue = createDialogue({ id: 'd', context: {} });
const runner = createRunner(dialogue);

/** Each factory with its options last, a key that is misspelt, and the one that was meant. */
const FACTORIES: [string, (options: never) => unknown, wrong: string, meant: string][] = [
  ['createRunner()', (options) => createRunner(dialogue, options), 'stroe', 'store'],
  ['createContextStore()', createContextStore, 'maxAge', ''],
  ['checkRecords()', (options) => checkRecords(dialogue, [], options), 'migrat', 'migrate'],
  ['sealed()', (options) => sealed(jsonCodec, options), 'mod', 'mode'],
  ['observe()', (options) => observe(runner, options), 'trace', 'tracer'],
  ['converse()', (options) => converse(dialogue, options), 'servces', 'services'],
  ['lintDialogue()', (options) => lintDialogue(dialogue, options), 'rule', 'rules'],
  ['explore()', (options) => explore(dialogue, options), 'buget', 'budget'],
  ['walkDialogue()', (options) => walkDialogue(dialogue, options), 'run', 'runs'],
  ['faulty()', (options) => faulty(memory(), options), 'chose', 'choose'],
  ['recordTranscript()', (options) => recordTranscript(runner, options), 'openId', 'openid'],
  [
    'fromRecord()',
    (options) => fromRecord({ openid: 'a', body: '' }, options),
    'dialog',
    'dialogue',
  ],
  ['throughWechat()', throughWechat, 'tokn', 'token'],
  ['memory()', (options) => memory(createDisk(), options), 'share', 'shared'],
  ['lmdb()', (options) => lmdb('/nowhere', options), 'share', 'shared'],
  ['redis()', (options) => redis(createClient() as never, options), 'shard', 'shards'],
  ['sqlite()', (options) => sqlite({} as never, options), 'share', 'shared'],
  ['postgres()', (options) => postgres({ query() {} } as never, options), 'tabel', 'table'],
  ['schemaSql()', schemaSql, 'shema', 'schema'],
  [
    'createWebhook()',
    (options) => createWebhook(runner, {} as never, options),
    'onErorr',
    'onError',
  ],
  [
    'toNodeListener()',
    (options) => toNodeListener(async () => new Response(), options),
    'onerr',
    'onError',
  ],
  ['runTerminal()', (options) => runTerminal(runner, options), 'color', 'colors'],
  ['jsonWebhook()', jsonWebhook, 'secrt', 'secret'],
  ['createWebChat()', (options) => createWebChat(runner, options as never), 'secrt', 'secret'],
  ['slack()', slack, 'signingSecrt', 'signingSecret'],
  ['telegram()', telegram, 'scop', 'scope'],
  ['wechat()', wechat, 'appid', 'appId'],
  ['accessTokens()', accessTokens, 'appid', 'appId'],
  ['wecom()', wecom, 'corpid', 'corpId'],
  ['corpTokens()', corpTokens, 'corpid', 'corpId'],
  ['text()', text, 'maxlength', 'maxLength'],
  ['number()', number, 'minimum', ''],
  ['number()', integer, 'mn', 'min'],
  ['confirm()', confirm, 'yess', 'yes'],
  ['date()', date, 'timezone', 'timeZone'],
  ['time()', time, 'mx', 'max'],
  ['dateTime()', dateTime, 'futur', 'future'],
  ['phone()', phone, 'contry', 'country'],
];

const thrownBy = async (make: () => unknown): Promise<unknown> => {
  try {
    await make();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('the options of', () => {
  it.each(FACTORIES)('%s are closed', async (owner, create, wrong, meant) => {
    const error = await thrownBy(() => create({ [wrong]: 1 } as never));
    const end = meant === '' ? 'expected one of ' : `did you mean '${meant}'?`;
    expect(error).toMatchObject({
      name: 'UsageError',
      code: 'bad_option',
      message: expect.stringContaining(`${owner}: '${wrong}' is not an option; ${end}`) as string,
    });
  });

  it.each(FACTORIES)('%s are an object, and the error says so', async (owner, create) => {
    for (const value of [null, 'x', 42, ['x']]) {
      const error = await thrownBy(() => create(value as never));
      expect(error).toMatchObject({
        code: 'bad_option',
        message: expect.stringContaining(`${owner} takes an object of options; it got `) as string,
      });
    }
  });

  it('inner objects are closed too', async () => {
    const inner: [() => unknown, string][] = [
      [
        () => createRunner(dialogue, { lanes: { wating: 1 } } as never),
        "'lanes.wating' is not an option; did you mean 'lanes.waiting'?",
      ],
      [() => createContextStore({ lease: { ttl: 1 } } as never), "'lease.ttl'"],
      [() => writeBehind(memory(), { behind: 1 } as never), "did you mean 'behindMs'?"],
      [
        () => sealed(jsonCodec, { mode: 'sign', keys: [{ id: 'a', secrt: 'b' }] } as never),
        "'keys.secret'",
      ],
      [() => wechat({ push: { accesToken: 1 } } as never), "'push.accessToken'"],
      [() => jsonWebhook({ push: { uri: 1 } } as never), "'push.url'"],
    ];
    for (const [make, text] of inner) expect(make).toThrow(text);
  });

  it('handle() and say() are closed', async () => {
    await expect(runner.handle('ann', 'hi', { ids: '1' } as never)).rejects.toThrow(
      "handle(): 'ids' is not an option; did you mean 'id'?",
    );
    await expect(runner.say('ann', 'hi', { idd: '1' } as never)).rejects.toThrow(
      "say(): 'idd' is not an option; did you mean 'id'?",
    );
  });
});

describe('without its first argument', () => {
  it.each([
    ['createRunner', createRunner as (value: unknown) => unknown],
    ['converse', converse as (value: unknown) => unknown],
    ['lintDialogue', lintDialogue as (value: unknown) => unknown],
    ['explore', explore as (value: unknown) => unknown],
  ])('%s() says what a dialogue is', async (_name, take) => {
    for (const value of [undefined, null, 'x', 42, [], {}, () => 1]) {
      expect(await thrownBy(() => take(value))).toMatchObject({
        code: 'bad_dialogue',
        message: expect.stringContaining('A dialogue is an XState v5 machine') as string,
      });
    }
  });

  it('choice() says what it takes', () => {
    for (const value of [undefined, null, 'x', {}]) {
      expect(() => choice(value as never)).toThrow(/choice\(\) takes a list of options/);
    }
    expect(() => choice([{ value: 'a', lable: 'A' }] as never)).toThrow(/'lable' .* 'label'/);
  });
});
