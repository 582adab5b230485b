import { type AnyStateMachine, raise } from 'xstate';
import { type Migrations, keywords, setupDialogue, text } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type ConverseOptions, converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

/** What a new version of a dialogue does with a sub-dialogue that waits for a history to lead back to it. */

const intents = { away: keywords('away'), back: keywords('back') };
const own = setupDialogue({ types: {} as { context: { a?: string } } });

function childOf(second = 'b', more: object = {}): AnyStateMachine {
  return own.createDialogue({
    id: 'child',
    context: {},
    initial: 'a',
    states: {
      a: own.ask({ question: 'a?', parse: text(), assign: 'a', target: second as 'b' }),
      [second]: own.ask({ question: `${second}?`, parse: text(), target: 'end' }),
      end: own.done(({ context }) => `Done, ${context.a}.`),
      ...more,
    },
  } as never) as unknown as AnyStateMachine;
}

interface Version {
  readonly version?: string;
  readonly child?: AnyStateMachine;
  /** The state that invokes it. */
  readonly host?: string;
  readonly more?: object;
}

function dialogueOf({ version = '2', child = childOf(), host = 'x', more = {} }: Version = {}) {
  return setupDialogue({ actors: { child }, intents }).createDialogue({
    id: 'made',
    version,
    context: {},
    initial: 'talk',
    on: { 'intent.away': '.away', 'intent.back': '.talk.last' },
    states: {
      talk: {
        initial: host,
        states: { [host]: { invoke: { src: 'child' } }, last: { type: 'history' } },
      },
      away: { entry: own.reply('Away.'), on: { 'message.text': {} } },
      ...more,
    },
  } as never) as unknown as AnyStateMachine;
}

type Paused = object | readonly object[] | undefined;

/**
 * Leaves the sub-dialogue of version 1 at its second question, and comes back in the other one.
 * @param change changes what is stored of the paused sub-dialogues
 */
async function upgraded(
  to: Version,
  options: Partial<ConverseOptions<AnyStateMachine>> = {},
  change: (paused: readonly object[]) => Paused = (paused) => paused,
) {
  const disk = createDisk();
  const before = converse(dialogueOf({ version: '1' }), { persister: memory(disk) });
  for (const [index, message] of ['hi', 'Ann', 'away'].entries()) {
    await before.send(message, { id: `before${index}` });
  }
  await before.close();
  for (const [openid, record] of disk.records) {
    const envelope = JSON.parse(record.body) as { dialogue: { snapshot: { paused: object[] } } };
    const { snapshot } = envelope.dialogue;
    expect(snapshot.paused).toHaveLength(1);
    Object.assign(snapshot, { paused: change(snapshot.paused) });
    disk.records.set(openid, { ...record, body: JSON.stringify(envelope) });
  }
  const chat = converse(dialogueOf(to), { ...options, persister: memory(disk) } as never);
  const { replies } = await chat.send('back', { id: 'after' });
  expect(chat.errors).toEqual([]);
  return replies;
}

const renamed: Migrations = {
  1: ({ snapshot, ...rest }) => ({
    ...rest,
    version: '2',
    snapshot: {
      ...snapshot,
      history: { 'made.talk.last': ['made.talk.y'] },
      paused: (snapshot.paused ?? []).map((paused) => ({
        ...paused,
        state: 'made.talk.y',
        id: '0.made.talk.y',
      })),
    },
  }),
};

describe('a paused sub-dialogue', () => {
  it.each<[string, Version, string[]]>([
    ['goes on in the same structure', {}, ['b?']],
    ['goes on beside new states', { more: { new: { on: { 'message.text': {} } } } }, ['b?']],
    ['goes on with new states in it', { child: childOf('b', { new: own.done() }) }, ['b?']],
    ['starts again where its own state is gone', { child: childOf('c') }, ['a?']],
    // The state that the history remembers is gone, so the whole dialogue starts again.
    ['is gone with the state that invokes it', { host: 'y' }, ['a?']],
  ])('%s', async (_, to, replies) => {
    expect(await upgraded(to)).toMatchObject(replies.map((each) => ({ text: each })));
  });

  it('still gets what it raised with a delay', async () => {
    const nagging = own.createDialogue({
      id: 'nagging',
      context: {},
      entry: raise({ type: 'event.scan' } as never, { delay: 60_000, id: 'nag' }) as never,
      on: { 'event.scan': { actions: own.reply('Nag.') } },
      initial: 'a',
      states: { a: own.ask({ question: 'a?', parse: text() }) },
    });
    const child = nagging as unknown as AnyStateMachine;
    const disk = createDisk();
    const before = converse(dialogueOf({ child }), { persister: memory(disk) });
    await before.send('hi', { id: 'before1' });
    await before.send('away', { id: 'before2' });
    await before.close();
    const more = { new: { on: { 'message.text': {} } } };
    const chat = converse(dialogueOf({ child, more }), { persister: memory(disk) });
    expect(await chat.send('still away', { id: 'after1' })).toMatchObject({ replies: [] });
    chat.expectTimer({ minutes: 1 });
  });

  it('is seen by a migration', async () => {
    expect(await upgraded({ host: 'y' }, { migrate: renamed })).toMatchObject([{ text: 'b?' }]);
  });

  it.each<[string, (paused: readonly object[]) => Paused]>([
    ['a record of an earlier release, which has none', () => undefined],
    ['what is no list', () => ({})],
    ['nothing', () => [null as never]],
    ['one of another actor', ([paused]) => [{ ...paused, src: 'gone' }]],
    ['one of another state', ([paused]) => [{ ...paused, state: 'made.away' }]],
    ['one without a state', ([paused]) => [{ ...paused, state: null }]],
    ['one without a snapshot', ([paused]) => [{ ...paused, snapshot: undefined }]],
  ])('starts again from %s', async (_, change) => {
    expect(await upgraded({}, {}, change)).toMatchObject([{ text: 'a?' }]);
  });
});
