import type { Clock } from '../../clock.ts';
import { ColloquyError } from '../../errors.ts';
import { withDeadline } from '../../internal/async.ts';
import type { Message } from '../../message.ts';
import type { Reply } from '../../reply.ts';
import type { TurnTaker } from '../turn-taker.ts';
import type { DraftDisplays } from '../drafts.ts';
import type { Report } from '../report.ts';
import { type HandledTurn, isRefused } from '../response.ts';
import type { ChatAnswer, SentReply } from './protocol.ts';
import { asideTo } from '../asides.ts';
import { isSayable, unsayableHere } from './sayable.ts';
import type { UserLines } from './user-lines.ts';
import type { Visitor } from './visitors.ts';

/** How long a message waits for pages to acknowledge what was said before it. */
const LONGEST_WAIT_MS = 2000;
/** How long a client waits for an answer that has no stream of events: less than the minute after which proxies give up. */
const ALONE_MS = 50_000;

export interface MessageTurn {
  readonly from: Pick<Visitor, 'openid' | 'id' | 'name' | 'user' | 'isInRoom'>;
  /** That of the page or client; it is the same when the message is sent again. */
  readonly id: string;
  /** What it counts by. Ids of two kinds of clients never equal one another. */
  readonly countsAs: string;
  readonly message: Message;
  readonly receivedAt: number;
  /** Replies that the person has. */
  readonly shown?: readonly string[];
  /** Whether everything has to be in the answer, as the client hears of nothing else. */
  readonly isAlone: boolean;
}

interface TurnsOptions {
  readonly runner: TurnTaker;
  readonly lines: UserLines;
  readonly drafts: DraftDisplays;
  readonly clock: Clock;
  readonly report: Report;
  readonly answerMs: number | undefined;
}

/** Takes what persons say through its turn, and makes the answer. */
export class Turns {
  readonly #options: TurnsOptions;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /**
   * The answer to a message; undefined if nothing was stored, and it has to be sent again.
   * @throws MessageError if it is none
   */
  async take(said: MessageTurn): Promise<ChatAnswer | undefined> {
    const { id, isAlone } = said;
    const { openid } = said.from;
    const { lines } = this.#options;
    await this.#settle(said);
    const hasStream = lines.has(openid) && !isAlone;
    const turn = await this.#handle(said, hasStream);
    if (turn === undefined || isRefused(turn)) return undefined;
    const answer: ChatAnswer = {
      type: 'answer',
      id,
      outcome: turn.outcome,
      pushed: lines.of(openid)?.unacknowledged(said.from.id) ?? [],
      replies: this.#sent(said, turn.replies),
    };
    // At once, so that no reply of a later turn is before it in the stream.
    if (said.from.isInRoom) this.#tellRoom(said, answer, turn.replies);
    else lines.send(openid, answer);
    if (answer.replies.length > 0) this.#options.drafts.said(openid);
    return answer;
  }

  /** Each person of a room hears the answer, but for what is for another one alone; only the one who asked hears how it ended. */
  #tellRoom(said: MessageTurn, answer: ChatAnswer, replies: readonly Reply[]): void {
    const { openid, id: own, user } = said.from;
    const id = inRoom(user, said.id);
    const sent = replies.map((reply, index) => ({ id: `${id}/${index}`, reply }));
    const eventFor = (person: string): ChatAnswer => {
      if (person === own) return answer;
      const theirs = sent.filter(({ reply }) => isSayable(reply, person));
      return { type: 'answer', id, outcome: 'replied', pushed: [], replies: theirs };
    };
    this.#options.lines.tell(openid, `answer ${id}`, eventFor, replies);
  }

  /**
   * Delivers what was said before, so that it stands before the answer. Without a page that could take it, the answer
   * holds it.
   */
  async #settle({ from, shown = [] }: MessageTurn): Promise<void> {
    const { lines, clock } = this.#options;
    if (shown.length === 0 && !lines.has(from.openid)) return;
    const at = clock.now() + LONGEST_WAIT_MS;
    await withDeadline(lines.catchUp(from, shown), { clock, at, onPass: () => {} });
  }

  async #handle(said: MessageTurn, hasStream: boolean): Promise<HandledTurn | undefined> {
    const { from, countsAs, message, receivedAt, isAlone } = said;
    const { runner, report, answerMs } = this.#options;
    const deadlineMs = answerMs ?? (isAlone ? ALONE_MS : undefined);
    try {
      // Where a stream brings the rest, the first words need not wait for services.
      const { id, name } = from;
      const sent = { ...message, from: { id, ...(name !== undefined && { name }) } };
      return await runner.handle(from.openid, sent, {
        id: countsAs,
        receivedAt,
        follows: !hasStream,
        // The page sends its next message when this one is answered.
        awaitBurst: !hasStream,
        ...(deadlineMs !== undefined && { deadlineMs }),
      });
    } catch (error) {
      if (ColloquyError.is(error) && error.name === 'MessageError') throw error;
      report(error);
      return undefined;
    }
  }

  #sent({ from, id }: MessageTurn, replies: readonly Reply[]): readonly SentReply[] {
    return replies.flatMap((reply, index) => {
      if (isSayable(reply, from.id)) return { id: `${id}/${index}`, reply };
      if (from.isInRoom && asideTo(reply, '', '') !== undefined) return [];
      this.#options.report(unsayableHere(from.openid));
      return [];
    });
  }
}

/** The id of a message for the others in a room: two persons may give the same one. No page makes an id with a dot. */
export function inRoom(user: string, id: string): string {
  return `${user}.${id}`;
}
