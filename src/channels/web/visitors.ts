import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { UsageError } from '../../errors.ts';
import type { MaybePromise } from '../../internal/maybe.ts';
import { fieldsOf } from '../../internal/fields.ts';
import { checkOpenid } from '../../openid.ts';
import type { Origins } from './origins.ts';
import type { Sessions } from './session.ts';

/** Who sends a request. */
export interface Visitor {
  readonly openid: string;
  /** The person, as messages say whom they are from. */
  readonly id: string;
  /** Whether others are in the conversation, too. */
  readonly isInRoom: boolean;
  /** What others call them, where the program knows it. */
  readonly name?: string | undefined;
  /** What a page tells persons apart by. It gives nothing of the openid away, which is the person's key here. */
  readonly user: string;
  /** Whether the session begins with this request. */
  readonly isNew: boolean;
}

/** A person, as the program's own login knows them. */
export interface WebUser {
  /** Names the person: the openid is `web:<id>`, and messages are from this id. */
  readonly id: string;
  /** What others call them: the `name` in `from` of their messages. */
  readonly name?: string | undefined;
  /** The room in which they are now: all persons in it have one conversation, whose openid is `web:#<room>`. */
  readonly room?: string | undefined;
}

/** What the openid of a room begins with behind the prefix, and no id of a person. */
const ROOM = '#';

/** Whether an openid without its prefix is that of a room. */
export function isRoom(user: string): boolean {
  return user.startsWith(ROOM);
}

/** Says who sends a request, as the program's own login knows it; undefined for a stranger. */
export type GetUser = (request: Request) => MaybePromise<string | WebUser | undefined>;

interface VisitorsOptions {
  readonly prefix: string;
  readonly origins: Origins;
  readonly clock: Clock;
  /** One of the two says who it is. */
  readonly getUser?: GetUser | undefined;
  readonly sessions?: Sessions | undefined;
  /** Whether cookies are for https alone. Default: if the browser came by https. */
  readonly secure?: boolean | undefined;
}

/** A request whose parts are read once. */
export interface SeenRequest {
  readonly request: Request;
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
}

/** Finds out who sends a request: by the session's cookie, or as the program says. */
export class Visitors {
  readonly #options: VisitorsOptions;

  constructor(options: VisitorsOptions) {
    this.#options = options;
  }

  /** Whether persons without a session get one. */
  get areAnonymous(): boolean {
    return this.#options.sessions !== undefined;
  }

  /**
   * @returns undefined for a stranger
   * @throws what `getUser` throws; UsageError `bad_option`; MessageError `bad_openid`
   */
  async find({
    request,
    headers,
  }: Pick<SeenRequest, 'request' | 'headers'>): Promise<Visitor | undefined> {
    const { getUser, sessions, clock } = this.#options;
    if (getUser !== undefined) {
      const user = userIn(await getUser(request));
      return user && this.#visitorOf(user, false);
    }
    const id = sessions?.find({ headers }, clock.now());
    return id === undefined ? undefined : this.#visitorOf({ id }, false);
  }

  /** A new person. */
  create(): Visitor {
    return this.#visitorOf({ id: this.#options.sessions?.create() ?? '' }, true);
  }

  /** The cookie by which the person is known from now on; undefined where the program knows them. */
  cookieOf({ id }: Visitor, seen: SeenRequest): string | undefined {
    const { sessions, origins, clock, secure = origins.isSecure(seen) } = this.#options;
    return sessions?.cookieOf(id, clock.now(), secure);
  }

  #visitorOf({ id, name, room }: WebUser, isNew: boolean): Visitor {
    const isInRoom = room !== undefined;
    const openid = this.#options.prefix + (isInRoom ? ROOM + room : id);
    checkOpenid(openid);
    const key = isInRoom ? JSON.stringify([openid, id]) : openid;
    const user = createHash('sha256').update(key).digest('base64url').slice(0, 22);
    return { openid, id, name, isInRoom, user, isNew };
  }
}

/**
 * A program without types may give anything. All visitors for whom it gives `null` or an empty text would be one person, and see
 * what the others said.
 */
function userIn(given: unknown): WebUser | undefined {
  if (given === undefined || given === null || given === false || given === '') return undefined;
  const { id, name, room } = typeof given === 'string' ? { id: given } : fieldsOf(given);
  const areTexts = [name, room].every((each) => each === undefined || typeof each === 'string');
  if (typeof id === 'string' && !['', ROOM].includes(id.slice(0, 1)) && areTexts && room !== '') {
    return { id, name, room } as WebUser;
  }
  throw new UsageError(
    'bad_option',
    `\`getUser\` of createWebChat() gives a text, \`{ id, name?, room? }\` of texts, or undefined for a stranger. No id begins with '#', as those of rooms do. It gave a value of type ${typeof given}.`,
  );
}
