import { chinese } from './chinese.ts';
import { type Texts, english } from './english.ts';

/** The languages of the page, each under its own name. */
export const LANGUAGES = {
  en: { name: 'English', texts: english },
  'zh-CN': { name: '中文', texts: chinese },
} as const satisfies Record<string, { readonly name: string; readonly texts: Texts }>;

export type Language = keyof typeof LANGUAGES;

/** The first of the wanted languages that the page has. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const [primary = ''] = tag.toLowerCase().split('-');
    if (primary === 'zh') return 'zh-CN';
    if (primary === 'en') return 'en';
  }
  return 'en';
}
