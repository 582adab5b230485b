/** Of so many replies it is remembered how many parts of them went out; a part of an older one may be said twice. */
const MAX_UNFINISHED = 1000;

/**
 * Sends replies that go out in several calls, each part once, also where one of them fails and the reply is tried again.
 * It is remembered in this process only, as no platform could be asked: where the next try is another process's, as after
 * a crash, it begins with the first part.
 */
export interface PartSender {
  send(id: string, parts: readonly (() => Promise<void>)[]): Promise<void>;
}

export function createPartSender(): PartSender {
  const sent = new Map<string, number>();
  return {
    async send(id, parts) {
      for (let at = sent.get(id) ?? 0; at < parts.length; at += 1) {
        await parts[at]?.();
        sent.delete(id);
        if (at + 1 === parts.length) return;
        sent.set(id, at + 1);
        const [oldest] = sent.keys();
        if (sent.size > MAX_UNFINISHED && oldest !== undefined) sent.delete(oldest);
      }
    },
  };
}
