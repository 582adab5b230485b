import type { Booking } from './booking.ts';

/** The time zone of the restaurant: all times are read and shown in it, also for guests elsewhere. */
export const TIME_ZONE = 'Asia/Shanghai';

type Text = string | ((booking: Booking) => string);

const en = {
  welcome: 'Welcome to the Bund Kitchen!',
  menu: 'What can I do for you?',
  book: 'Book a table',
  openingHours: 'Opening hours',
  person: 'Talk to a person',
  hours: 'We are open every day from 11:00 to 22:00.',
  askPeople: 'How many of you will come?',
  askWhen: 'When would you like to come?',
  closed: 'We take guests from 11:00 to 21:00. What other time would suit you?',
  askName: 'In what name?',
  askPhone: 'At what number can we reach you?',
  people: 'People',
  when: 'Time',
  name: 'Name',
  phone: 'Phone',
  checking: 'One moment, I’m looking for a table…',
  stillChecking: 'I’m still looking.',
  full: (booking) => `Sorry, we are full on ${timeOf(booking)}.`,
  failed: 'Sorry, I can’t reach our reservation book right now. Shall I try again?',
  booked: (booking) =>
    `Done! ${timeOf(booking)}, table ${booking.table} for ${booking.people}, in the name of ${booking.name}.`,
  handoff: 'I’ll get a colleague for you.',
  cancelled: 'All right, I’ve dropped it.',
  stillThere: 'Are you still there? Your table isn’t booked yet.',
  goodbye: 'I’ll leave it at that. Write to me whenever you like.',
} satisfies Record<string, Text>;

const zh: Record<keyof typeof en, Text> = {
  welcome: '欢迎光临外滩小厨！',
  menu: '请问需要什么？',
  book: '订位',
  openingHours: '营业时间',
  person: '人工服务',
  hours: '我们每天 11:00 到 22:00 营业。',
  askPeople: '请问几位？',
  askWhen: '请问什么时候来？',
  closed: '我们 11:00 到 21:00 接待客人，请换一个时间。',
  askName: '请问怎么称呼？',
  askPhone: '请留一个电话号码。',
  people: '人数',
  when: '时间',
  name: '姓名',
  phone: '电话',
  checking: '请稍等，正在查询座位……',
  stillChecking: '还在查询，请稍等。',
  full: (booking) => `抱歉，${timeOf(booking)} 已经订满了。`,
  failed: '抱歉，暂时查不到订位信息。要再试一次吗？',
  booked: (booking) =>
    `订好了！${booking.name}，${timeOf(booking)}，${booking.people} 位，${booking.table} 桌。到时见！`,
  handoff: '这就为您转接同事。',
  cancelled: '好的，已取消。',
  stillThere: '您还在吗？座位还没有订好。',
  goodbye: '那先到这里，需要时随时找我。',
};

/** One of the texts in the guest's language, for every option that takes a function of the context. */
export function tell(key: keyof typeof en): (args: { readonly context: Booking }) => string {
  return ({ context }) => {
    const text: Text = (isChinese(context) ? zh : en)[key];
    return typeof text === 'function' ? text(context) : text;
  };
}

/** The time of a booking as the restaurant's clock shows it. */
export function timeOf(booking: Booking): string {
  const { when } = booking;
  if (when === undefined) return '';
  const locale = isChinese(booking) ? 'zh-CN' : 'en';
  const day = when.toLocaleDateString(locale, {
    timeZone: TIME_ZONE,
    weekday: 'long',
    month: 'long',
    day: 'numeric',
  });
  const time = when.toLocaleTimeString(locale, {
    timeZone: TIME_ZONE,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return `${day}, ${time}`;
}

function isChinese({ locale }: Booking): boolean {
  return locale?.startsWith('zh') === true;
}
