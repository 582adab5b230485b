import { commandIntents, email, image, integer, setupDialogue, text } from 'colloquy';
import { createDisk } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { ann, group, openTelegram, openWechat } from './hard-cases.ts';
import { openWorkspace } from './slack/workspace.ts';

const words = setupDialogue({
  types: {} as { context: { name?: string; photo?: object; people?: number; order?: string } },
  intents: commandIntents,
});
const { ask, choose, commands, createDialogue, done, reply } = words;

const naming = createDialogue({
  id: 'naming',
  context: {},
  initial: 'name',
  on: commands({ cancel: '.cancelled', help: { say: 'I book tables.' } }),
  states: {
    name: ask({ question: 'Your name?', parse: text(), assign: 'name', target: 'people' }),
    people: ask({
      question: 'How many?',
      parse: integer(),
      assign: 'people',
      attempts: 3,
      target: 'booked',
      otherwise: 'human',
      timeout: { after: { minutes: 10 }, target: 'gone' },
    }),
    booked: done(({ context }) => `Booked for ${context.name}: ${context.people}.`),
    human: done('A human will help.'),
    gone: done('Gone.'),
    cancelled: done('Cancelled.'),
  },
});

const twice = createDialogue({
  id: 'twice',
  context: {},
  initial: 'pay',
  states: {
    pay: words.confirm({ question: 'Pay?', yes: 'sure', no: 'sure' }),
    sure: words.confirm({ question: 'Delete?', yes: 'gone', no: 'kept' }),
    gone: done('Deleted.'),
    kept: done('Kept.'),
  },
});

describe('a Telegram group', () => {
  const inGroup = (options = {}) => {
    const bot = openTelegram(naming, options);
    return { ...bot, say: (said: string) => bot.write(said, ann, group) };
  };

  it('is cancelled by a command that names the bot', async () => {
    const { say, heard } = inGroup();
    for (const said of ['/start@PizzaBot', '/cancel@PizzaBot']) await say(said);
    expect(heard()).toEqual(['Your name?', 'Cancelled.']);
  });

  it('hears an answer without the mention of the bot', async () => {
    const { say, heard } = inGroup();
    for (const said of ['@PizzaBot hi', '@PizzaBot Ann', '@PizzaBot 3']) await say(said);
    expect(heard()).toEqual(['Your name?', 'How many?', 'Booked for Ann: 3.']);
  });

  it('does not begin by the start of another bot, and takes no command to it for a name', async () => {
    const { say, heard } = inGroup();
    await say('/start@AnotherBot');
    expect(heard()).toEqual([]);
    await say('hi');
    for (const said of ['/start@AnotherBot', '/cancel@AnotherBot', '/help@AnotherBot now']) {
      await say(said);
    }
    expect(heard()).toEqual(['Your name?']);
    await say('Ann');
    expect(heard()).toEqual(['How many?']);
  });

  it.each([
    ['before anybody spoke', []],
    ['at a question', ['hi']],
    ['after the end', ['hi', 'Ann', '3']],
  ])('is silent about a post of its channel that is forwarded by itself, %s', async (_, before) => {
    const { write, say, heard } = inGroup();
    for (const said of before) await say(said);
    heard();
    const news = { id: -200, type: 'channel', title: 'News' };
    const telegram = { id: 777000, is_bot: false, first_name: 'Telegram' };
    await write({ text: 'Ann', is_automatic_forward: true, sender_chat: news }, telegram, group);
    expect(heard()).toEqual([]);
  });

  it('continues as a supergroup for the member who upgraded it', async () => {
    const bot = openTelegram(naming);
    const old = { id: -5, type: 'group', title: 'Us' };
    await bot.write('hi', ann, old);
    await bot.write('Ann', ann, old);
    await bot.write({ migrate_to_chat_id: -100 }, ann, old);
    const anonymous = { id: 1087968824, is_bot: true, first_name: 'Group' };
    await bot.write({ migrate_from_chat_id: -5, sender_chat: group }, anonymous, group);
    expect(bot.heard()).toEqual(['Your name?', 'How many?']);
    await bot.write('many', ann, group);
    await bot.write('3', ann, group);
    expect(bot.heard().at(-1)).toBe('Booked for Ann: 3.');
    expect(await bot.runner.inspect('telegram:7:-5:101')).toBe(undefined);
    expect(bot.errors).toEqual([]);
  });

  it('gets the timeout there that began to count before', async () => {
    const bot = openTelegram(naming);
    const old = { id: -5, type: 'group', title: 'Us' };
    await bot.write('hi', ann, old);
    await bot.write('Ann', ann, old);
    await bot.clock.advance({ minutes: 9 });
    await bot.write({ migrate_to_chat_id: -100 }, ann, old);
    await bot.clock.advance({ minutes: 1 });
    await bot.runner.idle('telegram:7:-100:101');
    expect(bot.heard().at(-1)).toBe('Gone.');
    expect(bot.chats.at(-1)).toBe(-100);
    expect(bot.errors).toEqual([]);
  });

  it('stays where it is if a member spoke in the supergroup before its move was reported', async () => {
    const bot = openTelegram(naming);
    const old = { id: -5, type: 'group', title: 'Us' };
    await bot.write('hi', ann, old);
    await bot.write('hi', ann, group);
    await bot.write({ migrate_to_chat_id: -100 }, ann, old);
    await bot.write('Ann', ann, group);
    await bot.write('3', ann, group);
    expect(bot.heard()).toEqual(['Your name?', 'Your name?', 'How many?', 'Booked for Ann: 3.']);
    // The program learns that there are two.
    expect(new Set(bot.errors.map((error) => (error as { code?: string }).code))).toEqual(
      new Set(['target_exists']),
    );
  });

  it('continues as a supergroup for the members who did not upgrade it', async () => {
    const bot = openTelegram(naming);
    const old = { id: -5, type: 'group', title: 'Us' };
    const bob = { id: 102, is_bot: false, first_name: 'Bob' };
    await bot.write('hi', bob, old);
    await bot.write({ migrate_to_chat_id: -100 }, ann, old);
    const anonymous = { id: 1087968824, is_bot: true, first_name: 'Group' };
    await bot.write({ migrate_from_chat_id: -5, sender_chat: group }, anonymous, group);
    await bot.write('Bob', bob, group);
    await bot.write('2', bob, group);
    expect(bot.heard()).toEqual(['Your name?', 'How many?', 'Booked for Bob: 2.']);
  });
});

