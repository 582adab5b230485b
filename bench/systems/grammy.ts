import {
  type Conversation,
  type ConversationFlavor,
  type ConversationStorage,
  conversations,
  createConversation,
} from '@grammyjs/conversations';
import {
  Bot,
  type Context,
  type SessionFlavor,
  type StorageAdapter,
  type Transformer,
  session,
} from 'grammy';
import type { Update, UserFromGetMe } from 'grammy/types';
import { isNumber } from '../survey.ts';
import type { System } from '../system.ts';
import { botInfo, textUpdate } from './telegram-update.ts';

interface Answers {
  rounds: number;
  name?: string;
  age?: number;
}

type Outer = ConversationFlavor<Context & SessionFlavor<Answers>>;

/** A conversation is a round: a conversation without an end would keep a log that grows with every turn. */
async function survey(conversation: Conversation<Outer>, ctx: Context): Promise<void> {
  await ctx.reply('What is your name?');
  const name = (await conversation.waitFor('message:text')).message.text;
  await ctx.reply('How old are you?');
  let text = (await conversation.waitFor('message:text')).message.text;
  while (!isNumber(text)) {
    await ctx.reply('A number, please.');
    text = (await conversation.waitFor('message:text')).message.text;
  }
  const age = Number(text);
  await ctx.reply(`${name}, ${age}. Is that right?`);
  while ((await conversation.waitFor('message:text')).message.text !== 'yes');
  const rounds = await conversation.external((outer) => {
    outer.session = { name, age, rounds: outer.session.rounds + 1 };
    return outer.session.rounds;
  });
  await ctx.reply(`Thank you, ${name}: round ${rounds}.`);
}

interface Storages {
  readonly sessions?: StorageAdapter<Answers>;
  readonly conversations?: ConversationStorage<Outer, never>;
}

/** Sessions and conversations in memory by default, and an API that answers at once. */
export function open(users: number, storages: Storages = {}): System {
  const said: string[] = Array.from({ length: users }, () => '');
  const bot = new Bot<Outer>('1:token', { botInfo: botInfo as UserFromGetMe });
  const hear: Transformer = async (_previous, _method, payload) => {
    const { chat_id: chat, text } = payload as { chat_id: number; text: string };
    said[chat - 1] = text;
    return { ok: true, result: true } as never;
  };
  bot.api.config.use(hear);
  bot.use(
    session({
      initial: (): Answers => ({ rounds: 0 }),
      ...(storages.sessions && { storage: storages.sessions }),
    }),
  );
  bot.use(
    conversations<Outer, Context>({
      ...(storages.conversations && { storage: storages.conversations }),
      plugins: [
        // grammY gives a conversation a separate API object.
        (ctx, next) => {
          ctx.api.config.use(hear);
          return next();
        },
      ],
    }),
  );
  bot.use(createConversation(survey));
  bot.on('message:text', (ctx) => ctx.conversation.enter('survey'));
  return {
    async turn(user, text) {
      await bot.handleUpdate(textUpdate(user, text) as Update);
      return said[user] as string;
    },
  };
}
