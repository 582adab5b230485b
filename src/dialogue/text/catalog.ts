/** What the library itself says to users, by key. `{name}` is filled in; every key can be said otherwise (`createWords`). */
const en = {
  'issue.text': 'Please answer in words.',
  'issue.tooShort': 'That’s a little short. At least {min} characters, please.',
  'issue.tooLong': 'That’s too long. At most {max} characters, please.',
  'issue.pattern': 'That doesn’t look right. Could you check it?',
  'issue.invalid': 'Sorry, I didn’t understand that.',
  'issue.number': 'Please answer with a number.',
  'issue.integer': 'Please answer with a whole number.',
  'issue.min': 'It should be {min} or more.',
  'issue.max': 'It should be {max} or less.',
  'issue.between': 'It should be between {min} and {max}.',
  'issue.severalNumbers': 'I see more than one number there. Which one do you mean?',
  'issue.choice': 'Please choose one of these: {options}.',
  'issue.severalChoices': 'Did you mean {options}? Please choose one.',
  'issue.confirm': 'Please answer yes or no.',
  'issue.phone': 'That doesn’t look like a phone number. Could you check it?',
  'issue.phoneCountry': 'Please send the number with its country code, like +86 138 0013 8000.',
  'issue.severalPhones': 'I see more than one phone number. Please send just one.',
  'issue.email': 'That doesn’t look like an email address. Could you check it?',
  'issue.severalEmails': 'I see more than one email address. Please send just one.',
  'issue.image': 'Please send a picture.',
  'issue.location': 'Please send your location.',
  'issue.date': 'Which day? For example “tomorrow” or “November 22”.',
  'issue.time': 'What time? For example “3 pm” or “18:30”.',
  'issue.dateTime': 'Which day and what time? For example “tomorrow at 3 pm”.',
  'issue.dayAndTime': 'Please say the day and the time together, for example “tomorrow at 3 pm”.',
  'issue.noSuchDate': 'There is no such date. Could you check it?',
  'issue.severalDates': 'I see more than one date or time. Which one do you mean?',
  'issue.future': 'That is already past. Please choose a later time.',
  'issue.past': 'That is still to come. Please choose an earlier time.',
  'issue.earliest': 'It can’t be earlier than {min}.',
  'issue.latest': 'It can’t be later than {max}.',
  'issue.listMin': 'At least {min}, please.',
  'issue.listMax': 'That’s more than {max}. Please choose fewer, or remove one, like “remove 1”.',
  'issue.listChange': 'What should it be? Please say “{number}: …”.',
  'command.help': 'You can answer the question, or say “cancel”, “back” or “restart”.',
  'answer.yes': 'Yes',
  'answer.no': 'No',
  'choice.number': '{number}. {label}',
  'form.line': '{label}: {value}',
  'form.confirm': '{summary}\nIs that right?',
  'form.change': 'What should be changed?',
  'form.first': 'There is nothing before this question.',
  'questions.progress': 'Question {number} of {total}',
  'questions.skip': 'Skip',
  'list.more': 'Anything else?',
  'list.all': 'That’s all',
  'list.empty': 'none',
  'ask.reminder': 'Are you still there?',
  'agent.approve': '{summary}\nShall I do this?',
  'agent.full': 'One thing after the other, please. I will read more when I have answered.',
  'takeover.full':
    'Nobody has read your last messages yet. Please wait a little before you write more.',
} as const;

/** The name of something that the library says. */
export type PromptKey = keyof typeof en;

/** Something to say, not yet in words. */
export interface Prompt {
  /** The name of the words. */
  readonly key: PromptKey;
  /** What `{name}` stands for in the words. */
  readonly values?: Readonly<Record<string, string | number>>;
}

const zh: Readonly<Record<PromptKey, string>> = {
  'issue.text': '请用文字回答。',
  'issue.tooShort': '有点短哦，请至少写 {min} 个字。',
  'issue.tooLong': '太长啦，请不要超过 {max} 个字。',
  'issue.pattern': '格式好像不对，请检查一下。',
  'issue.invalid': '抱歉，我没看懂。',
  'issue.number': '请回复一个数字。',
  'issue.integer': '请回复一个整数。',
  'issue.min': '不能小于 {min}。',
  'issue.max': '不能大于 {max}。',
  'issue.between': '请填 {min} 到 {max} 之间的数。',
  'issue.severalNumbers': '这里有不止一个数字，您指的是哪一个？',
  'issue.choice': '请从中选一个：{options}。',
  'issue.severalChoices': '您指的是哪一个：{options}？',
  'issue.confirm': '请回复“是”或“否”。',
  'issue.phone': '这个电话号码好像不对，请检查一下。',
  'issue.phoneCountry': '请带上国家代码，例如 +86 138 0013 8000。',
  'issue.severalPhones': '这里有不止一个电话号码，请只发一个。',
  'issue.email': '这个邮箱地址好像不对，请检查一下。',
  'issue.severalEmails': '这里有不止一个邮箱地址，请只发一个。',
  'issue.image': '请发一张图片。',
  'issue.location': '请发送您的位置。',
  'issue.date': '请问是哪一天？例如“明天”或“11月22日”。',
  'issue.time': '请问是几点？例如“下午三点”或“18:30”。',
  'issue.dateTime': '请问是哪天几点？例如“明天下午三点”。',
  'issue.dayAndTime': '请把日期和时间一起告诉我，例如“明天下午三点”。',
  'issue.noSuchDate': '没有这一天哦，请检查一下。',
  'issue.severalDates': '这里有不止一个时间，您指的是哪一个？',
  'issue.future': '这个时间已经过去了，请选一个之后的时间。',
  'issue.past': '这个时间还没到，请选一个之前的时间。',
  'issue.earliest': '不能早于 {min}。',
  'issue.latest': '不能晚于 {max}。',
  'issue.listMin': '至少需要 {min} 个。',
  'issue.listMax': '最多 {max} 个，请少选一些，或者先去掉一个，例如“去掉第一个”。',
  'issue.listChange': '改成什么？请回复“{number}：…”。',
  'command.help': '您可以直接回答问题，也可以说“取消”“返回”或“重新开始”。',
  'answer.yes': '是',
  'answer.no': '否',
  'choice.number': '{number}. {label}',
  'form.line': '{label}：{value}',
  'form.confirm': '{summary}\n以上信息对吗？',
  'form.change': '需要修改哪一项？',
  'form.first': '前面没有别的问题了。',
  'questions.progress': '第 {number} 题，共 {total} 题',
  'questions.skip': '跳过',
  'list.more': '还要别的吗？',
  'list.all': '就这些',
  'list.empty': '无',
  'ask.reminder': '您还在吗？',
  'agent.approve': '{summary}\n确定要这样做吗？',
  'agent.full': '您稍等，我先回复前面的消息，之后再看新的。',
  'takeover.full': '您前面的消息客服还没来得及看，请稍等一会儿再发。',
};

/** Locale of the words that are said where there are none in the user's. */
export const LAST_LOCALE = 'en';

/** The library's own words, by locale. */
export const OWN_PROMPTS: ReadonlyMap<string, Readonly<Record<PromptKey, string>>> = new Map([
  [LAST_LOCALE, en],
  ['zh-CN', zh],
]);
