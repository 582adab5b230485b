import {
  choice,
  commandIntents,
  confirm,
  image,
  integer,
  setupDialogue,
  text,
  within,
} from 'colloquy';
import { converse } from 'colloquy/testing';
import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { date, dateTime, time } from '../../src/dialogue/parsers/date.ts';

interface Order {
  how?: 'delivery' | 'pickup';
  address?: string;
  floor?: number;
  email?: string;
  phone?: string;
}

const words = setupDialogue({ types: {} as { context: Order } });

function ordering(slots: object = {}, more: object = {}) {
  const dialogue = words.createDialogue({
    id: 'ordering',
    context: {},
    initial: 'form',
    states: {
      form: words.form({
        slots: {
          how: {
            question: 'How?',
            options: ['delivery', 'pickup'],
            extract: within(/(delivery|pickup)/u, (message) =>
              'text' in message ? { value: message.text as 'pickup' } : { issue: '' },
            ),
          },
          address: {
            question: 'Where to?',
            parse: text(),
            extract: within(/to (.+)/u, text()),
            when: ({ context }) => context.how === 'delivery',
          },
          floor: {
            question: 'Which floor?',
            parse: integer(),
            when: ({ context }) => context.address !== undefined,
          },
          ...slots,
        },
        target: 'end',
        ...more,
      }),
      end: words.done('Done.'),
    },
  });
  return converse(dialogue);
}