describe('who blocked the bot in Telegram', () => {
  it('is greeted when they come back', async () => {
    const bot = openTelegram(naming);
    const chat = { id: 101, type: 'private', first_name: 'Ann' };
    const change = (was: string, is: string) => ({
      my_chat_member: {
        chat,
        from: ann,
        old_chat_member: { status: was },
        new_chat_member: { status: is },
      },
    });
    await bot.update(change('member', 'kicked'));
    await bot.update(change('kicked', 'member'));
    expect(bot.heard()).toEqual([]);
    await bot.write('/start');
    await bot.write('Ann');
    expect(bot.heard()).toEqual(['Your name?', 'How many?']);
  });
});

describe('/start in Telegram at a question', () => {
  it('has it asked again, and spends no attempt', async () => {
    const bot = openTelegram(naming);
    for (const said of ['/start', '/start', 'Ann', '/start', '/start 7', '/start', '/start']) {
      await bot.write(said);
    }
    expect(bot.heard()).toEqual([...Array(2).fill('Your name?'), ...Array(5).fill('How many?')]);
    await bot.write('3');
    expect(bot.heard()).toEqual(['Booked for Ann: 3.']);
  });

  it('goes to the transition that names it, also to one of the outermost state', async () => {
    const bot = openTelegram(
      createDialogue({
        id: 'greeting',
        context: {},
        initial: 'name',
        on: { 'event.follow': { actions: reply('Welcome back.') } },
        states: {
          name: ask({ question: 'Your name?', parse: text(), assign: 'name', target: 'end' }),
          end: done('Bye.'),
        },
      }),
    );
    for (const said of ['hi', '/start', 'Ann']) await bot.write(said);
    expect(bot.heard()).toEqual(['Your name?', 'Welcome back.', 'Bye.']);
  });
});

