import { UsageError } from '../../errors.ts';
import type { CommandCall } from '../command.ts';
import { problemOfPlace } from './place.ts';
import {
  type Bilingual,
  DEFAULTS,
  LANGS,
  type Lang,
  type NewProject,
  STORES,
  TEMPLATES,
  inLanguage,
} from './project.ts';
import { askAt } from './questions.ts';

/** What a project is to be, and the folder that it is to be made in. */
export interface Wishes extends Pick<NewProject, 'template' | 'store' | 'lang'> {
  readonly place: string;
}

type Given = { readonly [Key in keyof Wishes]: Wishes[Key] | undefined };

/**
 * What was asked for on the command line. A person at a terminal is asked for the rest, and otherwise it is the default.
 * @throws UsageError for all that is wrong with the command line, before anything is asked
 */
export async function wishesOf(call: CommandCall): Promise<Wishes> {
  const problems: UsageError[] = [];
  const [place] = call.names;
  if (place !== undefined) {
    const problem = await problemOfPlace(call.host, place);
    if (problem !== undefined) problems.push(problem);
  }
  const read = <Name extends string>(
    option: string,
    options: Readonly<Record<Name, Bilingual>>,
  ): Name | undefined => {
    const named = call.text(option);
    if (named === undefined || Object.hasOwn(options, named)) return named as Name | undefined;
    problems.push(new UsageError('bad_arguments', notListed('en', option, named, options)));
    return undefined;
  };
  const given = {
    place,
    template: read('template', TEMPLATES),
    store: read('store', STORES),
    lang: read('lang', LANGS),
  };
  const isComplete = Object.values(given).every((wish) => wish !== undefined);
  const isAsking = !isComplete && isAtTerminal(call) && !call.flag('yes') && !call.json;
  if (place === undefined && !isAsking) {
    problems.push(new UsageError('bad_arguments', 'Name the project: `colloquy new my-bot`.'));
  }
  const [first] = problems;
  if (first !== undefined) {
    const text = problems.map(({ message }) => message).join(' ');
    throw new UsageError(first.code, text, { cause: first.cause });
  }
  return isAsking ? askFor(call, given) : withDefaults(given);
}

function isAtTerminal({ host: { stdin, stdout } }: CommandCall): boolean {
  return stdin.isTTY === true && stdout.isTTY === true;
}

function withDefaults({ place = '', template, store, lang }: Given): Wishes {
  return {
    place,
    template: template ?? DEFAULTS.template,
    store: store ?? DEFAULTS.store,
    lang: lang ?? DEFAULTS.lang,
  };
}

/** Asks for what was not given, in the language of the project. */
async function askFor({ host }: CommandCall, given: Given): Promise<Wishes> {
  const questions = askAt(host);
  try {
    const lang = given.lang ?? (await askLanguage(host.env ?? {}, questions));
    const say = inLanguage(lang);
    const place =
      given.place ??
      (await questions.text({
        question: say('What is its name?', '项目叫什么名字？'),
        problemOf: async (answer) => (await problemOfPlace(host, answer, lang))?.message,
      }));
    const choose = <Name extends string>(
      option: string,
      question: string,
      options: Readonly<Record<Name, Bilingual>>,
      suggested: Name,
    ): Promise<Name> =>
      questions.choose({
        question,
        options: textsIn(lang, options),
        suggested,
        wrong: (answer) => notListed(lang, option, answer, options),
      });
    const template =
      given.template ??
      (await choose(
        'template',
        say('Where do people talk with it?', '用户在哪里和它聊？'),
        TEMPLATES,
        DEFAULTS.template,
      ));
    const store =
      given.store ??
      (await choose(
        'store',
        say('Where are conversations kept?', '对话存在哪里？'),
        STORES,
        DEFAULTS.store,
      ));
    return { place, template, store, lang };
  } finally {
    questions.close();
  }
}

/** In both languages, since it is not known yet. What the terminal is set to is suggested, and not taken. */
function askLanguage(
  { LC_ALL, LANG }: Readonly<Record<string, string | undefined>>,
  questions: ReturnType<typeof askAt>,
): Promise<Lang> {
  return questions.choose({
    question: 'Which language does it speak? / 它说什么语言？',
    options: textsIn('en', LANGS),
    suggested: /^zh/iu.test(LC_ALL || LANG || '') ? 'zh' : DEFAULTS.lang,
    wrong: (answer) =>
      `${notListed('en', 'lang', answer, LANGS)} / ${notListed('zh', 'lang', answer, LANGS)}`,
  });
}

function textsIn<Name extends string>(
  lang: Lang,
  options: Readonly<Record<Name, Bilingual>>,
): Readonly<Record<Name, string>> {
  const texts = Object.entries<Bilingual>(options).map(([name, text]) => [name, text[lang]]);
  return Object.fromEntries(texts) as Record<Name, string>;
}

const NOUNS: Readonly<Record<string, Bilingual>> = {
  template: { en: 'template', zh: '模板' },
  store: { en: 'store', zh: '存储方式' },
  lang: { en: 'language', zh: '语言' },
};

/** That a name is none of those that there are, and which ones there are. */
function notListed(lang: Lang, option: string, named: string, options: object): string {
  const noun = NOUNS[option]?.[lang] ?? option;
  const names = Object.keys(options);
  return inLanguage(lang)(
    `There is no ${noun} '${named}'; there are ${names.join(', ')}.`,
    `没有叫 '${named}' 的${noun}；有 ${names.join('、')}。`,
  );
}
