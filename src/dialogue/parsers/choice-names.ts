import { lazy } from '../../internal/lazy.ts';
import { createFillers, isExplained, type Span } from '../text/explained.ts';
import { commonFillers } from '../text/fillers.ts';
import { loosen, squash } from '../text/loose.ts';
import { fold, normalize } from '../text/normalize.ts';

/** How an option is called, in ever looser forms. */
export interface OptionNames {
  /** Label and synonyms, folded. A value behind a label, which the user does not see, is none of them. */
  readonly exact: readonly string[];
  /** The same as people type them: without accents, hyphens, and signs around them. */
  readonly loose: readonly string[];
  readonly squashed: readonly string[];
}

interface Named {
  readonly names: OptionNames;
}

export function optionNamesOf(wordings: readonly string[]): OptionNames {
  const loose = wordings.flatMap((wording) => {
    const whole = loosen(wording);
    return [whole, normalize(whole), whole.replaceAll('’', ''), squash(wording)];
  });
  return {
    exact: wordings.map(fold),
    loose: [...new Set(loose)].filter((name) => name !== ''),
    squashed: wordings.map(squash).filter((name) => name !== ''),
  };
}

/**
 * Looser forms that are the exact or the typed name of another option are taken away: of C and C++, “c” is C. Where two
 * options have a looser form in common, it stays with both, and who uses it is asked which one is meant.
 */
export function withoutOthersNames<C extends Named>(candidates: readonly C[]): C[] {
  return candidates.map((candidate) => {
    const others = candidates.filter((other) => other !== candidate);
    const taken = new Set(
      others.flatMap(({ names }) => [...names.exact, ...names.exact.map(loosen)]),
    );
    const own = new Set(candidate.names.exact.map(loosen));
    const loose = candidate.names.loose.filter((name) => own.has(name) || !taken.has(name));
    return { ...candidate, names: { ...candidate.names, loose } };
  });
}

export function byExactName<C extends Named>(
  words: string,
  candidates: readonly C[],
): readonly C[] {
  const said = fold(words);
  return candidates.filter(({ names }) => names.exact.includes(said));
}

export function bySquashedName<C extends Named>(
  words: string,
  candidates: readonly C[],
): readonly C[] {
  const longest = Math.max(
    ...candidates.flatMap(({ names }) => names.squashed.map((name) => name.length)),
  );
  // Signs and spaces do not make up most of a name.
  if (words.length > 4 * longest + 20) return [];
  const said = squash(words);
  return candidates.filter(({ names }) => names.squashed.includes(said));
}

/** Names in a sentence that says nothing else, but those inside of a longer one. Names of several count in any sentence. */
export function byMention<C extends Named>(words: string, candidates: readonly C[]): readonly C[] {
  const said = loosen(words);
  const edges = edgesOf(said);
  const found: Mention<C>[] = [];
  for (const candidate of candidates) {
    const places = candidate.names.loose.flatMap((name) => placesOf(name, said, edges));
    found.push(...places.map((place) => ({ ...place, candidate })));
    if (found.length > MOST_MENTIONS) return [];
  }
  const longest = found.filter(
    ({ start, end }) =>
      !found.some(
        (other) =>
          other.start <= start && other.end >= end && other.end - other.start > end - start,
      ),
  );
  const meant = [...new Set(longest.map(({ candidate }) => candidate))];
  if (meant.length === 1 && !isExplained(said, longest, aroundNames())) return [];
  return meant;
}

/** An answer does not name options more often; a text that does is not compared with itself. */
const MOST_MENTIONS = 100;

interface Mention<C> extends Span {
  readonly candidate: C;
}

function placesOf(name: string, said: string, edges: readonly boolean[]): Span[] {
  const places: Span[] = [];
  for (let start = said.indexOf(name); start >= 0; start = said.indexOf(name, start + 1)) {
    const end = start + name.length;
    if (edges[start] !== true || edges[end] !== true) continue;
    places.push({ start, end });
    if (places.length > MOST_MENTIONS) break;
  }
  return places;
}

/** A letter, mark or digit of a script that puts spaces between words. */
const SPACED =
  /^(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{M}\p{N}]/u;

/** For each position in a text, in UTF-16 units, whether a name may begin or end there: it is not inside of a word. */
function edgesOf(text: string): boolean[] {
  const edges: boolean[] = [true];
  let inWord = false;
  for (const character of text) {
    const isSpaced = SPACED.test(character);
    const at = edges.length - 1;
    edges[at] = !(inWord && isSpaced);
    for (let unit = 1; unit < character.length; unit += 1) edges.push(false);
    edges.push(true);
    inWord = isSpaced;
  }
  return edges;
}

const aroundNames = /* @__PURE__ */ lazy(() =>
  createFillers(
    'i, i like, the, a, an, one, the one, that one, this one, option, the option, choice, a member of, i am a, i am an, definitely, gimme, my favourite is, my favorite is, is fine, is good, is great, is perfect, is ok, is okay, would be great, would be good, would be fine, would be nice, would be perfect, would be lovely, sounds good, sounds great, will do, works for me, with, in, in the, at, at the, on, on the, as, as a, ' +
      '我点, 我要点, 我想点, 帮我点, 给我点, 一个, 一份, 一杯, 一张, 一间, 那个, 这个, 那款, 这款, 那种, 这种, 那杯, 这杯, 那份, 这份, 个, 款, 种, 选项, 這個, 那個, 一個, 個, 款式',
    commonFillers(),
  ),
);