describe('several photos at once', () => {
  const receipts = createDialogue({
    id: 'receipts',
    context: {},
    initial: 'photo',
    states: {
      photo: ask({ question: 'A photo?', parse: image(), assign: 'photo', target: 'people' }),
      people: ask({
        question: 'How many?',
        parse: integer(),
        assign: 'people',
        attempts: 3,
        target: 'thanks',
        otherwise: 'human',
      }),
      thanks: done(({ context }) => `Thanks for ${context.people}.`),
      human: done('A human will help.'),
    },
  });

  it('in Slack are one answer, and leave the next question all its attempts', async () => {
    const at = openWorkspace(receipts);
    const files = [1, 2, 3, 4, 5].map((each) => ({ id: `F${each}`, mimetype: 'image/png' }));
    const said = { channel: 'D1', user: 'U1' };
    await at.message({ ...said, ts: '80.1', text: 'hi' });
    await at.message({ ...said, ts: '80.2', text: '', ...{ subtype: 'file_share', files } });
    expect(at.heard()).toEqual(['A photo?', 'How many?']);
    await at.message({ ...said, ts: '80.3', text: 'many' });
    await at.message({ ...said, ts: '80.4', text: 'lots' });
    await at.message({ ...said, ts: '80.5', text: '3' });
    expect(at.heard().at(-1)).toBe('Thanks for 3.');
    expect(at.errors).toEqual([]);
  });

  it('in Telegram leave the next question all its attempts, and do not begin after the end', async () => {
    const bot = openTelegram(receipts);
    const part = (file: string): object => ({ photo: [{ file_id: file }], media_group_id: 'a' });
    await bot.write('hi');
    for (const file of ['1', '2', '3', '4', '5']) await bot.write(part(file));
    expect(bot.heard()).toEqual(['A photo?', 'How many?']);
    for (const said of ['many', 'lots', '3']) await bot.write(said);
    expect(bot.heard().at(-1)).toBe('Thanks for 3.');
    // A part that Telegram delivers late.
    await bot.write(part('6'));
    expect(bot.heard()).toEqual([]);
  });
});

