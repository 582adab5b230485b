import { describe, expect, it } from 'vitest';
import { unaddressed } from '../../../src/channels/telegram/addressing.ts';
import { ann, channelOf, group, hear, inboundOf, message } from './bot.ts';

const heard = async (text: string, username?: string) => {
  const update = message({ text }, { from: ann, chat: group });
  const [inbound] = await inboundOf(update, { username: username ?? 'PizzaBot' });
  const said = inbound?.message;
  return said?.type === 'message.text' ? said.text : said?.type;
};

describe('a text in a group', () => {
  it.each([
    ['/cancel@PizzaBot', '/cancel'],
    ['/cancel@pizzabot', '/cancel'],
    ['/order@PizzaBot two pizzas', '/order two pizzas'],
    ['/order@PizzaBot\ntwo', '/order\ntwo'],
    ['@PizzaBot Ann', 'Ann'],
    ['@pizzabot Ann', 'Ann'],
    ['@PizzaBot, Ann', 'Ann'],
    ['@PizzaBot: 三个', '三个'],
    ['@PizzaBot，三个', '三个'],
    ['@PizzaBot\nAnn', 'Ann'],
    ['@PizzaBot /cancel', '/cancel'],
    ['Ann @PizzaBot', 'Ann'],
    ['/cancel @PizzaBot', '/cancel'],
    ['@PizzaBot', ''],
  ])('to this bot is heard without its name: %j', async (text, said) => {
    expect(await heard(text)).toBe(said);
  });

  it.each([
    ...['/cancel@TeaBot', '/start@TeaBot', '/start@TeaBot key', '/order@TeaBot two'],
    ...['/cancel@PizzaBot2', '/cancel@MyPizzaBot', '/help@Tea_Bot please', '/x@teabot'],
  ])('is not heard where it is a command to another bot: %j', async (text) => {
    expect(await heard(text)).toBe(undefined);
  });

  it.each([
    ...['ask @bob about it', '@bob knows it', '@PizzaBotFan likes it', 'me@pizzabot.example'],
    ...['I asked @PizzaBot twice', '/cancel', 'and/or@home', 'call @PizzaBot!', "@PizzaBot's menu"],
  ])('stays as it is where it mentions others, or the bot by the way: %j', async (text) => {
    expect(await heard(text)).toBe(text);
  });

  it.each([
    ['/start@PizzaBot', undefined],
    ['/start@PizzaBot campaign_7', 'campaign_7'],
    ['@PizzaBot /start', undefined],
  ])('may be a start: %j', async (text, key) => {
    const update = message({ text }, { chat: group });
    const [inbound] = await inboundOf(update, { username: '@PizzaBot' });
    expect(inbound?.message).toMatchObject({ type: 'event.follow', ...(key && { key }) });
  });
});

describe('the name of the bot', () => {
  const me = ({ method }: { method: string }): object =>
    method === 'getMe' ? { ok: true, result: { id: 1, username: 'PizzaBot' } } : { ok: true };
  const toGroup = (text: string): object => message({ text }, { chat: group });

  it('is asked for once, when it is needed', async () => {
    const { channel, calls } = channelOf({}, me);
    await hear(channel, toGroup('Ann'));
    expect(calls).toEqual([]);
    const [ours] = await hear(channel, toGroup('/cancel@PizzaBot'));
    expect(ours?.message).toMatchObject({ type: 'message.text', text: '/cancel' });
    expect(await hear(channel, toGroup('/cancel@TeaBot'))).toEqual([]);
    expect(calls.map(({ method }) => method)).toEqual(['getMe']);
  });

  it('is not asked for where it is given', async () => {
    const { channel, calls } = channelOf({ username: 'PizzaBot' }, me);
    await hear(channel, toGroup('/cancel@PizzaBot'));
    expect(calls).toEqual([]);
  });

  it('has Telegram deliver again what cannot be read without it, where the Bot API is out of reach', async () => {
    let isDown = true;
    const { channel } = channelOf({}, (call) =>
      isDown ? { ok: false, error_code: 502 } : me(call),
    );
    await expect(hear(channel, toGroup('/cancel@PizzaBot'))).rejects.toThrow('reject');
    isDown = false;
    const [ours] = await hear(channel, toGroup('/cancel@PizzaBot'));
    expect(ours?.message).toMatchObject({ text: '/cancel' });
  });

  it('is not guessed: a command that names a bot is ignored where the Bot API does not tell the name', async () => {
    const { channel } = channelOf({}, () => ({ ok: false, error_code: 401 }));
    expect(await hear(channel, toGroup('/cancel@PizzaBot'))).toEqual([]);
    const [text] = await hear(channel, toGroup('@PizzaBot Ann'));
    expect(text?.message).toMatchObject({ text: '@PizzaBot Ann' });
  });

  it.each(['', '@', 'Pizza Bot', 'Pizza.Bot', 'https://t.me/PizzaBot'])(
    'has letters, digits and `_`: %j is refused',
    (username) => {
      expect(() => channelOf({ username })).toThrow(
        expect.objectContaining({ code: 'bad_username' }),
      );
    },
  );
});

it('takes no time that grows with the square of a text', () => {
  const text = `@PizzaBot${' '.repeat(50_000)}x${' '.repeat(50_000)}@PizzaBo`;
  expect(unaddressed(text, 'PizzaBot')?.length).toBeGreaterThan(50_000);
});
