import { createFillers, type Fillers } from './explained.ts';

let known: Fillers | undefined;

/** What people say around an answer, in every language that is read. Made when it is first asked for. */
export function commonFillers(): Fillers {
  known ??= createFillers(ENGLISH + ',' + CHINESE);
  return known;
}

const ENGLISH =
  'please, pls, plz, thanks, thank you, thx, um, uh, hmm, well, oh, ah, hi, hello, i’d like, i would like, i want, make it, it’s, it is';

const CHINESE =
  '请, 谢谢, 谢谢你, 谢谢您, 嗯, 呃, 那, 那就, 就, 我要, 我想要, 吧, 啊, 哦, 呀, 哈, 啦, 你好, 您好';
