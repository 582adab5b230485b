/** To which bot a text is addressed. In a group with several bots, a command names its bot: `/cancel@PizzaBot`. */

const COMMAND = /^(\/\w{1,64})@(\w{1,64})(?!\w)/;
/** What stands between an address and what is said. */
const AFTER = String.raw`(?:[\s,:;.!?，：；。！？、]+|$)`;

/** Whether it takes the bot's own name to read a text. */
export function namesSomebody(text: string): boolean {
  return COMMAND.test(text) || /^@\w/.test(text) || /\s@\w+\s*$/.test(text);
}

/**
 * A text without the name of this bot: behind a command, and before or behind everything else. Other names stay.
 * @param username of this bot; where it is not known, no command that names a bot is taken for ours
 * @returns undefined for a command to another bot
 */
export function unaddressed(text: string, username: string | undefined): string | undefined {
  const [whole, command, name] = COMMAND.exec(text) ?? [];
  if (whole !== undefined) {
    const isOurs = name?.toLowerCase() === username?.toLowerCase();
    return isOurs ? `${command ?? ''}${text.slice(whole.length)}` : undefined;
  }
  if (username === undefined) return text;
  return withoutEnd(text.replace(new RegExp(`^@${username}${AFTER}`, 'i'), ''), `@${username}`);
}

/** By hand: an expression that begins with white space would look for its end once for every space. */
function withoutEnd(text: string, name: string): string {
  const ended = text.trimEnd();
  const said = ended.slice(0, -name.length);
  const isNamed = ended.slice(-name.length).toLowerCase() === name.toLowerCase();
  return isNamed && /\s$/.test(said.slice(-1)) ? said.trimEnd() : text;
}
