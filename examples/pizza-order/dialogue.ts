import { commandIntents, setupDialogue, text } from 'colloquy';
import { type Quote, price } from './kitchen.ts';
import { type Pizza, pizza } from './pizza.ts';

interface Order {
  cart: Pizza[];
  /** Where in the cart the pizza in question is, or will be. */
  place: number;
  address?: string;
  quote?: Quote;
}

const words = setupDialogue({
  types: {} as { context: Order },
  actors: { pizza, price },
  intents: commandIntents,
  events: { paid: {} as { quote: string } },
});
const { assign, choose, confirm, reply } = words;

const format = ({ size, toppings, count }: Pizza) =>
  `${count} ${size}, ${toppings.length > 0 ? `with ${toppings.join(' and ')}` : 'plain'}`;

const places = ({ context }: { context: Order }) =>
  context.cart.map((each, place) => ({ value: `${place}`, label: format(each) }));

const emptyCart = assign({ cart: () => [] });

/** An order of pizzas: a cart, a price from a service that fails at times, and a payment from outside. */
export default words.createDialogue({
  id: 'order',
  version: '1',
  context: { cart: [], place: 0 },
  initial: 'cart',
  on: words.commands({
    help: { say: 'Answer the question, or say “back”, “start over” or “cancel”.' },
    restart: { target: '.cart', say: 'From the beginning, then.', actions: emptyCart },
    cancel: { target: '.cancelled', actions: emptyCart },
  }),
  states: {
    cart: choose({
      // An empty cart leads to the first pizza.
      when: ({ context }) => context.cart.length > 0,
      skipTo: 'pizza',
      question: ({ context }) => ['In your cart:', ...context.cart.map(format)].join('\n'),
      options: [
        { value: 'add', label: 'Another pizza' },
        { value: 'change', label: 'Change one' },
        { value: 'remove', label: 'Remove one' },
        { value: 'order', label: 'Order' },
      ],
      assign: ({ context }) => ({ place: context.cart.length }),
      target: { add: 'pizza', change: 'changing', remove: 'removing', order: 'address' },
    }),
    pizza: {
      invoke: {
        src: 'pizza',
        input: ({ context }) => context.cart[context.place] ?? {},
        onDone: {
          target: 'cart',
          actions: assign({
            cart: ({ context, event }) => context.cart.toSpliced(context.place, 1, event.output),
          }),
        },
      },
      on: { 'intent.back': 'cart' },
    },
    changing: choose({
      question: 'Which one do you want to change?',
      options: places,
      assign: ({ value }) => ({ place: Number(value) }),
      back: 'cart',
      target: 'pizza',
    }),
    removing: choose({
      question: 'Which one do you not want?',
      options: places,
      assign: ({ context, value }) => ({ cart: context.cart.toSpliced(Number(value), 1) }),
      back: 'cart',
      target: 'cart',
    }),
    address: words.ask({
      question: 'Where shall we bring it?',
      parse: text({ minLength: 5, maxLength: 200 }),
      assign: 'address',
      back: 'cart',
      target: 'pricing',
    }),
    pricing: words.service({
      src: 'price',
      input: ({ context }) => ({ cart: context.cart, address: context.address }),
      assign: 'quote',
      retries: 3,
      backoff: ({ attempt }) => ({ seconds: 2 ** attempt }),
      timeout: { seconds: 10 },
      busy: 'One moment, we are adding it up.',
      done: 'sure',
      failed: { target: 'cart', actions: reply('We cannot tell the price right now.') },
    }),
    sure: confirm({
      question: ({ context }) => `${context.quote?.total} € to ${context.address}. All right?`,
      back: 'address',
      yes: 'paying',
      no: 'cart',
    }),
    paying: {
      entry: reply(({ context }) => `Please pay: https://pay.example/${context.quote?.id}`),
      on: {
        // The bank reports it, by `runner.send()`.
        'event.paid': {
          guard: ({ context, event }) => event.quote === context.quote?.id,
          target: 'ordered',
          actions: emptyCart,
        },
        'message.*': { actions: reply('We begin when your payment arrives.') },
      },
      after: { 600_000: { target: 'cart', actions: reply('Your payment did not arrive.') } },
    },
    ordered: words.done('Thank you! It is in the oven.'),
    cancelled: words.done('Nothing was ordered.'),
  },
});
