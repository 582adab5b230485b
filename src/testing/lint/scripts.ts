import { isOwnPrompt } from '../probes.ts';
import { initialContextOf, repliesOf } from './content.ts';
import { type FamilyMember, stateInWords } from './family.ts';
import type { LintRules, ReportFinding } from './rule.ts';

/** Scripts by the languages that are written in them; of the others, it is not known. */
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  zh: /\p{Script=Han}/gu,
  ja: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu,
  ko: /[\p{Script=Hangul}\p{Script=Han}]/gu,
  ru: /\p{Script=Cyrillic}/gu,
  uk: /\p{Script=Cyrillic}/gu,
  el: /\p{Script=Greek}/gu,
  ar: /\p{Script=Arabic}/gu,
  he: /\p{Script=Hebrew}/gu,
  th: /\p{Script=Thai}/gu,
  ...Object.fromEntries(
    ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl'].map((tag) => [tag, /\p{Script=Latin}/gu]),
  ),
};

/** The Latin letters that make a text one of a language: names and short words, as Wi-Fi, are said in any. */
const MIN_LETTERS = 8;

/** Texts that are said in a locale, and are written as no text of its language is. */
export function foreignTexts(
  member: FamilyMember,
  report: ReportFinding,
  { locales = [] }: LintRules['foreign-text'],
): void {
  const { words } = member.dialogue;
  const context = initialContextOf(member) ?? {};
  const own = typeof words?.locale === 'string' ? [words.locale] : [];
  const all = [...Object.keys(words?.prompts ?? {}), ...own, ...locales];
  for (const locale of new Set(all)) {
    const script = SCRIPTS[locale.split('-')[0] ?? ''];
    if (script === undefined) continue;
    for (const [key, text] of Object.entries(words?.prompts?.[locale] ?? {})) {
      if (typeof text !== 'string' || !isForeign(text, script)) continue;
      report(member.dialogue.root, {
        message: `The prompt '${key}' of '${locale}' is written in another script.`,
        remedy: `Translate it, or put it under the locale that it is in.`,
      });
    }
    const said = member.states.map((state) => ({
      state,
      texts: repliesOf(state, { ...context, locale }).flatMap((reply) =>
        'text' in reply && !isOwnPrompt(reply.text) ? [reply.text] : [],
      ),
    }));
    // A dialogue that says nothing in a language does not speak it.
    if (!said.some(({ texts }) => texts.some((text) => text.search(script) >= 0))) continue;
    for (const { state, texts } of said) {
      if (!texts.some((text) => isForeign(text, script))) continue;
      report(state, {
        message: `The ${stateInWords(state)} says a text in '${locale}' that is written in another script.`,
        remedy: `Translate it, or put it under the locale that it is in.`,
      });
    }
  }
}

/** Addresses are the same in every language. */
const ADDRESS = /\p{L}+:\/\/\S+|[^\s@]+@[^\s@]+\.[^\s@]+/gu;

/** Whether the letters are of another script, but for a few. */
function isForeign(said: string, script: RegExp): boolean {
  const text = said.replace(ADDRESS, '');
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const own = text.match(script)?.length ?? 0;
  const least = /\p{Script=Latin}/u.test(text) ? MIN_LETTERS : 2;
  return letters >= least && own === 0;
}
