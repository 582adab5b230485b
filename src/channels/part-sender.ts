/** The maximum of replies whose sent parts are remembered; a part of an older reply may be sent twice. */
const MAX_UNFINISHED = 1000;

/** Sends the parts of the reply with this id. */
type SendParts = (id: string, parts: readonly (() => Promise<void>)[]) => Promise<void>;

/**
 * Sends replies that go out in several calls, each part once, also where one of them fails and the reply is tried again.
 * Only this process remembers it, and no platform tells it: a next try by another process, as after a crash, begins with the first part.
 */
export function createPartSender(): SendParts {
  const sent = new Map<string, number>();
  return async (id, parts) => {
    for (let at = sent.get(id) ?? 0; at < parts.length; at += 1) {
      await parts[at]?.();
      sent.delete(id);
      if (at + 1 === parts.length) return;
      sent.set(id, at + 1);
      const [oldest] = sent.keys();
      if (sent.size > MAX_UNFINISHED && oldest !== undefined) sent.delete(oldest);
    }
  };
}
