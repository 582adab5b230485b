import { Composer, Scenes, Telegraf, session } from 'telegraf';
import type { Update, UserFromGetMe } from 'telegraf/types';
import { isNumber } from '../survey.ts';
import type { System } from '../system.ts';
import { botInfo, textUpdate } from './telegram-update.ts';

interface Survey extends Scenes.WizardSession {
  rounds?: number;
  name?: string;
  age?: number;
}

interface Context extends Scenes.WizardContext {
  session: Survey;
}

const survey = new Scenes.WizardScene<Context>(
  'survey',
  async (ctx) => {
    await ctx.reply('What is your name?');
    ctx.wizard.next();
  },
  text(async (ctx, said) => {
    ctx.session.name = said;
    await ctx.reply('How old are you?');
    ctx.wizard.next();
  }),
  text(async (ctx, said) => {
    if (!isNumber(said)) {
      await ctx.reply('A number, please.');
      return;
    }
    ctx.session.age = Number(said);
    await ctx.reply(`${ctx.session.name}, ${ctx.session.age}. Is that right?`);
    ctx.wizard.next();
  }),
  text(async (ctx, said) => {
    if (said !== 'yes') return;
    const { name } = ctx.session;
    const rounds = (ctx.session.rounds ?? 0) + 1;
    ctx.session.rounds = rounds;
    await ctx.reply(`Thank you, ${name}: round ${rounds}.`);
    await ctx.scene.leave();
  }),
);

function text(answer: (ctx: Context, said: string) => Promise<void>) {
  return new Composer<Context>().on('text', (ctx) => answer(ctx as Context, ctx.message.text));
}

/** Its session in memory, a wizard scene, and an API that answers at once. */
export function open(users: number): System {
  const said: string[] = Array.from({ length: users }, () => '');
  const bot = new Telegraf<Context>('1:token');
  bot.botInfo = botInfo as UserFromGetMe;
  bot.use((ctx, next) => {
    ctx.telegram.callApi = (async (_method: string, payload: { chat_id: number; text: string }) => {
      said[payload.chat_id - 1] = payload.text;
      return {};
    }) as never;
    return next();
  });
  bot.use(session());
  bot.use(new Scenes.Stage<Context>([survey]).middleware());
  bot.on('text', (ctx) => ctx.scene.enter('survey'));
  bot.catch((error) => {
    throw error;
  });
  return {
    async turn(user, message) {
      await bot.handleUpdate(textUpdate(user, message) as Update);
      return said[user] as string;
    },
  };
}
