import { setupDialogue } from 'colloquy';

const words = setupDialogue({
  types: {} as { context: { locale?: string } },
  words: { locale: 'zh-CN' },
});

/** Who is greeted in Chinese is left in English. */
export const foreignText = words.createDialogue({
  id: 'desk',
  context: {},
  initial: 'open',
  states: {
    open: { on: { 'message.*': { target: 'over', actions: words.reply('您好！') } } },
    over: words.done('Thank you for your visit.'),
  },
});