describe('a slot that does not apply', () => {
  it('is no part of the result, nor what depended on it', async () => {
    const chat = ordering();
    for (const said of ['hi', 'delivery', 'High Street 1', '3']) await chat.say(said);
    const [summary] = await chat.say('no, pickup');
    expect(summary).toBe('how: pickup\nIs that right?\n1. Yes\n2. No');
    await chat.say('yes');
    expect(chat.context).toEqual({ how: 'pickup' });
  });

  it.each([
    ['no, pickup', 'no, delivery'],
    ['pickup', 'delivery'],
    ['不，pickup', '不，delivery'],
  ])('loses its value at once, and is asked again if it applies again: %s', async (off, on) => {
    const chat = ordering();
    for (const said of ['hi', 'delivery', 'High Street 1', '3']) await chat.say(said);
    await chat.say(off);
    expect(chat.context).toEqual({ how: 'pickup' });
    expect(await chat.say(on)).toEqual(['Where to?']);
    expect(chat.context).toEqual({ how: 'delivery' });
    expect(await chat.say('Low Street 2')).toEqual(['Which floor?']);
  });

  it('loses its value while other slots are open', async () => {
    const chat = ordering({ email: { question: 'Email?', parse: text() } });
    for (const said of ['hi', 'delivery', 'High Street 1', '3']) await chat.say(said);
    expect(await chat.say('pickup')).toEqual(['Email?']);
    expect(chat.context).toEqual({ how: 'pickup' });
  });

  it('has no value in guards, replies and the input of services', async () => {
    const own = setupDialogue({
      types: {} as { context: Order },
      actors: { price: fromPromise<number, { address: string | undefined }>(async () => 1) },
    });
    const seen: unknown[] = [];
    const dialogue = own.createDialogue({
      id: 'ordering',
      context: {},
      initial: 'form',
      states: {
        form: own.form({
          slots: {
            how: {
              question: 'How?',
              options: ['delivery', 'pickup'],
              extract: choice(['delivery', 'pickup']),
            },
            address: {
              question: 'Where to?',
              parse: text(),
              when: ({ context }) => context.how === 'delivery',
            },
            phone: { question: ({ context }) => `Phone? ${context.address}`, parse: text() },
          },
          on: {
            'event.follow': {
              guard: ({ context }) => {
                seen.push(context.address);
                return false;
              },
            },
          },
          target: 'pricing',
        }),
        pricing: {
          invoke: { src: 'price', input: ({ context }) => ({ address: context.address }) },
        },
      },
    });
    const chat = converse(dialogue, {
      services: {
        price: (input) => {
          seen.push(input);
          return 1;
        },
      },
    });
    for (const said of ['hi', 'delivery', 'High Street 1']) await chat.say(said);
    expect(await chat.say('pickup')).toEqual(['Phone? undefined']);
    await chat.send({ type: 'event.follow' });
    for (const said of ['123', 'yes']) await chat.say(said);
    expect(seen).toEqual([undefined, { address: undefined }]);
  });

  it('may be the option that a changed list does not have any more', async () => {
    const own = setupDialogue({ types: {} as { context: { dish?: string; size?: string } } });
    const dishes = ['soup', 'rice'] as const;
    const dialogue = own.createDialogue({
      id: 'lunch',
      context: {},
      initial: 'form',
      states: {
        form: own.form({
          slots: {
            dish: { question: 'Dish?', options: dishes, extract: choice(dishes) },
            size: {
              question: 'Size?',
              options: ({ context }) =>
                context.dish === 'soup' ? ['cup', 'bowl'] : ['plate', 'bowl'],
            },
          },
          target: 'end',
        }),
        end: own.done(),
      },
    });
    const chat = converse(dialogue);
    for (const said of ['hi', 'soup', 'cup', 'rice']) await chat.say(said);
    expect(chat.context).toEqual({ dish: 'rice' });
    for (const said of ['bowl', 'soup']) await chat.say(said);
    expect(chat.context).toEqual({ dish: 'soup', size: 'bowl' });
  });

  it('keeps what was said before it was known to apply', async () => {
    const chat = ordering();
    await chat.say('hi');
    await chat.say('to High Street 1');
    expect(await chat.say('delivery')).toEqual(['Which floor?']);
    const other = ordering();
    await other.say('hi');
    await other.say('to High Street 1');
    await other.say('pickup');
    await other.say('yes');
    expect(other.context).toEqual({ how: 'pickup' });
  });

  it('is no part of it without a summary either', async () => {
    const chat = ordering({}, { confirm: false });
    await chat.say('hi');
    await chat.say('to High Street 1');
    expect(await chat.say('pickup')).toEqual(['Done.']);
    expect(chat.context).toEqual({ how: 'pickup' });
  });

  it('is not among what can be changed, nor in a summary of one’s own', async () => {
    const confirms = ({ context }: { context: Order }) => `${context.how} ${context.address}?`;
    const chat = ordering({}, { confirm: confirms });
    for (const said of ['hi', 'delivery', 'High Street 1', '3']) await chat.say(said);
    expect((await chat.say('pickup'))[0]).toContain('pickup undefined?');
    expect((await chat.say('no'))[0]).toBe('What should be changed?\n1. how');
  });

  it('may look at whether it is filled itself: that decides nothing', async () => {
    const chat = ordering({
      email: {
        question: 'Email?',
        parse: text(),
        when: ({ context }: { context: Order }) => context.email === undefined,
      },
    });
    for (const said of ['hi', 'pickup', 'a@b.c', 'yes']) await chat.say(said);
    expect(chat.context).toEqual({ how: 'pickup', email: 'a@b.c' });
  });

  it('may exclude another that excludes it: one of the two is kept', async () => {
    const chat = ordering({
      email: {
        question: 'Email?',
        parse: text(),
        extract: within(/mail (\S+)/u, text()),
        when: ({ context }: { context: Order }) => context.phone === undefined,
      },
      phone: {
        question: 'Phone?',
        parse: text(),
        extract: within(/phone (\S+)/u, text()),
        when: ({ context }: { context: Order }) => context.email === undefined,
      },
    });
    await chat.say('hi');
    await chat.say('mail a@b.c phone 123');
    await chat.say('pickup');
    await chat.say('yes');
    expect(chat.context).toEqual({ how: 'pickup', phone: '123' });
  });
});

