import { image, setupDialogue, text } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { openWorkspace } from './workspace.ts';

const { ask, choose, confirm, createDialogue, done } = setupDialogue({
  types: {} as { context: { table?: string; name?: string } },
});

/** Asks with buttons, then for a text. */
const booking = createDialogue({
  id: 'booking',
  context: {},
  initial: 'table',
  states: {
    table: choose({
      question: 'Which table?',
      options: [
        { value: 'window', label: 'Window' },
        { value: 'bar', label: 'Bar' },
      ],
      assign: 'table',
      target: 'name',
    }),
    name: ask({ question: 'Your name?', parse: text(), assign: 'name', target: 'booked' }),
    booked: done(({ context }) => `Booked the ${context.table} for ${context.name}.`),
  },
});

const openids = async (
  { runner }: ReturnType<typeof openWorkspace>,
  ...among: readonly string[]
): Promise<readonly string[]> => {
  const found = await Promise.all(
    among.map(async (openid) => ((await runner.inspect(openid)) === undefined ? [] : [openid])),
  );
  return found.flat();
};

describe('a slash command in a channel', () => {
  const answers = {
    'a mention in the channel': (at: ReturnType<typeof openWorkspace>) =>
      at.mention({ channel: 'C1', user: 'U1', ts: '20.1', text: 'Ann' }),
    'a message in a channel that the app reads': (at: ReturnType<typeof openWorkspace>) =>
      at.message({ channel: 'C1', user: 'U1', ts: '20.1', text: 'Ann' }),
  };

  it.each(Object.entries(answers))(
    'continues with its buttons, and with %s, visible to its user only',
    async (_what, answer) => {
      const at = openWorkspace(booking);
      await at.command({ channel: 'C1', user: 'U1', command: '/book' });
      expect(at.heard()).toEqual(['Which table?']);
      await at.press('U1', 'Window');
      expect(at.heard()).toEqual(['Your name?']);
      await answer(at);
      expect(at.heard()).toEqual(['Booked the window for Ann.']);
      for (const { method, channel, onlyTo } of at.posts) {
        expect({ method, channel, onlyTo }).toEqual({
          method: 'chat.postEphemeral',
          channel: 'C1',
          onlyTo: 'U1',
        });
      }
      expect(await openids(at, 'slack:T1:C1:U1', 'slack:T1:C1.20.1:U1', 'slack:T1:U1:U1')).toEqual([
        'slack:T1:C1:U1',
      ]);
      expect(at.errors).toEqual([]);
    },
  );

  it('hears an answer once that comes as a message and as a mention, also when it was the last one', async () => {
    const at = openWorkspace(booking);
    await at.command({ channel: 'C1', user: 'U1', command: '/book' });
    await at.press('U1', 'Bar');
    at.heard();
    const said = { channel: 'C1', user: 'U1', ts: '20.1', text: 'Ann' };
    await at.mention(said);
    await at.message({ ...said, text: '<@UBOT> Ann' });
    await at.mention(said);
    expect(at.heard()).toEqual(['Booked the bar for Ann.']);
  });

  it('continues in another process, which counts an answer once that both receive', async () => {
    const disk = createDisk();
    const clock = createManualClock();
    const [first, second] = [1, 2].map(() =>
      openWorkspace(booking, { clock, persister: memory(disk) }),
    );
    if (first === undefined || second === undefined) throw new Error('two processes');
    await first.command({ channel: 'C1', user: 'U1', command: '/book' });
    await first.press('U1', 'Bar');
    await first.runner.stop();
    const said = { channel: 'C1', user: 'U1', ts: '20.1', text: 'Ann' };
    await second.mention(said);
    await second.runner.stop();
    const third = openWorkspace(booking, { clock, persister: memory(disk) });
    await third.message({ ...said, text: '<@UBOT> Ann' });
    await third.runner.stop();
    expect(first.heard()).toEqual(['Which table?', 'Your name?']);
    expect(second.heard()).toEqual(['Booked the bar for Ann.']);
    expect(third.heard()).toEqual([]);
    expect(second.posts).toMatchObject([{ channel: 'C1', onlyTo: 'U1' }]);
  });

  it('takes a message in the thread of its answer', async () => {
    const at = openWorkspace(booking);
    await at.command({ channel: 'C1', user: 'U1', command: '/book' });
    await at.mention({ channel: 'C1', user: 'U1', ts: '20.1', text: 'Bar' });
    await at.mention({ channel: 'C1', user: 'U1', ts: '20.2', thread_ts: '20.1', text: 'Ann' });
    expect(at.heard()).toEqual(['Which table?', 'Your name?', 'Booked the bar for Ann.']);
    expect(at.posts.every(({ onlyTo }) => onlyTo === 'U1')).toBe(true);
  });

  it('leaves other threads and other people alone', async () => {
    const at = openWorkspace(booking);
    await at.command({ channel: 'C1', user: 'U1', command: '/book' });
    await at.mention({ channel: 'C1', user: 'U1', ts: '21.2', thread_ts: '21.1', text: 'hi' });
    await at.mention({ channel: 'C1', user: 'U2', ts: '22.1', text: 'hi' });
    await at.mention({ channel: 'C2', user: 'U1', ts: '23.1', text: 'hi' });
    expect(at.posts.map(({ channel, thread, onlyTo }) => [channel, thread, onlyTo])).toEqual([
      ['C1', undefined, 'U1'],
      ['C1', '21.1', undefined],
      ['C1', '22.1', undefined],
      ['C2', '23.1', undefined],
    ]);
    await at.mention({ channel: 'C1', user: 'U1', ts: '24.1', text: 'Window' });
    expect(at.posts.at(-1)).toMatchObject({ channel: 'C1', onlyTo: 'U1', text: 'Your name?' });
  });

  it('is not answered by a mention an hour later, which begins a thread', async () => {
    const at = openWorkspace(booking);
    await at.command({ channel: 'C1', user: 'U1', command: '/book' });
    await at.press('U1', 'Window');
    await at.clock.advance(3_600_001);
    await at.mention({ channel: 'C1', user: 'U1', ts: '25.1', text: 'a refund, please' });
    expect(at.posts.at(-1)).toMatchObject({ text: 'Which table?', thread: '25.1' });
    const { context } = (await at.runner.inspect('slack:T1:C1:U1')) ?? {};
    expect(context).toEqual({ table: 'window' });
  });

  it('is answered where the app is no member of the channel, as often as Slack allows', async () => {
    const at = openWorkspace(booking, {
      refuse: (url) => (url.includes('chat.postEphemeral') ? 'not_in_channel' : undefined),
    });
    await at.command({ channel: 'C1', user: 'U1', command: '/book' });
    await at.press('U1', 'Window');
    expect(at.posts.map(({ method, text: said }) => [method, said])).toEqual([
      ['https://hooks.slack.example/commands/1', 'Which table?'],
      ['https://hooks.slack.example/actions/1', 'Your name?'],
    ]);
    for (let count = 0; count < 6; count += 1) {
      await at.runner.say('slack:T1:C1:U1', `${count}`);
      await at.runner.idle('slack:T1:C1:U1');
    }
    expect(at.heard()).toEqual(['Which table?', 'Your name?', '0', '1', '2', '3']);
  });

  it('in direct messages of two people is answered in those with the app', async () => {
    const at = openWorkspace(booking);
    await at.command({ channel: 'D77', user: 'U1', command: '/book' });
    await at.message({ channel: 'D1', user: 'U1', ts: '26.1', text: 'window' });
    await at.command({ channel: 'D77', user: 'U1', command: '/book' });
    expect(at.posts.map(({ method, channel }) => [method, channel])).toEqual([
      ['chat.postMessage', 'U1'],
      ['chat.postMessage', 'D1'],
      ['chat.postMessage', 'D1'],
    ]);
  });
});

