/**
 * Remembers which group a supergroup was before. Telegram tells it once, when the group is upgraded. A `Map` is one;
 * another one may keep it in a database, for all processes and after a restart.
 */
export interface MovedChats {
  /** The number of the group that became this supergroup. */
  get(supergroup: string): string | undefined | Promise<string | undefined>;
  /** What comes before its end is acknowledged only after it. A rejection has Telegram deliver the update again. */
  set(supergroup: string, group: string): unknown;
}

/** The maximum of groups that a process remembers; the oldest leave first. */
const MAX_CHATS = 10_000;

export function rememberMoved(): MovedChats {
  const groups = new Map<string, string>();
  return {
    get: (supergroup) => groups.get(supergroup),
    set(supergroup, group) {
      groups.set(supergroup, group);
      const [oldest] = groups.keys();
      if (groups.size > MAX_CHATS && oldest !== undefined) groups.delete(oldest);
    },
  };
}
