import { converse, explore, lintDialogue } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import clinic from './clinic/dialogue.ts';

/** Wednesday, 18 November 2026, ten in the morning in Shanghai. */
const NOW = Date.UTC(2026, 10, 18, 2);

async function talk(...messages: string[]) {
  const chat = converse(clinic, { now: NOW });
  for (const message of messages) await chat.say(message);
  return chat;
}
const booked = () => talk('hi', 'eyes', 'Friday at 3pm', 'Ann', '13800138000', 'yes');

describe('the clinic', () => {
  it('makes an appointment', async () => {
    const chat = await talk('hi');
    chat.expectReplies('Which department?\n1. Eyes\n2. Skin\n3. Teeth');
    expect(await chat.say('the skin')).toEqual(['When would you like to come?']);
    expect(await chat.say('Friday at 3pm')).toEqual(['The name of the patient?']);
    expect(await chat.say('Ann')).toEqual(['Your telephone number?']);
    expect(await chat.say('13800138000')).toEqual([
      'Department: Skin\nTime: Friday, November 20, 2026 at 3:00 PM\nContact: Ann, +8613800138000\nIs that right?\n1. Yes\n2. No',
    ]);
    expect(await chat.say('yes')).toEqual(['Booked for Friday, November 20, 2026 at 3:00 PM']);
    chat.expectContext({ department: 'skin', at: new Date(Date.UTC(2026, 10, 20, 7)) });
  });

  it('makes one in Chinese, for who says so from the start', async () => {
    const chat = await talk('你好');
    chat.expectReplies('请问挂哪个科？\n1. 眼科\n2. 皮肤科\n3. 口腔科');
    expect(await chat.say('眼科')).toEqual(['请问什么时候来？']);
    expect(await chat.say('周五下午三点')).toEqual(['请问患者姓名？']);
    expect(await chat.say('王伟')).toEqual(['请留一个电话号码。']);
    expect((await chat.say('13800138000'))[0]).toMatch(/科室：眼科\n时间：.*\n联系人：王伟, \+86/);
    expect((await chat.say('对'))[0]).toMatch(/^预约成功： 2026年11月20日星期五/);
  });

  it('changes the language in the middle, and in the middle of a sub-dialogue', async () => {
    const chat = await talk('hi');
    expect(await chat.say('中文')).toEqual(['请问挂哪个科？\n1. 眼科\n2. 皮肤科\n3. 口腔科']);
    await chat.choose('皮肤科');
    expect(await chat.say('English')).toEqual(['When would you like to come?']);
    await chat.say('tomorrow 9am');
    await chat.say('Ann');
    expect(await chat.say('中文')).toEqual(['请留一个电话号码。']);
    expect((await chat.say('12'))[0]).toMatch(/\p{Script=Han}/u);
    expect(await chat.say('english')).toEqual(['Your telephone number?']);
  });

  it('asks again after what it cannot read, and gives up after three', async () => {
    const chat = await talk('hi');
    expect((await chat.say('the heart'))[0]).toMatch(/1\. Eyes/);
    await chat.choose('teeth');
    expect((await chat.say('yesterday at 3pm'))[0]).not.toMatch(/name/);
    expect((await chat.say('some day'))[0]).toMatch(/tomorrow/);
    expect(await chat.say('nonsense')).toEqual(['A colleague will call you.']);
  });

  it('corrects the summary after a no', async () => {
    const chat = await talk('hi', 'eyes', 'Friday at 3pm', 'Ann', '13800138000');
    expect(await chat.say('no')).toEqual([expect.stringMatching(/change/)]);
    expect(await chat.say('the time')).toEqual(['When would you like to come?']);
    expect((await chat.say('Monday at 4pm'))[0]).toMatch(
      /Time: Monday, November 23, 2026 at 4:00 PM/,
    );
    expect((await chat.say('no, skin'))[0]).toMatch(/Department: Skin/);
  });

  it('goes back from the sub-dialogue, and within it', async () => {
    const chat = await talk('hi', 'eyes', 'Friday at 3pm', 'Ann');
    expect(await chat.say('back')).toEqual(['The name of the patient?']);
    expect(await chat.say('back')).toEqual(['When would you like to come?']);
    expect(await chat.say('back')).toEqual([expect.stringMatching(/Which department/)]);
  });

  it('reminds at nine on the day before, by the clock of the clinic', async () => {
    const chat = await booked();
    chat.expectTimer({ hours: 23 });
    expect(await chat.advance({ hours: 23 })).toEqual([
      'We expect you tomorrow: Friday, November 20, 2026 at 3:00 PM',
    ]);
    expect(await chat.advance({ hours: 30 })).toEqual(['Get well soon!']);
  });

  it('does not remind of a visit that is too near', async () => {
    const chat = await talk('hi', 'eyes', 'today at 3pm', 'Ann', '13800138000', 'yes');
    expect(chat.state).toBe('booked.reminded');
    expect(await chat.advance({ hours: 5 })).toEqual(['Get well soon!']);
  });

  it.each([
    ['pressed', async (chat) => chat.choose('cancel')],
    ['said as it is shown', async (chat) => chat.say('Cancel the appointment')],
    ['said as a command', async (chat) => chat.say('cancel')],
    ['said by its number', async (chat) => chat.say('3')],
  ] satisfies [string, (chat: Awaited<ReturnType<typeof booked>>) => Promise<readonly string[]>][])(
    'cancels the appointment by the option, %s',
    async (_, cancel) => {
      const chat = await booked();
      expect(await chat.say('hello')).toEqual([
        'What about your appointment?\n1. Keep it\n2. Another time\n3. Cancel the appointment',
      ]);
      expect(await cancel(chat)).toEqual(['Your appointment is cancelled.']);
      chat.expectNoTimer().expectDone();
    },
  );

  it('says “nothing is booked” to a cancel before', async () => {
    const chat = await talk('hi', 'eyes');
    expect(await chat.say('cancel')).toEqual(['All right, nothing is booked.']);
  });

  it('moves the appointment, asking for nothing but the time', async () => {
    const chat = await booked();
    await chat.say('hello');
    expect(await chat.choose('move')).toEqual(['When would you like to come?']);
    expect((await chat.say('Monday at 4pm'))[0]).toMatch(/Contact: Ann/);
    await chat.say('yes');
    chat.expectTimer({ days: 3, hours: 23 });
    await chat.say('hi');
    await chat.advance({ minutes: 10 });
    expect(chat.state).toBe('booked.waiting');
  });

  it('asks whether a silent user is still there, and then drops it', async () => {
    const chat = await talk('hi', 'eyes');
    expect(await chat.advance({ minutes: 10 })).toEqual([expect.any(String)]);
    expect(await chat.advance({ minutes: 50 })).toEqual(['All right, nothing is booked.']);
    const inside = await talk('hi', 'eyes', 'Friday at 3pm');
    inside.expectNoTimer().expectExpiryIn({ hours: 2 });
  });

  it('has nothing that lint or exploring finds', async () => {
    expect(lintDialogue(clinic)).toEqual([]);
    const { failures } = await explore(clinic, {
      budget: 1500,
      samples: ['tomorrow at 3pm', '13800138000'],
    });
    expect(failures).toEqual([]);
  });
});
