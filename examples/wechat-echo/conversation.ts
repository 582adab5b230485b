import { type Account, createPush, createText, deliver, verifyUrl } from './client.ts';

const WRONG_KIND = '错误的信息类型';

/**
 * Plays two users of a WeChat account against a bot and prints both sides.
 * @returns a line for each difference from the expected conversation
 */
export async function playConversation(
  account: Account,
  print: (line: string) => void,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const expectAnswer = (expected: string | undefined, answer: string | undefined): void => {
    if (answer === expected) return;
    problems.push(`expected ${expected ?? 'no answer'}, got ${answer ?? 'no answer'}`);
  };

  async function say(who: string, what: string, push: string, expected?: string): Promise<void> {
    const answer = await deliver(account, push);
    print(`${who.padStart(7)} > ${what}`);
    print(`${'bot'.padStart(7)} < ${answer ?? '(nothing)'}`);
    expectAnswer(expected, answer);
  }
  const sayText = (who: string, text: string, expected: string): Promise<void> =>
    say(who, text, createText(who, text), expected);

  const echostr = '4375120948345356249';
  print(`WeChat verifies the URL with ${echostr}`);
  const echoed = await verifyUrl(account, echostr);
  print(`and gets ${echoed}\n`);
  expectAnswer(echostr, echoed);

  await sayText('alice', '你好', '这是第 1 次对话');
  await sayText('bob', 'hello', '这是第 1 次对话');
  await sayText('alice', '今天天气不错', '这是第 2 次对话,上一次对话文字:你好');
  const image = { MsgType: 'image', PicUrl: 'http://img.example/1.jpg', MediaId: 'media-1' };
  await say('alice', '[an image]', createPush('alice', image), WRONG_KIND);
  await sayText('bob', '<b>]]></b> & 1.0', '这是第 2 次对话,上一次对话文字:hello');

  const push = createText('alice', '第三句');
  const third = '这是第 3 次对话,上一次对话文字:今天天气不错';
  await say('alice', '第三句', push, third);
  print('\nWeChat delivers that one again; the answer comes from the record:\n');
  await say('alice', '第三句 (same MsgId)', push, third);

  await sayText('alice', '再见', '这是第 4 次对话,上一次对话文字:第三句');
  await sayText('bob', 'bye', '这是第 3 次对话,上一次对话文字:<b>]]></b> & 1.0');
  const unsubscribe = createPush('bob', { MsgType: 'event', Event: 'unsubscribe' });
  await say('bob', '[unsubscribes]', unsubscribe);
  return problems;
}