describe('an account of WeChat', () => {
  it('is silent about where the phone is, five seconds after the end', async () => {
    const bot = openWechat(naming);
    for (const said of ['hi', 'Ann', '3']) await bot.write(said);
    expect(bot.heard().at(-1)).toBe('Booked for Ann: 3.');
    for (let report = 0; report < 3; report += 1) {
      await bot.clock.advance(5000);
      await bot.event('LOCATION', { Latitude: '23.1', Longitude: '113.3' });
    }
    expect(bot.heard()).toEqual([]);
    await bot.write('hi');
    expect(bot.heard()).toEqual(['Your name?']);
  });

  it('does not begin by the report of a template, and greets who writes then', async () => {
    const bot = openWechat(naming);
    await bot.event('TEMPLATESENDJOBFINISH', { MsgID: '200163836', Status: 'success' });
    await bot.write('你好');
    expect(bot.heard()).toEqual(['Your name?']);
    expect(bot.errors).toEqual([]);
  });

  it('greets who comes back, where no dialogue ran when they left', async () => {
    for (const before of [[], ['hi', 'Ann', '3']]) {
      const bot = openWechat(naming);
      for (const said of before) await bot.write(said);
      await bot.event('unsubscribe');
      bot.heard();
      await bot.clock.advance(60_000);
      await bot.event('subscribe');
      expect(bot.heard()).toEqual(['Your name?']);
      expect(bot.errors).toEqual([]);
    }
  });

  it('asks the open question again for who comes back to it, and takes their greeting for no name', async () => {
    const bot = openWechat(naming);
    await bot.write('hi');
    await bot.event('unsubscribe');
    await bot.clock.advance(60_000);
    await bot.event('subscribe', { EventKey: 'qrscene_7' });
    expect(bot.heard()).toEqual(['Your name?', 'Your name?']);
    await bot.write('Ann');
    for (let times = 0; times < 4; times += 1) {
      await bot.clock.advance(1000);
      await bot.event('subscribe');
    }
    await bot.write('3');
    expect(bot.heard()).toEqual([...Array(5).fill('How many?'), 'Booked for Ann: 3.']);
  });

  it('hears a name by voice without the full stop of the recognition', async () => {
    const bot = openWechat(naming);
    await bot.write('hi');
    await bot.send('voice', { MediaId: 'm', Format: 'amr', Recognition: '王小明。' });
    await bot.send('voice', { MediaId: 'm', Format: 'amr', Recognition: '三个。' });
    expect(bot.heard()).toEqual(['Your name?', 'How many?', 'Booked for 王小明: 3.']);
  });

  it('begins by an entry of its menu, which is no answer, and again after the end', async () => {
    const bot = openWechat(naming);
    await bot.event('CLICK', { EventKey: 'V1001_MENU' });
    for (const said of ['Ann', '3']) await bot.write(said);
    expect(bot.heard()).toEqual(['Your name?', 'How many?', 'Booked for Ann: 3.']);
    await bot.event('CLICK', { EventKey: 'V1001_MENU' });
    expect(bot.heard()).toEqual(['Your name?']);
  });

  it.each(['V1001_MENU', 'HELP_PAGE', '王小明'])(
    'takes an entry %s of its menu for no name',
    async (key) => {
      const bot = openWechat(naming);
      await bot.write('hi');
      bot.heard();
      await bot.event('CLICK', { EventKey: key });
      await bot.write('Ann');
      await bot.write('3');
      expect(bot.heard().at(-1)).toBe('Booked for Ann: 3.');
    },
  );

  it('hears of two checks in one second twice, and of each once', async () => {
    const checks: unknown[] = [];
    const checking = createDialogue({
      id: 'checking',
      context: {},
      on: {
        'event.unknown': {
          actions: ({ event }) => checks.push((event.raw as Record<string, unknown>)['trace_id']),
        },
      },
    });
    const bot = openWechat(checking);
    for (const trace_id of ['61a', '61b', '61a', '61b']) {
      await bot.event('wxa_media_check', { trace_id });
    }
    expect(checks).toEqual(['61a', '61b']);
  });

  const reminding = createDialogue({
    id: 'reminding',
    context: {},
    initial: 'waiting',
    states: {
      waiting: {
        on: { 'message.text': { actions: reply('Later.') } },
        after: { 60_000: { actions: reply('Your order is ready!') } },
      },
    },
  });

  it.each<[string, Record<string, string>]>([
    ['TEMPLATESENDJOBFINISH', { MsgID: '1', Status: 'success' }],
    ['MASSSENDJOBFINISH', { MsgID: '2', Status: 'send success' }],
    ['subscribe_msg_sent_event', {}],
    ['wxa_media_check', { trace_id: '61a' }],
    ['LOCATION', { Latitude: '23.1', Longitude: '113.3' }],
    ['VIEW', { EventKey: 'https://a.example' }],
    ['unsubscribe', {}],
  ])('keeps what it has to say over %s, until the user writes', async (name, fields) => {
    const bot = openWechat(reminding);
    await bot.write('hi');
    expect(bot.heard()).toEqual(['Later.']);
    await bot.clock.advance(60_000);
    await bot.event(name, fields);
    expect(bot.heard()).toEqual([]);
    await bot.write('well?');
    expect(bot.heard().join('\n')).toBe('Your order is ready!\nLater.');
    await bot.write('well?');
    expect(bot.heard()).toEqual(['Later.']);
  });
});

