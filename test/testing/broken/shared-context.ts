import { setupDialogue } from 'colloquy';

const words = setupDialogue({ types: {} as { context: { cart: { items: string[] } } } });

const EMPTY = { items: [] as string[] };

/** Each customer should have a trolley, and all put everything into the same one. */
export const sharedContext = words.createDialogue({
  id: 'shop',
  context: () => ({ cart: EMPTY }),
  initial: 'open',
  states: { open: { on: { 'message.*': { actions: words.reply('In the cart.') } } } },
});
