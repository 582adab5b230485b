/** The texts of the page itself. A new language is a new table. */
export interface PageWords {
  /** What the window is called without a `title`. */
  readonly chat: string;
  readonly open: string;
  readonly close: string;
  /** The list of what was said, for screen readers. */
  readonly log: string;
  readonly write: string;
  readonly send: string;
  /** Who said a line, for screen readers. */
  readonly you: string;
  readonly bot: string;
  readonly typing: string;
  readonly offline: string;
  readonly reconnecting: string;
  readonly sending: string;
  /** A message that the server did not take. */
  readonly failed: string;
  readonly again: string;
  readonly tooLong: string;
  /** More messages wait than are kept. */
  readonly tooMany: string;
  /** The person has to log in, in the page around this one. */
  readonly noSession: string;
  /** The server does not take messages of this page. */
  readonly refused: string;
  /** The question of a button is over. */
  readonly over: string;
  /** The message arrived, and its turn failed. */
  readonly trouble: string;
  readonly newMessages: string;
  readonly picture: string;
  readonly voice: string;
  readonly video: string;
  readonly music: string;
  readonly file: string;
  readonly place: string;
  readonly handoff: string;
  /** A reply that this page cannot show. */
  readonly unknown: string;
}

const EN: PageWords = {
  chat: 'Chat',
  open: 'Open the chat',
  close: 'Close the chat',
  log: 'Messages',
  write: 'Write a message',
  send: 'Send',
  you: 'You',
  bot: 'Answer',
  typing: 'Writing…',
  offline: 'You are offline. Your messages will be sent when you are back.',
  reconnecting: 'The connection was lost. Connecting again…',
  sending: 'Sending…',
  failed: 'Not sent.',
  again: 'Send again',
  tooLong: 'This message is too long.',
  tooMany: 'Too many messages are waiting to be sent. Please wait a moment.',
  noSession: 'Please log in to chat.',
  refused: 'The chat is not available here.',
  over: 'This question is over.',
  trouble: 'Something went wrong. Please try again.',
  newMessages: 'New messages',
  picture: 'Picture',
  voice: 'Voice message',
  video: 'Video',
  music: 'Music',
  file: 'File',
  place: 'Place',
  handoff: 'A person will take over this conversation.',
  unknown: 'This message cannot be shown here.',
};

const ZH: PageWords = {
  chat: '聊天',
  open: '打开聊天',
  close: '关闭聊天',
  log: '消息',
  write: '输入消息',
  send: '发送',
  you: '你',
  bot: '回复',
  typing: '正在输入…',
  offline: '网络已断开。恢复后会自动发送你的消息。',
  reconnecting: '连接已断开，正在重新连接…',
  sending: '发送中…',
  failed: '未发送。',
  again: '重新发送',
  tooLong: '这条消息太长了。',
  tooMany: '等待发送的消息太多了，请稍等片刻。',
  noSession: '请先登录再聊天。',
  refused: '此处暂时无法聊天。',
  over: '这个问题已经结束。',
  trouble: '出了点问题，请再试一次。',
  newMessages: '新消息',
  picture: '图片',
  voice: '语音',
  video: '视频',
  music: '音乐',
  file: '文件',
  place: '位置',
  handoff: '接下来由人工客服为你服务。',
  unknown: '这条消息无法在此显示。',
};

/** The texts in a language tag, such as `zh-CN`; English where there are none. */
export function pageWords(lang: string): PageWords {
  return /^zh\b/iu.test(lang) ? ZH : EN;
}