type On = { readonly 'intent.back'?: '.left' | { guard: () => boolean; target: '.left' } };

describe('“back” at the first question', () => {
  const own = setupDialogue({
    types: {} as { context: { name?: string; nick?: string; code?: string } },
    intents: commandIntents,
  });
  function naming(on: On = {}) {
    const dialogue = own.createDialogue({
      id: 'naming',
      context: {},
      initial: 'form',
      on,
      states: {
        form: own.form({
          slots: {
            name: { question: 'Name?', parse: text() },
            nick: { question: 'Nick?', parse: text() },
          },
          target: 'end',
          attempts: 1,
          otherwise: 'end',
        }),
        end: own.done('Done.'),
        left: own.done('Left.'),
      },
    });
    return converse(dialogue);
  }

  it.each(['back', 'Back!', 'go back', 'previous', '返回', '上一步', '后退', '  BACK  '])(
    'says that no question is before it: %s',
    async (said) => {
      const chat = naming();
      await chat.say('hi');
      expect(await chat.say(said)).toEqual(['There is nothing before this question.', 'Name?']);
      expect(chat.context).toEqual({});
      expect(await chat.say('Ann')).toEqual(['Nick?']);
    },
  );

  it('goes back where something is', async () => {
    const chat = naming();
    await chat.say('hi');
    await chat.say('Ann');
    expect(await chat.say('back')).toEqual(['Name?']);
  });

  it('is the command of a state around the form', async () => {
    const chat = naming({ 'intent.back': '.left' });
    await chat.say('hi');
    expect(await chat.say('back')).toEqual(['Left.']);
  });

  it('says so when the outer transition on the command is guarded off', async () => {
    const chat = naming({ 'intent.back': { guard: () => false, target: '.left' } });
    await chat.say('hi');
    expect((await chat.say('back'))[0]).toBe('There is nothing before this question.');
  });

  it('says so when none of the slots before it applies', async () => {
    const dialogue = own.createDialogue({
      id: 'naming',
      context: {},
      initial: 'form',
      states: {
        form: own.form({
          slots: {
            code: { question: 'Code?', parse: text(), when: () => false },
            name: { question: 'Name?', parse: text() },
          },
          target: 'end',
        }),
        end: own.done(),
      },
    });
    const chat = converse(dialogue);
    await chat.say('hi');
    expect(await chat.say('back')).toEqual(['There is nothing before this question.', 'Name?']);
  });

  it('belongs to the parent of a sub-dialogue, where that takes it', async () => {
    const child = setupDialogue({
      types: {} as { context: { name?: string } },
      intents: { back: {} },
    });
    const inner = child.createDialogue({
      id: 'inner',
      context: {},
      initial: 'form',
      states: {
        form: child.form({ slots: { name: { question: 'Name?', parse: text() } }, target: 'end' }),
        end: child.done(),
      },
    });
    const around = (on: On) => {
      const outer = setupDialogue({ actors: { inner }, intents: commandIntents });
      return converse(
        outer.createDialogue({
          id: 'outer',
          context: {},
          initial: 'inside',
          on,
          states: { inside: { invoke: { src: 'inner' } }, left: outer.done('Left.') },
        }),
      );
    };
    const taken = around({ 'intent.back': '.left' });
    await taken.say('hi');
    expect(await taken.say('back')).toEqual(['Left.']);
    const told = around({});
    await told.say('hi');
    expect(await told.say('back')).toEqual(['There is nothing before this question.', 'Name?']);
  });

  it('is an answer like any other where the dialogue knows no such command', async () => {
    const plain = setupDialogue({ types: {} as { context: { name?: string } } });
    const chat = converse(
      plain.createDialogue({
        id: 'plain',
        context: {},
        initial: 'form',
        states: {
          form: plain.form({
            slots: { name: { question: 'Name?', parse: text() } },
            confirm: false,
            target: 'end',
          }),
          end: plain.done('Done.'),
        },
      }),
    );
    await chat.say('hi');
    expect(await chat.say('back')).toEqual(['Done.']);
    expect(chat.context).toEqual({ name: 'back' });
  });
});

