/**
 * The words of a text, for the search: runs of letters and numbers, and of Chinese, which has no spaces, each pair of
 * characters. VitePress sends this function to the browser as text, so it uses nothing outside of itself.
 */
export function tokensOf(text: string): string[] {
  const words = text.match(/\p{Script=Han}+|[^\p{Script=Han}\s\p{P}\p{S}]+/gu) ?? [];
  return words.flatMap((word) => {
    if (!/^\p{Script=Han}{3,}$/u.test(word)) return [word];
    const characters = Array.from(word);
    return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
  });
}
