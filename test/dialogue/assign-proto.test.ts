import { createRunner, setupDialogue, text } from 'colloquy';
import { describe, expect, it } from 'vitest';

const { ask, assign, createDialogue } = setupDialogue({
  types: {} as { context: Record<string, unknown> },
});

describe('a key that reaches a prototype', () => {
  it.each([
    ['a function gives it', assign(() => JSON.parse('{"__proto__":"x"}') as object)],
    ['a function gives it an object', assign(() => JSON.parse('{"__proto__":{"a":1}}') as object)],
  ])('fails the turn where %s', async (_what, actions) => {
    const runner = createRunner(
      createDialogue({ id: 'proto', context: {}, on: { 'message.text': { actions } } }),
    );
    runner.on('error', () => {});
    expect(await runner.handle('ann', 'hi')).toMatchObject({
      outcome: 'failed',
      error: { code: 'context_not_plain' },
    });
    await runner.stop();
  });

  it('is refused where the program writes it', () => {
    expect(() => assign({ ['__proto__']: () => 'x' })).toThrow('__proto__');
    expect(() => ask({ question: 'Name?', parse: text(), assign: '__proto__' as never })).toThrow(
      '__proto__',
    );
  });
});
