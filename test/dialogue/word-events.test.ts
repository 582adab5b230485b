import { type AnyStateMachine, assign, emit, sendParent, setup } from 'xstate';
import type { Reply, WordEvent } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { Play } from './play.ts';

const word = (event: WordEvent): never => emit(event) as never;
const say = (reply: string | Reply): never => word({ type: 'reply', reply });
const repeat = word({ type: 'repeat' });
const text = 'message.text';

/** A state that asks, as the words make it. */
const asking = (question: string) => ({
  entry: say(question),
  on: { 'ask.repeat': { actions: say(question) } },
});

/** A dialogue that runs these actions on a text. */
function doing(...actions: never[]): Play {
  const machine = setup({}).createMachine({
    initial: 'on',
    states: { on: { on: { [text]: { actions } } } },
  });
  return new Play(machine as AnyStateMachine).first();
}

describe('a word that a dialogue emits', () => {
  it('is an effect, in the order it was said', () => {
    const choices: Reply = { type: 'choices', text: 'Which?', options: [{ value: 'a' }] };
    const play = doing(
      word({ type: 'expireIn', milliseconds: 5 }),
      say(choices),
      word({ type: 'forget' }),
      word({ type: 'expireIn', milliseconds: null }),
      emit({ type: 'mine', n: 1 }) as never,
    ).say('x');
    expect(play.effects).toEqual([
      { type: 'expireIn', milliseconds: 5 },
      { type: 'reply', reply: choices, actor: '' },
      { type: 'forget' },
      { type: 'expireIn', milliseconds: null },
      { type: 'emit', event: { type: 'mine', n: 1 } },
    ]);
  });

  it.each([Number.NaN, Infinity, -1, '5', undefined, {}])(
    'cannot ask to expire in %s',
    (milliseconds) => {
      const play = doing(word({ type: 'expireIn', milliseconds } as WordEvent));
      expect(() => play.say('x')).toThrow(
        expect.objectContaining({ name: 'StepError', code: 'bad_expiry' }),
      );
    },
  );

  it('cannot say what is no reply', () => {
    const play = doing(say({ type: 'choices', text: '?', options: [] }));
    expect(() => play.say('x')).toThrow(
      expect.objectContaining({ name: 'StepError', code: 'bad_reply' }),
    );
  });
});