describe('a mention in a channel', () => {
  it('begins a thread, in which everything is said', async () => {
    const at = openWorkspace(booking);
    await at.mention({ channel: 'C1', user: 'U1', ts: '30.1', text: 'a table' });
    await at.press('U1', 'Window');
    await at.message({ channel: 'C1', user: 'U1', ts: '30.2', thread_ts: '30.1', text: 'Ann' });
    expect(at.heard()).toEqual(['Which table?', 'Your name?', 'Booked the window for Ann.']);
    expect(at.posts.every(({ thread }) => thread === '30.1')).toBe(true);
    expect(await openids(at, 'slack:T1:C1:U1', 'slack:T1:C1.30.1:U1')).toEqual([
      'slack:T1:C1.30.1:U1',
    ]);
  });

  it('has a button that no other user can press', async () => {
    const at = openWorkspace(booking);
    await at.mention({ channel: 'C1', user: 'U1', ts: '30.1', text: 'a table' });
    await at.message({ channel: 'C1', user: 'U2', ts: '30.2', thread_ts: '30.1', text: 'me too' });
    at.heard();
    const annsButton = at.posts[0]?.blocks.find(({ type }) => type === 'actions')?.block_id;
    const bobs = at.posts.pop();
    expect(bobs).toMatchObject({ text: 'Which table?' });
    expect(await at.press('U2', 'Window')).toBe(200);
    expect(at.posts.length).toBe(1);
    expect(annsButton).toMatch(/^for:U1\|asking:[0-9a-z]+$/);
    for (const user of ['U1', 'U2']) {
      const found = await at.runner.inspect(`slack:T1:C1.30.1:${user}`);
      expect(found?.dialogue?.value).toEqual({ table: 'waiting' });
    }
    await at.press('U1', 'Window');
    expect(at.posts.at(-1)?.text).toBe('Your name?');
  });
});

