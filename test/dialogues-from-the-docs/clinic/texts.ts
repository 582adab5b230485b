import { localeOf } from 'colloquy';

/** The clinic's own zone: all times are read and shown in it. */
export const timeZone = 'Asia/Shanghai';

export interface Patient {
  locale?: string;
  department?: 'eyes' | 'skin' | 'teeth';
  at?: Date;
  contact?: { name: string; phone: string };
}

const texts = {
  eyes: { en: 'Eyes', zh: '眼科' },
  skin: { en: 'Skin', zh: '皮肤科' },
  teeth: { en: 'Teeth', zh: '口腔科' },
  department: { en: 'Department', zh: '科室' },
  askDepartment: { en: 'Which department?', zh: '请问挂哪个科？' },
  at: { en: 'Time', zh: '时间' },
  askAt: { en: 'When would you like to come?', zh: '请问什么时候来？' },
  contact: { en: 'Contact', zh: '联系人' },
  askName: { en: 'The name of the patient?', zh: '请问患者姓名？' },
  askPhone: { en: 'Your telephone number?', zh: '请留一个电话号码。' },
  booked: { en: 'Booked for', zh: '预约成功：' },
  reminder: { en: 'We expect you tomorrow:', zh: '明天恭候：' },
  manage: { en: 'What about your appointment?', zh: '您的预约要怎么处理？' },
  keep: { en: 'Keep it', zh: '保留' },
  move: { en: 'Another time', zh: '改时间' },
  cancel: { en: 'Cancel the appointment', zh: '取消预约' },
  cancelled: { en: 'Your appointment is cancelled.', zh: '预约已取消。' },
  dropped: { en: 'All right, nothing is booked.', zh: '好的，没有预约。' },
  person: { en: 'A colleague will call you.', zh: '同事会联系您。' },
  visited: { en: 'Get well soon!', zh: '祝您早日康复！' },
};

/** One of the texts in the language that is spoken. */
export const tell =
  (key: keyof typeof texts) =>
  ({ context }: { readonly context: object }) =>
    texts[key][localeOf(context).startsWith('zh') ? 'zh' : 'en'];

/** Options that are labelled by texts. */
export const offer =
  <Key extends keyof typeof texts>(...keys: readonly Key[]) =>
  (about: { readonly context: object }) =>
    keys.map((value) => ({ value, label: tell(value)(about) }));

const shown: Intl.DateTimeFormatOptions = { dateStyle: 'full', timeStyle: 'short', timeZone };

/** A text, and the time of the visit by the clock of the clinic. */
export const tellTime =
  (key: keyof typeof texts) =>
  ({ context }: { readonly context: Patient }) =>
    `${tell(key)({ context })} ${context.at?.toLocaleString(localeOf(context), shown)}`;
