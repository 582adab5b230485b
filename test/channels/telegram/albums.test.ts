import { image, setupDialogue, text } from 'colloquy';
import { describe, expect, it } from 'vitest';
import { group, inboundOf, message, openBot } from './bot.ts';

const { ask, assign, createDialogue, done, reply } = setupDialogue({
  types: {} as {
    context: { photo?: { mediaId?: string }; title?: string; photos: (string | undefined)[] };
  },
});
const entry = createDialogue({
  id: 'entry',
  context: { photos: [] },
  initial: 'photo',
  states: {
    photo: ask({
      question: 'A photo?',
      parse: image(),
      assign: 'photo',
      attempts: 3,
      target: 'title',
      otherwise: 'human',
    }),
    title: ask({
      question: 'A title?',
      parse: text(),
      assign: 'title',
      attempts: 3,
      target: 'end',
      otherwise: 'human',
    }),
    end: done(({ context }) => `${context.title}: ${context.photo?.mediaId}.`),
    human: done('I call a colleague.'),
  },
});

let albums = 0;
const album = (size: number, kind: (file: string) => object = photo): readonly object[] => {
  albums += 1;
  return Array.from({ length: size }, (_, place) =>
    message({ ...kind(`${place + 1}`), media_group_id: `a${albums}` }),
  );
};
const photo = (file: string): object => ({ photo: [{ file_id: 'small' }, { file_id: file }] });

describe('an album', () => {
  it.each([2, 5, 10])('of %i photos is one answer', async (size) => {
    const bot = openBot(entry);
    await bot.send(message({ text: 'hi' }));
    for (const part of album(size)) await bot.send(part);
    expect(bot.said).toEqual(['A photo?', 'A title?']);
    await bot.send(message({ text: 'Summer' }));
    expect(bot.said.at(-1)).toBe('Summer: 1.');
  });

  it('is one answer also where its parts arrive at the same time', async () => {
    const bot = openBot(entry);
    await bot.send(message({ text: 'hi' }));
    await Promise.all(album(5).map((part) => bot.send(part)));
    expect(bot.said).toEqual(['A photo?', 'A title?']);
  });

  it('spends one attempt where a photo is no answer', async () => {
    const bot = openBot(entry);
    await bot.send(message({ text: 'hi' }));
    await bot.send(message(photo('1')));
    for (const part of album(5)) await bot.send(part);
    await bot.send(message({ text: 'Summer' }));
    expect(bot.said.filter((said) => said === 'I call a colleague.')).toEqual([]);
    expect(bot.said.at(-1)).toBe('Summer: 1.');
  });

  it('is answered once though each part is delivered twice', async () => {
    const bot = openBot(entry);
    await bot.send(message({ text: 'hi' }));
    for (const part of album(3)) {
      await bot.send(part);
      await bot.send(part);
    }
    expect(bot.said).toEqual(['A photo?', 'A title?']);
  });

  it('is one answer though the process ends between two parts', async () => {
    const bot = openBot(entry);
    await bot.send(message({ text: 'hi' }));
    const [first, second, ...others] = album(5);
    await bot.send(first ?? {});
    await bot.send(second ?? {});
    await bot.restart();
    for (const part of [second ?? {}, ...others]) await bot.send(part);
    expect(bot.said).toEqual(['A photo?', 'A title?']);
    await bot.send(message({ text: 'Summer' }));
    expect(bot.said.at(-1)).toBe('Summer: 1.');
  });

  it('is another than the next one', async () => {
    const bot = openBot(
      createDialogue({
        id: 'counter',
        context: { photos: [] },
        on: { 'message.image': { actions: reply(({ event }) => `got ${event.albumId}`) } },
      }),
    );
    const [one, two] = [album(2), album(2)];
    for (const part of [...one, ...two]) await bot.send(part);
    expect(new Set(bot.said).size).toBe(2);
    expect(bot.said.length).toBe(2);
  });

  it('is there whole for a dialogue that names its parts', async () => {
    const bot = openBot(
      createDialogue({
        id: 'collector',
        context: { photos: [] },
        on: {
          'event.album': {
            actions: assign({
              photos: ({ context, event }) => [...context.photos, event.part?.mediaId],
            }),
          },
          'message.text': { actions: reply(({ context }) => context.photos.join()) },
        },
      }),
    );
    for (const part of album(5)) {
      await bot.send(part);
      await bot.send(part);
    }
    await bot.send(message({ text: 'which?' }));
    expect(bot.said).toEqual(['1,2,3,4,5']);
  });

  it.each<[string, (file: string) => object, string]>([
    ['photos', photo, 'message.image'],
    ['videos', (file) => ({ video: { file_id: file } }), 'message.video'],
    ['documents', (file) => ({ document: { file_id: file } }), 'message.file'],
    ['pieces of music', (file) => ({ audio: { file_id: file } }), 'message.file'],
    ['live photos', (file) => ({ live_photo: {}, ...photo(file) }), 'message.image'],
  ])('may be of %s', async (_what, kind, type) => {
    const [one = {}, two = {}] = album(2, kind);
    const [first, event, ...none] = await inboundOf(one);
    const [second] = await inboundOf(two);
    expect(first).toMatchObject({ message: { type, mediaId: '1', albumId: `a${albums}` } });
    expect(event).toMatchObject({
      message: { type: 'event.album', key: `a${albums}`, part: { type, mediaId: '1' } },
    });
    expect(none).toEqual([]);
    expect(second?.id).toBe(first?.id);
    expect(event?.id).not.toBe(first?.id);
  });

  it('of one person is not that of another, in a conversation each', async () => {
    const of = (from: object): object =>
      message({ ...photo('1'), media_group_id: 'x' }, { from, chat: group });
    const [ann] = await inboundOf(of({ id: 101 }));
    const [bob] = await inboundOf(of({ id: 102 }));
    expect(ann?.openid).not.toBe(bob?.openid);
  });
});