describe('Slack', () => {
  it('counts a button under a question for one person once, however often it is pressed', async () => {
    const at = openWorkspace(twice);
    await at.command({ channel: 'C1', user: 'U1', command: '/pay' });
    await at.press('U1', 'Yes');
    const [pay] = at.posts;
    // The last post that has this button is the next question: show the first one again.
    at.posts.push(pay as (typeof at.posts)[number]);
    for (let tap = 0; tap < 3; tap += 1) await at.press('U1', 'Yes');
    expect(at.posts.map(({ text: said }) => said)).toEqual(['Pay?', 'Delete?', 'Pay?']);
    expect(at.errors).toEqual([]);
  });

  it.each([
    '*ann@example.com*',
    '_ann@example.com_',
    '*<mailto:ann@example.com|ann@example.com>*',
    '`ann@example.com`',
  ])('says the address %s without its marks', async (said) => {
    const joining = createDialogue({
      id: 'joining',
      context: {},
      initial: 'address',
      states: {
        address: ask({ question: 'Email?', parse: email(), assign: 'name', target: 'end' }),
        end: done(({ context }) => `To ${context.name}`),
      },
    });
    const at = openWorkspace(joining);
    await at.message({ channel: 'D1', user: 'U1', ts: '1.1', text: 'hi' });
    await at.message({ channel: 'D1', user: 'U1', ts: '1.2', text: said });
    expect(at.heard()).toEqual(['Email?', 'To ann@example.com']);
  });

  const event = (type: string, more: object) => ({ type, event_ts: '9.1', user: 'U1', ...more });
  it.each([
    event('reaction_added', { reaction: '+1', item: { channel: 'D1', ts: '1.1' } }),
    event('reaction_removed', { reaction: '+1', item: { channel: 'D1', ts: '1.1' } }),
    event('member_joined_channel', { channel: 'C1' }),
    event('member_left_channel', { channel: 'C1' }),
    event('app_home_opened', { channel: 'D1', tab: 'messages' }),
    event('team_join', { user: { id: 'U1' } }),
    event('message', { subtype: 'channel_join', channel: 'C1', ts: '9.1', text: 'has joined' }),
  ])('is answered nothing to $type, before, at and after a dialogue', async (happened) => {
    for (const before of [[], ['hi'], ['hi', 'Ann', '3']]) {
      const at = openWorkspace(naming);
      for (const [place, said] of before.entries()) {
        await at.message({ channel: 'D1', user: 'U1', ts: `1.${place + 1}`, text: said });
      }
      at.heard();
      await at.event(happened);
      expect(at.heard()).toEqual([]);
      expect(at.errors).toEqual([]);
    }
  });
});

describe('an option whose value is a command', () => {
  const orders = createDialogue({
    id: 'orders',
    context: {},
    initial: 'what',
    on: commands({ cancel: '.cancelled', help: { say: 'I take orders.' } }),
    states: {
      what: choose({
        question: 'What?',
        options: [
          { value: 'cancel', label: 'Cancel an order' },
          { value: 'help', label: 'Back' },
        ],
        assign: 'order',
        target: 'chosen',
      }),
      chosen: done(({ context }) => `You chose ${context.order}.`),
      cancelled: done('Cancelled.'),
    },
  });
  const cases = [
    ['Cancel an order', 'cancel'],
    ['Back', 'help'],
  ] as const;

  it.each(cases)('is chosen by its button %s in Telegram', async (label, value) => {
    const bot = openTelegram(orders);
    await bot.write('hi');
    await bot.press(label);
    expect(bot.heard()).toEqual(['What?', `You chose ${value}.`]);
  });

  it.each(cases)('is chosen by its button %s in Slack', async (label, value) => {
    const at = openWorkspace(orders);
    await at.message({ channel: 'D1', user: 'U1', ts: '1.1', text: 'hi' });
    await at.press('U1', label);
    expect(at.heard()).toEqual(['What?', `You chose ${value}.`]);
  });

  it.each([
    ['1', 'cancel'],
    ['Cancel an order', 'cancel'],
    ['2', 'help'],
    ['back', 'help'],
  ])('is chosen by %s in WeChat', async (said, value) => {
    const bot = openWechat(orders);
    await bot.write('hi');
    await bot.write(said);
    expect(bot.heard().at(-1)).toBe(`You chose ${value}.`);
  });
});

