import { describe, expect, it } from 'vitest';
import { type GatherOptions, integer, setupDialogue, text } from 'colloquy';
import { converse } from 'colloquy/testing';

const QUIET = 3000;

interface Told {
  age?: number;
  story?: string;
}

type Meta = { readonly gather?: GatherOptions | false };

interface Metas {
  readonly age?: Meta;
  readonly story?: Meta;
  readonly sure?: Meta;
}

const words = setupDialogue({ types: {} as { context: Told } });
const once = ({ story = '' }: Told): string => `“${story.replaceAll('\n', '|')}”?`;

/** Asks for a number, then for a story, then whether that is all. */
function complaint({ age = {}, story = {}, sure = {} }: Metas, later = 60) {
  return words.createDialogue({
    id: 'complaint',
    version: '1',
    context: {},
    initial: 'age',
    states: {
      age: words.ask({
        question: 'How old?',
        parse: integer(),
        assign: 'age',
        target: 'story',
        meta: age,
      }),
      story: words.ask({
        question: 'What happened?',
        parse: text(),
        assign: 'story',
        target: 'sure',
        timeout: { after: { seconds: later }, target: 'sure' },
        meta: story,
      }),
      sure: words.confirm({
        question: ({ context }) => once(context),
        yes: 'end',
        no: 'story',
        retry: 'Yes or no?',
        meta: sure,
      }),
      end: words.done('Thank you.'),
    },
  });
}

const stories: Metas = { story: { gather: { quietMs: QUIET, max: 3 } } };

describe('a state that gathers', () => {
  it('has the texts that arrive in it as one, and every other state answers at once', async () => {
    const chat = converse(complaint(stories));
    await chat.say('hi');
    chat.expectReply('How old?');
    await chat.say('42');
    chat.expectReply('What happened?');
    await chat.say('it fell');
    chat.expectOutcome('waiting').expectSilence();
    await chat.say('and broke');
    await chat.advance(QUIET);
    chat.expectReply('“it fell|and broke”?');
    await chat.say('yes');
    chat.expectReply('Thank you.');
    expect(chat.context).toEqual({ age: 42, story: 'it fell\nand broke' });
  });

  it('has its own times and its own maximum', async () => {
    const chat = converse(complaint(stories), { gather: { quietMs: 100, max: 8 } });
    await chat.say('hi');
    await chat.advance(100);
    await chat.say('42');
    await chat.advance(100);
    chat.expectReply('What happened?');
    await chat.say('a');
    await chat.advance(1000);
    chat.expectSilence();
    await chat.say('b');
    await chat.say('c');
    expect(chat.lastReply).toContain('“a|b|c”?');
  });

  it('gathers over a crash', async () => {
    const chat = converse(complaint(stories));
    await chat.say('hi');
    await chat.say('42');
    await chat.say('it fell');
    await chat.crash();
    await chat.say('and broke');
    await chat.advance(QUIET);
    expect(chat.lastReply).toContain('“it fell|and broke”?');
  });

  it('gathers in a process of a new version, which finds the record of the former one', async () => {
    const chat = converse(complaint({}));
    await chat.say('hi');
    await chat.say('42');
    await chat.deploy(complaint(stories));
    await chat.say('it fell');
    await chat.say('and broke');
    chat.expectSilence();
    await chat.advance(QUIET);
    expect(chat.lastReply).toContain('“it fell|and broke”?');
  });

  it('decides before the states around it, and after those of a sub-dialogue', async () => {
    const inner = words.createDialogue({
      id: 'inner',
      context: {},
      initial: 'name',
      states: {
        name: words.ask({
          question: 'Your name?',
          parse: text(),
          target: 'end',
          meta: { gather: false },
        }),
        end: words.done(),
      },
    });
    const outer = setupDialogue({
      types: {} as { context: object },
      actors: { inner },
    });
    const dialogue = outer.createDialogue({
      id: 'outer',
      context: {},
      initial: 'talk',
      meta: { gather: { quietMs: 1000 } },
      states: {
        talk: { on: { 'message.text': { target: 'group', actions: outer.reply('Go on.') } } },
        group: {
          initial: 'quick',
          meta: { gather: { quietMs: 2000 } },
          states: {
            quick: {
              meta: { gather: false },
              on: { 'message.text': { target: 'slow', actions: outer.reply('Quick.') } },
            },
            slow: { on: { 'message.text': { target: '#outer.child' } } },
          },
        },
        child: { invoke: { src: 'inner', onDone: 'talk' }, meta: { gather: { quietMs: 4000 } } },
      },
    });
    const chat = converse(dialogue);
    // The dialogue has not begun: there is no state yet.
    await chat.say('a');
    chat.expectReply('Go on.');
    await chat.say('b');
    chat.expectReply('Quick.');
    await chat.say('c');
    await chat.advance(1999);
    chat.expectSilence();
    await chat.advance(1);
    chat.expectReply('Your name?');
    await chat.say('Ann');
    await chat.say('d');
    chat.expectSilence();
    await chat.advance(1000);
    expect(chat.lastReply).toBe('Go on.');
  });

  it('is left by a timer: the texts so far are one turn, and the next one has its own', async () => {
    const chat = converse(complaint(stories, 2));
    await chat.say('hi');
    await chat.say('42');
    await chat.say('it fell');
    expect(await chat.advance({ seconds: 2 })).toEqual(['“”?\n1. Yes\n2. No']);
    await chat.say('yes');
    expect(chat.replies).toEqual(['Yes or no?\n1. Yes\n2. No', 'Thank you.']);
  });
});

describe('a state that does not gather, under a runner that does', () => {
  it('answers at once', async () => {
    const chat = converse(complaint({ sure: { gather: false } }), { gather: { quietMs: 100 } });
    await chat.say('hi');
    await chat.advance(100);
    await chat.say('42');
    await chat.advance(100);
    await chat.say('it fell');
    await chat.advance(100);
    chat.expectReply('“it fell”?');
    await chat.say('yes');
    expect(chat.lastReply).toBe('Thank you.');
  });
});

describe('what a state says of gathering', () => {
  it.each([
    [{ quietMs: 0 }, 'gather.quietMs'],
    [{ max: 1 }, 'gather.max'],
    [{ quiet: 3 }, 'quiet'],
    [true, '`gather`'],
    ['always', '`gather`'],
    [null, '`gather`'],
  ])('is refused where the dialogue is defined, if it is %j', (gather, named) => {
    const define = () => complaint({ age: { gather: gather as never } });
    expect(define).toThrow(expect.objectContaining({ code: 'bad_dialogue' }));
    expect(define).toThrow("Dialogue 'complaint', state 'complaint.age': its `meta`");
    expect(define).toThrow(named);
  });
});
