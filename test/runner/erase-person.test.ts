import { type Message, createContextStore, createRunner, setupDialogue } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

const by = (id: string, text: string): Message => ({ type: 'message.text', text, from: { id } });

/** A room that notes who said what, and tells whoever spoke something in private. */
function openRoom(disk = createDisk()) {
  const room = setupDialogue({
    types: {} as { context: { said: Readonly<Record<string, string>> } },
    history: { turns: 10 },
  });
  const dialogue = room.createDialogue({
    id: 'room',
    context: { said: {} },
    on: {
      'message.text': {
        actions: [
          room.assign({
            said: ({ context, event }) => ({ ...context.said, [event.from?.id ?? '']: event.text }),
          }),
          room.reply(({ event }) => `You said ${event.text}`),
        ],
      },
      'event.menu': {
        actions: [
          room.reply({ type: 'text', text: 'A secret of Ann', to: '1' }),
          room.reply({ type: 'text', text: 'A secret of Bob', to: '2' }),
        ],
      },
    },
  });
  const store = createContextStore<{ said: Readonly<Record<string, string>> }>({
    clock: createManualClock(),
    persister: memory(disk),
  });
  const runner = createRunner(dialogue, { store });
  onTestFinished(() => runner.stop());
  return { store, runner, body: () => disk.records.get('room')?.body ?? '' };
}

describe('a person who is erased from a conversation of several', () => {
  it('is in nothing that the library keeps, and in nothing that the program takes out', async () => {
    const { store, runner, body } = openRoom();
    runner.on('reply', () => Promise.reject(new Error('down')));
    runner.on('error', () => undefined);
    await runner.handle('room', by('1', 'strawberry'), { id: 'a' });
    await runner.handle('room', by('2', 'banana'), { id: 'b' });
    await runner.send('room', { type: 'event.menu' }, { id: 'c' });
    await runner.idle('room');
    expect(body()).toContain('strawberry');
    const erased = await store.erasePerson('room', '1', (context) => {
      const { 1: _ann, ...others } = context.get('said') ?? {};
      context.set('said', others);
    });
    expect([erased, body().includes('strawberry'), body().includes('secret of Ann')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([body().includes('banana'), body().includes('secret of Bob')]).toEqual([true, true]);
  });

  it('is not heard again by a redelivery', async () => {
    const { store, runner } = openRoom();
    await runner.handle('room', by('1', 'strawberry'), { id: 'a' });
    await store.erasePerson('room', '1');
    const turn = await runner.handle('room', by('1', 'strawberry'), { id: 'a' });
    expect(turn).toMatchObject({ outcome: 'duplicate', replies: [] });
    expect((await runner.handle('room', by('2', 'banana'))).outcome).toBe('replied');
  });

  it('may be of a conversation that is not there', async () => {
    const { store } = openRoom();
    expect(await store.erasePerson('room', '1')).toBe(false);
    expect(await store.exists('room')).toBe(false);
  });

  it('stays where the program’s part throws', async () => {
    const { store, runner, body } = openRoom();
    await runner.handle('room', by('1', 'strawberry'));
    const failing = store.erasePerson('room', '1', () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(body()).toContain('"by":"1"');
  });

  it.each([[''], [undefined], [7]])('has an id, and is refused as %j', async (person) => {
    const { store } = openRoom();
    await expect(store.erasePerson('room', person as string)).rejects.toMatchObject({
      code: 'bad_option',
    });
  });
});