describe('options that a deploy changes between the question and its answer', () => {
  const dishes = (...options: string[]) =>
    createDialogue({
      id: 'dishes',
      context: {},
      initial: 'which',
      states: {
        which: choose({ question: 'Which?', options, assign: 'order', target: 'chosen' }),
        chosen: done(({ context }) => `One ${context.order}.`),
      },
    });
  const before = dishes('soup', 'salad', 'cake');
  const after = dishes('salad', 'soup', 'bread');

  it('keep their numbers in WeChat', async () => {
    const world = { disk: createDisk(), clock: createManualClock() };
    const first = openWechat(before, world);
    await first.write('hi');
    await first.runner.stop();
    const second = openWechat(after, world);
    await second.write('2');
    expect(second.heard()).toEqual(['One salad.']);
  });

  it('are asked about again where the number stands for none that there still is', async () => {
    const world = { disk: createDisk(), clock: createManualClock() };
    const first = openWechat(before, world);
    await first.write('hi');
    await first.runner.stop();
    const second = openWechat(after, world);
    await second.write('3');
    const [said = ''] = second.heard();
    expect(said).toContain('1. salad\n2. soup\n3. bread');
    await second.write('3');
    expect(second.heard()).toEqual(['One bread.']);
  });

  it('are chosen by the buttons and the numbers of before in Telegram', async () => {
    for (const [answer, taken] of [
      ['soup', 'One soup.'],
      ['salad', 'One salad.'],
      ['cake', 'Please choose one of these'],
    ] as const) {
      const world = { disk: createDisk(), clock: createManualClock(), keyboards: [] };
      const first = openTelegram(before, world);
      await first.write('hi');
      await first.runner.stop();
      const second = openTelegram(after, world);
      await second.press(answer);
      const [said = ''] = second.heard();
      expect(said).toContain(taken);
      expect(second.errors).toEqual([]);
      if (answer !== 'cake') continue;
      await second.press('bread');
      expect(second.heard()).toEqual(['One bread.']);
    }
  });
});

describe('help in WeChat', () => {
  it('counts a timeout again, and the user gets its text with their next message', async () => {
    const bot = openWechat(naming);
    for (const said of ['hi', 'Ann']) await bot.write(said);
    await bot.clock.advance({ minutes: 10, seconds: -1 });
    await bot.write('帮助');
    await bot.clock.advance({ minutes: 10, seconds: -1 });
    bot.heard();
    await bot.write('many');
    expect(bot.heard().join()).not.toContain('Gone.');
    await bot.clock.advance({ minutes: 10 });
    await bot.event('LOCATION', { Latitude: '1', Longitude: '1' });
    expect(bot.heard()).toEqual([]);
    await bot.write('3');
    expect(bot.heard().join('\n')).toBe('Gone.\nYour name?');
  });
});

describe('time', () => {
  const idle = createDialogue({
    id: 'idle',
    context: {},
    initial: 'idle',
    states: {
      idle: { on: { 'message.text': { target: 'waiting', actions: reply('Which photo?') } } },
      waiting: { on: { 'message.image': 'idle' } },
    },
  });

  it('ends a conversation at its age, also if messages arrive that no state takes', async () => {
    const bot = openWechat(idle, { age: 7200, onUnhandled: () => 'What?' });
    await bot.write('hi');
    expect(bot.heard()).toEqual(['Which photo?']);
    for (let hour = 1; hour <= 2; hour += 1) {
      expect((await bot.runner.inspect('openid-1'))?.dialogue?.value).toBe('waiting');
      await bot.clock.advance({ hours: 1, milliseconds: -1 });
      await bot.event('LOCATION', { Latitude: `${hour}`, Longitude: '1' });
      await bot.event('CLICK', { EventKey: `V${hour}` });
      await bot.event('TEMPLATESENDJOBFINISH', { MsgID: `${hour}`, Status: 'success' });
      await bot.write('well?');
      expect(bot.heard()).toEqual(['What?', 'What?']);
    }
    await bot.clock.advance(2);
    expect(await bot.runner.inspect('openid-1')).toBe(undefined);
  });

  it('counts a timeout again from a question that help repeats', async () => {
    const bot = openTelegram(naming);
    await bot.write('hi');
    await bot.write('Ann');
    await bot.clock.advance(10 * 60_000 - 1000);
    await bot.write('/help');
    expect(bot.heard().slice(2)).toEqual(['I book tables.', 'How many?']);
    await bot.clock.advance(10 * 60_000 - 1);
    await bot.runner.idle('telegram:7:101:101');
    expect(bot.heard()).toEqual([]);
    await bot.clock.advance(1);
    await bot.runner.idle('telegram:7:101:101');
    expect(bot.heard()).toEqual(['Gone.']);
  });
});

describe('two questions for yes or no, one behind the other', () => {
  it('are not both answered by one text that WeChat delivers three times', async () => {
    const bot = openWechat(twice);
    await bot.write('hi');
    for (let delivery = 0; delivery < 3; delivery += 1) {
      await bot.send('text', { Content: 'yes', MsgId: 'same' });
    }
    expect((await bot.runner.inspect('openid-1'))?.dialogue?.value).toEqual({ sure: 'waiting' });
  });
});
