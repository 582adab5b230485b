import { UsageError } from '../../errors.ts';
import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import type { Fields } from '../../internal/fields.ts';
import type { SourceChannel } from '../channel.ts';
import { checkPrefix } from '../fresh.ts';
import { createPartSender } from '../part-sender.ts';
import { unsayable, userOf } from '../refusal.ts';
import type { Fetch } from '../web-api.ts';
import { createIlinkCall } from './api.ts';
import { createPolling } from './polling.ts';
import { closed, refusalOf } from './refusal.ts';
import { KINDS, TEXT_LIMIT, toItems } from './sayable.ts';
import { IlinkTyping, TYPING_MS } from './typing.ts';

/** Options of `ilink()`: the login of the bot, and what it says of itself. */
export interface IlinkOptions {
  /** The token of the login: what a login by QR code gave as `bot_token`. */
  readonly token: string;
  /** Where iLink is: what the same login gave as `baseurl`. Default `https://ilinkai.weixin.qq.com`. */
  readonly baseUrl?: string | undefined;
  /** What its openids begin with; another one for each bot on the same runner. Default `ilink:`. */
  readonly prefix?: string | undefined;
  /** What the bot calls itself in each call, as `MyBot/1.2.0`, for the logs of the platform. Default `Colloquy/1.0`. */
  readonly agent?: string | undefined;
  /** Further headers of each call, where your login needs them, as `iLink-App-Id`. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: that of the platform. */
  readonly fetch?: Fetch | undefined;
}

const KEYS = {
  ...keyTable('token baseUrl prefix agent fetch'),
  headers: null,
} satisfies KeysOf<IlinkOptions>;

const AGENT = /^[\w.-]{1,32}\/[\w.+-]{1,32}(?: [ -~]{1,190})?$/;
/** What a message of a bot is, and that it is whole. */
const [OF_BOT, WHOLE] = [2, 2] as const;
/** How long iLink keeps messages is not published. An id is remembered for this time at least. */
const REDELIVERED_MS = 7 * 86_400_000;

/**
 * A bot in a personal account of WeChat, by iLink: the interface that Tencent's own plugin uses. `createSource` asks it for messages;
 * it has no webhook. Read its terms before you use it: whether your bot may is between you and Tencent.
 *
 * It is for two: what is said in a group, and what bots say, goes no further. All replies are text. iLink takes a reply only with what the
 * last message of its user brought, which is kept with the conversation: a reply to a user who has written nothing waits for
 * their next message, and so does one that iLink does not take any more. Where the login has ended, the source ends
 * (`source_refused`).
 * @example
 * const source = createSource(runner, ilink({ token: 'tokenOfTheLogin' }));
 * await source.stop();
 * @throws UsageError `bad_token`, `bad_prefix`, `bad_option`
 */
export function ilink(options: IlinkOptions): SourceChannel {
  checkOptions('ilink()', options, KEYS);
  const { token, baseUrl = 'https://ilinkai.weixin.qq.com', prefix = 'ilink:' } = options;
  const { agent = 'Colloquy/1.0', headers = {}, fetch = globalThis.fetch } = options;
  if (typeof token !== 'string' || !/^[!-~]+$/.test(token)) {
    throw new UsageError(
      'bad_token',
      'ilink() needs the token of a login: what the login by QR code gave as bot_token.',
    );
  }
  checkPrefix(prefix, 'ilink:');
  if (typeof agent !== 'string' || !AGENT.test(agent)) {
    throw new UsageError(
      'bad_option',
      '`agent` of ilink() is a name and a version, as MyBot/1.2.0, in ASCII.',
    );
  }
  const call = createIlinkCall({ baseUrl, token, agent, headers, fetch });
  const sendParts = createPartSender();
  const typing = new IlinkTyping(call);
  const userIn = (openid: string): string => userOf(prefix, openid, `\`${prefix}…\``);

  return {
    name: 'ilink',
    prefix,
    limits: {
      redelivery: { withinMs: REDELIVERED_MS },
      text: TEXT_LIMIT,
      kinds: KINDS,
      typingMs: TYPING_MS,
    },
    source: createPolling({ call, prefix, token }),
    async push(openid, reply, { id, signal, replyToken }) {
      const user = userIn(openid);
      const items = toItems(reply);
      if (typeof items === 'string') throw unsayable('ilink', items);
      if (replyToken === undefined) throw closed();
      await sendParts(
        id,
        items.map((item, index) => async () => {
          const msg: Fields = {
            from_user_id: '',
            to_user_id: user,
            // The same at each try: who has the message already does not see it again.
            client_id: `${id}-${index}`,
            message_type: OF_BOT,
            message_state: WHOLE,
            context_token: replyToken,
            item_list: [item],
          };
          const refusal = refusalOf(await call('sendmessage', { msg }, { signal }));
          if (refusal !== undefined) throw refusal;
        }),
      );
    },
    typing: async (openid, { signal }) => typing.show(userIn(openid), signal),
  };
}
