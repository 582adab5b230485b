import { keywords, setupDialogue, text } from 'colloquy';

const guestWords = setupDialogue({ types: {} as { context: { name?: string; street?: string } } });
const guest = guestWords.createDialogue({
  id: 'guest',
  context: {},
  initial: 'name',
  states: {
    name: guestWords.ask({
      question: 'Your name?',
      parse: text(),
      assign: 'name',
      otherwise: 'end',
      target: 'street',
    }),
    street: guestWords.ask({
      question: 'Your street?',
      parse: text(),
      assign: 'street',
      otherwise: 'end',
      target: 'end',
    }),
    end: guestWords.done(),
  },
});

const words = setupDialogue({ actors: { guest }, intents: { price: keywords('price') } });

/** A user who asks for the price at “Your street?” is asked for the name again afterwards. */
export const restartedDialogue = words.createDialogue({
  id: 'hotel',
  context: {},
  initial: 'talk',
  on: { 'intent.price': '.price' },
  states: {
    talk: {
      initial: 'guest',
      states: {
        guest: { invoke: { src: 'guest', onDone: '#hotel.end' } },
        last: { type: 'history', history: 'deep' },
      },
    },
    price: {
      entry: words.reply('It is free. Shall we go on?'),
      on: { 'message.*': 'talk.last' },
    },
    end: words.done('Good night.'),
  },
});
