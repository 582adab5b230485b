import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { keywords, setupDialogue } from 'colloquy';
import { PageOfDesk, START } from './session-desk.ts';

const { assign, createDialogue, reply } = setupDialogue({
  types: {} as { context: { weather?: string } },
  actors: { forecast: fromPromise<string, string>(async () => 'real weather') },
  intents: { weather: keywords('weather') },
});

const weather = createDialogue({
  id: 'weather',
  context: {},
  initial: 'open',
  states: {
    open: { on: { 'intent.weather': 'asking', 'message.text': { actions: reply('Hm?') } } },
    asking: {
      invoke: {
        src: 'forecast',
        input: 'Oslo',
        onDone: {
          target: 'open',
          actions: [
            assign({ weather: ({ event }) => event.output }),
            reply(({ event }) => event.output),
          ],
        },
        onError: { target: 'open', actions: reply(({ event }) => String(event.error)) },
      },
    },
  },
});

const withStub = { services: { forecast: () => 'stubbed weather' } };

const ask = async (page: PageOfDesk): Promise<string> => page.say('ann', 'weather');

describe('a service', () => {
  it('is the stub of the config by default, and real without one', async () => {
    const page = new PageOfDesk({ dialogue: weather, settings: withStub });
    await ask(page);
    expect(page.said).toEqual(['stubbed weather']);
    const bare = new PageOfDesk({ dialogue: weather });
    await ask(bare);
    expect(bare.said).toEqual(['real weather']);
    expect(bare.desk.session.services.settings).toEqual([
      { name: 'forecast', mode: 'real', modes: ['real', 'fail', 'hang', 'late'] },
    ]);
  });

  it('changes at a click, and every page gets the change', async () => {
    const page = new PageOfDesk({ dialogue: weather, settings: withStub });
    await page.ask('service', { name: 'forecast', mode: 'real' });
    await ask(page);
    await page.ask('service', { name: 'forecast', mode: 'fail' });
    await ask(page);
    expect(page.said).toEqual(['real weather', "Error: The service 'forecast' failed."]);
    expect(page.events.filter(({ name }) => name === 'services').at(-1)?.data).toEqual([
      { name: 'forecast', mode: 'fail', modes: ['stub', 'real', 'fail', 'hang', 'late'] },
    ]);
  });

  it('is late by virtual time, and then what it was before', async () => {
    const page = new PageOfDesk({ dialogue: weather, settings: withStub });
    await page.ask('service', { name: 'forecast', mode: 'late', lateMs: 60_000 });
    expect(await ask(page)).toBe('waiting');
    expect(page.desk.session.clock.nextDueAt).toBe(START + 60_000);
    await page.ask('advance', { by: 'next' });
    expect(page.said).toEqual(['stubbed weather']);
  });

  it('that hangs never ends', async () => {
    const page = new PageOfDesk({ dialogue: weather, settings: withStub });
    await page.ask('service', { name: 'forecast', mode: 'hang' });
    expect(await ask(page)).toBe('waiting');
    await page.ask('advance', { by: 86_400_000 });
    expect(page.said).toEqual([]);
    expect(page.turns.map(({ outcome }) => outcome)).toEqual(['pending']);
  });

  it('runs again after a crash that cut it off, and says its result once', async () => {
    const page = new PageOfDesk({ dialogue: weather, settings: withStub });
    await page.ask('service', { name: 'forecast', mode: 'late', lateMs: 60_000 });
    await ask(page);
    await page.ask('crash', {});
    await page.ask('advance', { by: 120_000 });
    expect(page.said).toEqual(['stubbed weather']);
  });

  it('that the dialogue does not have, or a mode that it cannot have, is refused', async () => {
    const page = new PageOfDesk({ dialogue: weather });
    const none = page.ask('service', { name: 'other', mode: 'fail' });
    await expect(none).rejects.toMatchObject({ code: 'bad_service' });
    const stub = page.ask('service', { name: 'forecast', mode: 'stub' });
    await expect(stub).rejects.toMatchObject({ code: 'bad_request' });
    const odd = page.ask('service', { name: 'forecast', mode: 'late', lateMs: -1 });
    await expect(odd).rejects.toMatchObject({ code: 'bad_duration' });
  });
});

describe('a recognizer', () => {
  it('is late once, and the message is taken without it where that is too long', async () => {
    const page = new PageOfDesk({ dialogue: weather });
    await page.ask('recognize', { lateMs: 1000 });
    expect(await ask(page)).toBe('waiting');
    await page.ask('advance', { by: 1000 });
    expect(page.said).toEqual(['real weather']);
    await page.ask('recognize', { lateMs: 60_000 });
    expect(await ask(page)).toBe('waiting');
    await page.ask('advance', { by: 60_000 });
    expect(page.said.at(-1)).toBe('Hm?');
    expect(page.problems).toContain('recognizer_timeout');
    await ask(page);
    expect(page.said.at(-1)).toBe('real weather');
  });

  it('has to be there', async () => {
    const { createDialogue: create, reply: say } = setupDialogue({ types: {} as object });
    const deaf = create({ id: 'deaf', initial: 'a', states: { a: { entry: say('Hm.') } } });
    const page = new PageOfDesk({ dialogue: deaf });
    const refused = page.ask('recognize', { lateMs: 1000 });
    await expect(refused).rejects.toMatchObject({ code: 'bad_request' });
  });
});
