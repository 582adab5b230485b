/** Names that Slack and others send in the place of an emoji (`:+1:`), by the emoji that a parser reads. */
const NAMED: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ Object.entries({
    '👍': '+1 thumbsup thumbs_up',
    '👎': '-1 thumbsdown thumbs_down',
    '✅': 'white_check_mark heavy_check_mark ballot_box_with_check check check_mark check_mark_button',
    '❌': 'x cross_mark heavy_multiplication_x negative_squared_cross_mark',
    '👌': 'ok_hand',
    '🆗': 'ok',
    '💯': '100',
    '🙅': 'no_good ng_woman ng_man woman-gesturing-no man-gesturing-no no_good_woman no_good_man',
    '🙆': 'ok_woman ok_man woman-gesturing-ok man-gesturing-ok',
    '🙏': 'pray folded_hands',
    '👋': 'wave',
    '😊': 'blush',
    '🙂': 'slightly_smiling_face simple_smile slight_smile',
    '😄': 'smile',
    '😀': 'grinning',
    '🎉': 'tada',
    '❤': 'heart',
  }).flatMap(([emoji, names]) => names.split(' ').map((name): [string, string] => [name, emoji])),
);

const NAME = /:([a-z\d_+-]{1,40}):(?::?skin-tone-[1-6]:)?/gu;

/** The text with the emoji in the place of their names, where they are known. */
export function withEmoji(text: string): string {
  return text.includes(':')
    ? text.replace(NAME, (whole, name: string) => NAMED.get(name) ?? whole)
    : text;
}

/** Colours of skin, the variation selector, the joiner, the frame of a keycap, and the signs of a gender behind an emoji. */
export const EMOJI_DETAILS: RegExp = /^[\u{1f3fb}-\u{1f3ff}\ufe0e\ufe0f\u200d\u20e3♂♀]+$/u;