describe('repeat', () => {
  it('says the open question again, after everything else that was said', () => {
    const machine = setup({}).createMachine({
      initial: 'name',
      on: { [text]: { actions: [repeat, say('You can say cancel.'), say('Or help.')] } },
      states: { name: asking('Name?') },
    });
    const play = new Play(machine).first().say('help');
    expect(play.replies).toEqual(['You can say cancel.', 'Or help.', 'Name?']);
  });

  it('says it once, however often it was asked for', () => {
    const machine = setup({}).createMachine({
      initial: 'name',
      on: { [text]: { actions: [repeat, repeat, say('help')] } },
      states: { name: asking('Name?') },
    });
    expect(new Play(machine).first().say('help').replies).toEqual(['help', 'Name?']);
  });

  it('says the question that is open in the end, also where its machine has just been started', () => {
    const child = setup({}).createMachine({ initial: 'c', states: { c: asking('Street?') } });
    const machine = setup({ actors: { child } }).createMachine({
      initial: 'name',
      states: {
        name: { on: { [text]: { target: 'address', actions: repeat } } },
        address: { invoke: { src: 'child', id: 'child' } },
      },
    });
    expect(new Play(machine).first().say('x').replies).toEqual(['Street?', 'Street?']);
  });

  it('does nothing while no question is open', () => {
    const play = doing(say('help'), repeat).say('x');
    expect(play).toMatchObject({ handled: true, replies: ['help'] });
  });

  it('does nothing once the dialogue has ended', () => {
    const machine = setup({}).createMachine({
      initial: 'name',
      states: {
        name: { ...asking('Name?'), on: { [text]: 'end' } },
        end: { type: 'final', entry: [repeat, say('bye')] },
      },
    });
    const play = new Play(machine).first().say('x');
    expect(play.replies).toEqual(['bye']);
    expect(play.of('clear')).toHaveLength(1);
  });

  it('may be said by the entry of the first state', () => {
    const machine = setup({}).createMachine({
      entry: [say('Welcome.'), repeat],
      initial: 'name',
      states: { name: { on: { 'ask.repeat': { actions: say('Name?') } } } },
    });
    expect(new Play(machine).first().replies).toEqual(['Welcome.', 'Name?']);
  });

  it('gives up on a question that has itself repeated', () => {
    const machine = setup({}).createMachine({
      initial: 'name',
      states: { name: { on: { [text]: { actions: repeat }, 'ask.repeat': { actions: repeat } } } },
    });
    const play = new Play(machine).first();
    expect(() => play.say('x')).toThrow(expect.objectContaining({ code: 'not_stable' }));
  });

  describe('with sub-dialogues', () => {
    const street = setup({}).createMachine({
      initial: 'street',
      states: { street: asking('Street?') },
    });

    it('goes to the deepest one that asks, where the parent said the help', () => {
      const address = setup({ actors: { street } }).createMachine({
        initial: 'in',
        states: { in: { ...asking('Address?'), invoke: { src: 'street', id: 'street' } } },
      });
      const machine = setup({ actors: { address } }).createMachine({
        initial: 'in',
        on: { [text]: { actions: [say('help'), repeat] } },
        states: { in: { ...asking('Order?'), invoke: { src: 'address', id: 'address' } } },
      });
      const play = new Play(machine).first().say('help');
      expect(play.replies).toEqual(['help', 'Street?']);
      expect(play.restart().say('help').replies).toEqual(['help', 'Street?']);
    });

    it('goes up to the parent that asks, where a child that does not ask said it', () => {
      const faq = setup({}).createMachine({
        on: { [text]: { actions: [say('Open at 9.'), repeat] } },
      });
      const machine = setup({ actors: { faq } }).createMachine({
        initial: 'name',
        states: { name: { ...asking('Name?'), invoke: { src: 'faq', id: 'faq' } } },
      });
      expect(new Play(machine).first().say('when?').replies).toEqual(['Open at 9.', 'Name?']);
    });

    it('goes to the parent also where the child said it as its last word', () => {
      const faq = setup({}).createMachine({
        initial: 'open',
        states: {
          open: { on: { [text]: 'end' } },
          end: { type: 'final', entry: [say('Open at 9.'), repeat] },
        },
      });
      const machine = setup({
        types: {} as { context: { answers: number } },
        actors: { faq },
      }).createMachine({
        context: { answers: 0 },
        initial: 'name',
        states: {
          name: {
            ...asking('Name?'),
            invoke: {
              src: 'faq',
              id: 'faq',
              onDone: { actions: [assign({ answers: 1 }), say('Anything else?')] },
            },
          },
        },
      });
      const play = new Play(machine).first().say('when?');
      expect(play.replies).toEqual(['Open at 9.', 'Anything else?', 'Name?']);
      expect(play.data).toEqual({ answers: 1 });
    });

    it('says it again where parent and child are in the midst of talking to one another', () => {
      const child = setup({}).createMachine({
        initial: 'c',
        states: {
          c: {
            ...asking('Street?'),
            on: {
              [text]: { actions: [say('one moment'), sendParent({ type: 'news' })] },
              'ask.repeat': { actions: say('Street?') },
            },
          },
        },
      });
      const machine = setup({ actors: { child } }).createMachine({
        initial: 'in',
        states: {
          in: {
            invoke: { src: 'child', id: 'child' },
            on: { news: { actions: [repeat, say('news')] } },
          },
        },
      });
      expect(new Play(machine).first().say('x').replies).toEqual(['one moment', 'news', 'Street?']);
    });
  });
});
