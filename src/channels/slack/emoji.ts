import { fieldsOf, listOf, nameOf } from '../../internal/fields.ts';

/**
 * Slack sends emoji by their short names, `:+1::skin-tone-3:`. Beside the text most messages have blocks, which tell the
 * characters of every emoji in them but those that a workspace made itself; commands have none. These are the ones that
 * people answer with.
 */
const NAMES =
  '👍 +1 thumbsup, 👎 -1 thumbsdown, 👌 ok_hand, 🆗 ok, ✅ white_check_mark, ' +
  '✔️ heavy_check_mark, ☑️ ballot_box_with_check, 💯 100, 🙆 ok_woman ok_person, ❌ x, ' +
  '✖️ heavy_multiplication_x, ❎ negative_squared_cross_mark, 🙅 no_good, 🚫 no_entry_sign, ' +
  '⛔ no_entry, 🛑 octagonal_sign, 🙏 pray, 🙌 raised_hands, 👏 clap, 🤝 handshake, 💪 muscle, ' +
  '❤️ heart, 👋 wave, ✋ hand raised_hand, 🙂 slightly_smiling_face, 😊 blush, 😀 grinning, ' +
  '😃 smiley, 😄 smile, 😉 wink, 🎉 tada, 🤔 thinking_face, 🤷 shrug, ❓ question, ' +
  '❔ grey_question, 0️⃣ zero, 1️⃣ one, 2️⃣ two, 3️⃣ three, 4️⃣ four, 5️⃣ five, 6️⃣ six, ' +
  '7️⃣ seven, 8️⃣ eight, 9️⃣ nine, 🔟 keycap_ten';

const KNOWN: ReadonlyMap<string, string> = new Map(
  NAMES.split(', ').flatMap((line) => {
    const [character = '', ...names] = line.split(' ');
    return names.map((name) => [name, character] as const);
  }),
);

/** A short name, with the tone of a skin behind it; not between digits, where it is part of a time or a ratio. */
const SHORT_NAME = /(?<!\d):([\w+'-]{1,80}):(?::skin-tone-([2-6]):)?(?!\d)/g;

/** With the short names that are known as the characters that they stand for; all others stay as they are. */
export function replaceShortNames(text: string, told: ReadonlyMap<string, string>): string {
  return text.replace(SHORT_NAME, (whole, name: string, tone?: string) => {
    const character = told.get(name) ?? KNOWN.get(name);
    if (character === undefined) return whole;
    // The tones are five characters in a row, U+1F3FB to U+1F3FF.
    return tone === undefined
      ? character
      : character + String.fromCodePoint(0x1f3f9 + Number(tone));
  });
}

const MAX_DEPTH = 8;
const MAX_ELEMENTS = 1000;

/** The emoji that the blocks of a message tell, by their short names. */
export function emojiIn(blocks: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let left = MAX_ELEMENTS;
  const look = (elements: unknown, depth: number): void => {
    for (const each of listOf(elements)) {
      if (depth > MAX_DEPTH || (left -= 1) < 0) return;
      const { type, name, unicode, elements: inner } = fieldsOf(each);
      const character = type === 'emoji' ? characterOf(unicode) : undefined;
      const shortName = nameOf(name);
      if (character !== undefined && shortName !== undefined) found.set(shortName, character);
      look(inner, depth + 1);
    }
  };
  look(blocks, 0);
  return found;
}

/** `1f44d`, and `0031-fe0f-20e3` where it takes several characters. The tone of a skin is left to the text. */
function characterOf(unicode: unknown): string | undefined {
  const codes = nameOf(unicode)?.split('-') ?? [];
  if (codes.length === 0 || codes.length > 12) return undefined;
  if (!codes.every((code) => /^(?:10|[\da-f]?)[\da-f]{1,4}$/i.test(code))) return undefined;
  const points = codes.map((code) => Number.parseInt(code, 16));
  return String.fromCodePoint(...points.filter((point) => point < 0x1f3fb || point > 0x1f3ff));
}
