import { startIlinkServer } from '../support/ilink-server.ts';
import { startTelegramServer } from '../support/telegram-server.ts';

/** A platform that bots ask for messages, for users with numbers. */
export interface SourcePlatform {
  readonly url: string;
  /** What the bot proves itself by. */
  readonly token: string;
  /** The numbers of the messages that were not taken, as far as it knows. */
  readonly waiting: readonly number[];
  /** How often each message was given. */
  readonly given: ReadonlyMap<number, number>;
  /** What users saw, in order. */
  readonly shown: readonly { readonly user: number; readonly text: string }[];
  /** Is called when a call has come, before anything is done, and when its answer is sent. */
  watch(onFrame: (() => Promise<void>) | undefined): void;
  say(text: string, user: number): void;
  close(): Promise<void>;
}

export type PlatformName = 'telegram' | 'ilink';

export const PLATFORMS: Readonly<Record<PlatformName, () => Promise<SourcePlatform>>> = {
  async telegram() {
    const token = '110201543:AAHdqTcv';
    const server = await startTelegramServer(token);
    return {
      token,
      url: server.url,
      given: server.given,
      get waiting() {
        return server.waiting;
      },
      get shown() {
        return server.shown.map(({ chat_id: user = 0, text = '' }) => ({ user, text }));
      },
      watch: (onFrame) => void (server.onFrame = onFrame),
      say: (text, user) => void server.say(text, user),
      close: () => server.close(),
    };
  },
  async ilink() {
    const token = 'tokenOfTheLogin';
    const server = await startIlinkServer(token);
    server.waitMs = 2000;
    return {
      token,
      url: server.url,
      given: server.given,
      get waiting() {
        return server.waiting;
      },
      get shown() {
        return server.shown.map(({ to_user_id: user, item_list: [item] }) => ({
          user: Number.parseInt(user, 10),
          text: item?.text_item?.text ?? '',
        }));
      },
      watch: (onFrame) => void (server.onFrame = onFrame),
      say: (text, user) => void server.say(text, `${user}@im.wechat`),
      close: () => server.close(),
    };
  },
};
