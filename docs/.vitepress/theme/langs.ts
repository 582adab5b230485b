import { type ComputedRef, computed } from 'vue';
import { useData } from 'vitepress';

interface LanguageLink {
  readonly text: string;
  readonly link: string;
}

/**
 * Stands for the composable of the default theme: the way to the other language leads to the same page there, or where
 * there is none, to the index of the guide. That of the default theme leads to a page that may not be there.
 */
export function useLangs(_options: { readonly correspondingLink?: boolean } = {}): {
  readonly localeLinks: ComputedRef<readonly LanguageLink[]>;
  readonly currentLang: ComputedRef<{ readonly label: string | undefined; readonly link: string }>;
} {
  const { site, localeIndex, page, theme } = useData();
  const folderOf = (key: string): string => (key === 'root' ? '' : `${key}/`);
  const currentLang = computed(() => ({
    label: site.value.locales[localeIndex.value]?.label,
    link: `/${folderOf(localeIndex.value)}`,
  }));
  const localeLinks = computed(() => {
    const both = theme.value.both as readonly string[];
    const own = page.value.relativePath.slice(folderOf(localeIndex.value).length);
    return Object.entries(site.value.locales)
      .filter(([key]) => key !== localeIndex.value)
      .map(([key, { label }]) => {
        const address = `${folderOf(key)}${both.includes(own) ? own : 'guide.md'}`;
        const link = address.replace(/(^|\/)index\.md$/u, '$1').replace(/\.md$/u, '.html');
        return { text: label, link: `/${link}` };
      });
  });
  return { localeLinks, currentLang };
}