describe('direct messages', () => {
  it('are one conversation in all threads, and are answered where they were said', async () => {
    const at = openWorkspace(booking);
    await at.message({ channel: 'D1', user: 'U1', ts: '40.1', text: 'hi' });
    await at.message({ channel: 'D1', user: 'U1', ts: '40.2', thread_ts: '40.1', text: 'bar' });
    await at.message({ channel: 'D1', user: 'U1', ts: '40.3', text: 'Ann' });
    expect(at.posts.map(({ thread, text: said }) => [thread, said])).toEqual([
      [undefined, 'Which table?'],
      ['40.1', 'Your name?'],
      [undefined, 'Booked the bar for Ann.'],
    ]);
  });

  it('go on where they were begun under an openid of before', async () => {
    const at = openWorkspace(booking);
    await at.runner.handle('slack:T1:D1:U1', 'hi');
    await at.runner.handle('slack:T1:D1:U1', 'window');
    await at.message({ channel: 'D1', user: 'U1', ts: '40.3', text: 'Ann' });
    await at.message({ channel: 'D1', user: 'U1', ts: '40.4', text: 'hi' });
    expect(at.posts.map(({ channel, text: said }) => [channel, said])).toEqual([
      ['D1', 'Booked the window for Ann.'],
      ['D1', 'Which table?'],
    ]);
    await at.runner.handle('slack:T1:D1.50.1:U1', 'hi');
    await at.message({ channel: 'D1', user: 'U1', ts: '50.2', thread_ts: '50.1', text: 'bar' });
    expect(at.posts.at(-1)).toMatchObject({ channel: 'D1', thread: '50.1', text: 'Your name?' });
  });

  it('are one conversation with what an event began', async () => {
    const welcome = createDialogue({
      id: 'welcome',
      context: {},
      initial: 'out',
      states: {
        out: { on: { 'event.join': 'table' } },
        table: choose({
          question: 'Welcome! Which table?',
          options: [{ value: 'window', label: 'Window' }],
          assign: 'table',
          target: 'name',
        }),
        name: ask({ question: 'Your name?', parse: text(), assign: 'name', target: 'booked' }),
        booked: done('Booked.'),
      },
    });
    const at = openWorkspace(welcome);
    await at.event({ type: 'team_join', user: { id: 'U1', name: 'ann' } });
    await at.press('U1', 'Window');
    await at.message({ channel: 'D1', user: 'U1', ts: '40.1', text: 'Ann' });
    expect(at.posts.map(({ channel, text: said }) => [channel, said])).toEqual([
      ['U1', 'Welcome! Which table?'],
      ['U1', 'Your name?'],
      ['D1', 'Booked.'],
    ]);
  });
});

