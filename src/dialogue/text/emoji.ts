import { lazy } from '../../internal/lazy.ts';

/** Names that Slack and others send in the place of an emoji (`:+1:`), behind the emoji that a parser reads. */
const NAMES =
  '👍 +1 thumbsup thumbs_up, 👎 -1 thumbsdown thumbs_down, ' +
  '✅ white_check_mark check check_mark check_mark_button, ✔ heavy_check_mark, ☑ ballot_box_with_check, ' +
  '❌ x cross_mark, ✖ heavy_multiplication_x, ❎ negative_squared_cross_mark, ' +
  '👌 ok_hand, 🆗 ok, 💯 100, ' +
  '🙅 no_good ng_woman ng_man no_good_woman no_good_man woman-gesturing-no man-gesturing-no, ' +
  '🙆 ok_woman ok_man ok_person woman-gesturing-ok man-gesturing-ok, ' +
  '🙏 pray folded_hands, 👋 wave, 😊 blush, 🙂 slightly_smiling_face simple_smile, 😄 smile, 😀 grinning, 🎉 tada, ❤ heart';

const named = /* @__PURE__ */ lazy(
  (): ReadonlyMap<string, string> =>
    new Map(
      NAMES.split(', ').flatMap((line) => {
        const [emoji = '', ...names] = line.split(' ');
        return names.map((name): [string, string] => [name, emoji]);
      }),
    ),
);

const NAME = /:([a-z\d_+-]{1,40}):(?::?skin-tone-[1-6]:)?/gu;

/** The text with the emoji in the place of their names, where they are known. */
export function withEmoji(text: string): string {
  if (!text.includes(':')) return text;
  return text.replace(NAME, (whole, name: string) => named().get(name) ?? whole);
}

/** Colours of skin, the variation selector, the joiner, the frame of a keycap, and the signs of a gender behind an emoji. */
export const EMOJI_DETAILS: RegExp =
  /^(?:[\u{1f3fb}-\u{1f3ff}]|[\ufe00-\ufe0f]|\u200d|\u20e3|[♂♀])+$/u;