describe('the summary', () => {
  interface Values {
    count?: number;
    vip?: boolean;
    day?: string;
    at?: string;
    when?: Date;
    tags?: string[];
    picture?: { url?: string };
  }

  function summary(locale: string) {
    const own = setupDialogue({
      types: {} as { context: Values },
      words: {
        locale,
        timeZone: 'Asia/Shanghai',
        prompts: { de: { 'answer.yes': 'Ja', 'form.confirm': '{summary}\nRichtig?' } },
      },
    });
    const dialogue = own.createDialogue({
      id: 'summary',
      context: {},
      initial: 'form',
      states: {
        form: own.form({
          slots: {
            count: { question: '?', parse: integer() },
            vip: { question: '?', parse: confirm() },
            day: { question: '?', parse: date() },
            at: { question: '?', parse: time() },
            when: { question: '?', parse: dateTime({ timeZone: 'Europe/Berlin' }) },
            tags: {
              question: '?',
              parse: (message) =>
                'text' in message ? { value: message.text.split(' ') } : { issue: '' },
            },
            picture: { question: '?', parse: image() },
          },
          target: 'end',
        }),
        end: own.done(),
      },
    });
    return converse(dialogue, { now: Date.UTC(2026, 10, 18, 2) });
  }

  it.each([
    [
      'en',
      [
        'count: 12,345',
        'vip: Yes',
        'day: Sunday, November 22, 2026',
        'at: 6:30 PM',
        'when: Thursday, November 19, 2026 at 3:00 PM',
        'tags: red, green and blue',
      ],
    ],
    [
      'zh-CN',
      [
        'count：12,345',
        'vip：是',
        'day：2026年11月22日星期日',
        'at：18:30',
        'when：2026年11月19日星期四 15:00',
        'tags：red、green和blue',
      ],
    ],
    [
      'de',
      [
        'count: 12.345',
        'vip: Ja',
        'day: Sonntag, 22. November 2026',
        'at: 18:30',
        'when: Donnerstag, 19. November 2026 um 15:00',
        'tags: red, green und blue',
      ],
    ],
  ])('shows values as people write them in %s', async (locale, lines) => {
    const chat = summary(locale);
    for (const said of [
      'hi',
      '12345',
      'yes',
      '2026-11-22',
      '18:30',
      'tomorrow at 3pm',
      'red green blue',
    ]) {
      await chat.say(said);
    }
    const [said = ''] = await chat.say({ type: 'message.image', url: 'https://a.b/c.png' });
    expect(said.split('\n').slice(0, 6)).toEqual(lines);
    expect(said).toContain('https://a.b/c.png');
  });

  it('says bounds and options in the locale, too', async () => {
    const own = setupDialogue({
      types: {} as { context: { day?: string; pick?: string } },
      words: {
        locale: 'fr',
        prompts: {
          fr: {
            'issue.earliest': 'Pas avant {min}.',
            'issue.choice': 'Choisissez : {options}.',
          },
        },
      },
    });
    const dialogue = own.createDialogue({
      id: 'bounds',
      context: {},
      initial: 'day',
      states: {
        day: own.ask({
          question: '?',
          parse: date({ min: '2027-01-31' }),
          assign: 'day',
          target: 'pick',
        }),
        pick: own.choose({ question: '?', options: ['a', 'b', 'c'], assign: 'pick' }),
      },
    });
    const chat = converse(dialogue, { now: Date.UTC(2026, 10, 18) });
    await chat.say('hi');
    expect(await chat.say('2027-01-02')).toEqual(['Pas avant 31 janv. 2027.']);
    await chat.say('2027-02-02');
    expect((await chat.say('x'))[0]).toContain('Choisissez : a, b ou c.');
  });
});
