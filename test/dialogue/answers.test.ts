import { type WordsOptions, setupDialogue, text } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Data {
  locale?: string;
  name?: string;
}

const WORDS: WordsOptions<Data> = {
  prompts: {
    fr: { 'answer.yes': 'Oui', 'answer.no': 'Non' },
    es: { 'answer.yes': 'Sí', 'answer.no': 'No' },
    de: { 'answer.yes': 'Ja', 'answer.no': 'Nein' },
    el: { 'answer.yes': 'Ναί', 'answer.no': 'Όχι' },
    ru: { 'answer.yes': 'Да', 'answer.no': 'Нет' },
    tr: { 'answer.yes': 'Evet', 'answer.no': 'Hayır' },
    ja: { 'answer.yes': 'はい', 'answer.no': 'いいえ' },
    ar: { 'answer.yes': 'نعم', 'answer.no': 'لا' },
    pt: { 'answer.yes': 'Sim', 'answer.no': 'Não' },
    sv: { 'answer.yes': 'Absolut inte dumt', 'answer.no': 'Helst inte' },
  },
  answers: {
    fr: { yes: ['ouais', 'd’accord', 'bien sûr'], no: ['pas du tout', 'jamais de la vie'] },
    'de-AT': { yes: ['passt'] },
  },
};

function asking(locale: string) {
  const words = setupDialogue({ types: {} as { context: Data }, words: { ...WORDS, locale } });
  const dialogue = words.createDialogue({
    id: 'asking',
    context: {},
    initial: 'sure',
    states: {
      sure: words.confirm({ question: 'Delete it?', yes: 'deleted', no: 'kept' }),
      deleted: words.done('Deleted.'),
      kept: words.done('Kept.'),
    },
  });
  return converse(dialogue);
}

function filling(locale: string) {
  const words = setupDialogue({ types: {} as { context: Data }, words: WORDS });
  const dialogue = words.createDialogue({
    id: 'filling',
    context: { locale },
    initial: 'form',
    states: {
      form: words.form({ slots: { name: { question: '?', parse: text() } }, target: 'end' }),
      end: words.done('Filled.'),
    },
  });
  return converse(dialogue);
}

const YES: readonly (readonly [locale: string, said: string])[] = [
  ['fr', 'oui'],
  ['fr', 'OUI !'],
  ['fr-CA', 'Oui.'],
  ['fr', 'Oui oui'],
  ['fr', "d'accord"],
  ['fr', 'D’ACCORD'],
  ['fr', 'bien sur'],
  ['fr', 'ouais'],
  ['es', 'sí'],
  ['es', 'Si'],
  ['es-MX', 'SÍ'],
  ['de', 'ja'],
  ['de', 'passt'],
  ['el', 'ναι'],
  ['el', 'ΝΑΊ'],
  ['ru', 'да'],
  ['tr', 'evet'],
  ['ja', 'はい'],
  ['ar', 'نعم'],
  ['pt', 'sim'],
  ['sv', 'absolut inte dumt'],
  ['fr', 'yes'],
  ['fr', '好的'],
];

const NO: readonly (readonly [locale: string, said: string])[] = [
  ['fr', 'non'],
  ['fr', 'NON'],
  ['fr', 'Non !'],
  ['fr', 'pas du tout'],
  ['es', 'no'],
  ['de', 'nein'],
  ['el', 'όχι'],
  ['el', 'οχι'],
  ['ru', 'Нет'],
  ['ja', 'いいえ'],
  ['ar', 'لا'],
  ['pt', 'não'],
  ['pt', 'nao'],
  ['sv', 'helst inte'],
  ['fr', 'no'],
  ['fr', '不用了'],
];

describe('what the bot offers for yes and no', () => {
  async function answer(locale: string, said: string): Promise<readonly string[]> {
    const chat = asking(locale);
    await chat.say('hi');
    return chat.say(said);
  }

  it.each(YES)('is a yes in %s: %s', async (locale, said) => {
    expect(await answer(locale, said)).toEqual(['Deleted.']);
  });

  it.each(NO)('is a no in %s: %s', async (locale, said) => {
    expect(await answer(locale, said)).toEqual(['Kept.']);
  });

  it.each([
    ['fr', 'oui ou non'],
    ['fr', 'peut-être'],
    ['fr', 'oui mais demain'],
    ['fr', 'ouistiti'],
    ['fr', 'ja'],
    ['de', 'oui'],
    ['en', 'oui'],
    ['es', 'sí o no'],
    ['ja', 'はい、いいえ'],
  ])('is asked again where it is neither, in %s: %s', async (locale, said) => {
    expect((await answer(locale, said))[0]).toContain('Please answer yes or no.');
  });
});

describe('the summary of a form', () => {
  it.each([
    ['fr', 'oui'],
    ['fr-CA', 'd’accord'],
    ['de', 'JA'],
    ['es', 'si'],
  ])('is confirmed in the language that it offers, %s: %s', async (locale, said) => {
    const chat = filling(locale);
    await chat.say('hi');
    await chat.say('Ann');
    expect(await chat.say(said)).toEqual(['Filled.']);
  });

  it.each([
    ['fr', 'non'],
    ['de', 'Nein!'],
  ])('is denied in it, too, %s: %s', async (locale, said) => {
    const chat = filling(locale);
    await chat.say('hi');
    await chat.say('Ann');
    expect((await chat.say(said))[0]).toContain('What should be changed?');
  });
});