describe('several files of one message', () => {
  const receipts = createDialogue({
    id: 'receipts',
    context: {},
    initial: 'photo',
    states: {
      photo: ask({ question: 'A photo?', parse: image(), target: 'name' }),
      name: ask({ question: 'Your name?', parse: text(), assign: 'name', target: 'thanks' }),
      thanks: done(({ context }) => `Thanks, ${context.name}.`),
    },
  });

  it('are one message, and come as events beside it', async () => {
    const received: string[] = [];
    const at = openWorkspace(receipts);
    const { handle } = at.runner;
    at.runner.handle = (openid, message, options) => {
      received.push((message as { type: string }).type);
      return handle.call(at.runner, openid, message, options);
    };
    const files = [1, 2, 3, 4, 5].map((each) => ({ id: `F${each}`, mimetype: 'image/png' }));
    const said = { channel: 'D1', user: 'U1', text: '' };
    await at.message({ ...said, ts: '80.1', text: 'hi' });
    await at.message({ ...said, ts: '80.2', ...{ subtype: 'file_share', files } });
    expect(received.slice(1)).toEqual(['message.image', ...files.map(() => 'event.album')]);
  });
});

describe('a scope', () => {
  it('of the chat is one conversation of all in the channel, answered where it was last spoken to', async () => {
    const at = openWorkspace(booking, { scope: 'chat' });
    await at.command({ channel: 'C1', user: 'U1', command: '/book' });
    await at.press('U2', 'Window');
    await at.mention({ channel: 'C1', user: 'U3', ts: '60.2', thread_ts: '60.1', text: 'Bob' });
    expect(at.posts.map(({ channel, thread, text: said }) => [channel, thread, said])).toEqual([
      ['C1', undefined, 'Which table?'],
      ['C1', undefined, 'Your name?'],
      ['C1', '60.1', 'Booked the window for Bob.'],
    ]);
  });

  it('of the thread is one conversation of all in it', async () => {
    const at = openWorkspace(booking, { scope: 'thread' });
    await at.mention({ channel: 'C1', user: 'U1', ts: '60.1', text: 'hi' });
    await at.press('U2', 'Window');
    await at.message({ channel: 'C1', user: 'U3', ts: '60.2', thread_ts: '60.1', text: 'Bob' });
    await at.mention({ channel: 'C1', user: 'U1', ts: '61.1', text: 'hi' });
    expect(at.posts.map(({ thread, text: said }) => [thread, said])).toEqual([
      ['60.1', 'Which table?'],
      ['60.1', 'Your name?'],
      ['60.1', 'Booked the window for Bob.'],
      ['61.1', 'Which table?'],
    ]);
  });

  it('of the thread leaves commands to each person', async () => {
    const at = openWorkspace(booking, { scope: 'thread' });
    await at.command({ channel: 'C1', user: 'U1', command: '/book' });
    await at.press('U1', 'Window');
    await at.mention({ channel: 'C1', user: 'U1', ts: '60.1', text: 'Ann' });
    expect(at.posts.every(({ onlyTo }) => onlyTo === 'U1')).toBe(true);
    expect(at.posts.at(-1)?.text).toBe('Booked the window for Ann.');
  });
});

describe('an answer of Slack to "Delete?"', () => {
  const deletion = createDialogue({
    id: 'deletion',
    context: {},
    initial: 'sure',
    states: {
      sure: confirm({ question: 'Delete?', yes: 'gone', no: 'kept' }),
      gone: done('Deleted.'),
      kept: done('Kept.'),
    },
  });

  it.each([
    [':-1:', 'Kept.'],
    [':-1::skin-tone-2:', 'Kept.'],
    [':thumbsdown:', 'Kept.'],
    [':thumbsdown::skin-tone-6:', 'Kept.'],
    [':x:', 'Kept.'],
    [':no_good:', 'Kept.'],
    ['*no*', 'Kept.'],
    ['_no_', 'Kept.'],
    ['`no`', 'Kept.'],
    [':+1:', 'Deleted.'],
    [':+1::skin-tone-3:', 'Deleted.'],
    [':thumbsup:', 'Deleted.'],
    [':white_check_mark:', 'Deleted.'],
    [':ok:', 'Deleted.'],
    [':ok_hand::skin-tone-4:', 'Deleted.'],
    [':100:', 'Deleted.'],
    ['*yes*', 'Deleted.'],
    ['yes :+1:', 'Deleted.'],
  ])('%s is taken: %s', async (said, outcome) => {
    const at = openWorkspace(deletion);
    await at.message({ channel: 'D1', user: 'U1', ts: '70.1', text: 'hi' });
    await at.message({ channel: 'D1', user: 'U1', ts: '70.2', text: said });
    expect(at.heard()).toEqual(['Delete?', outcome]);
  });
});
