/** Something to be said to the user. */
export type Reply =
  | TextReply
  | ImageReply
  | VoiceReply
  | VideoReply
  | MusicReply
  | NewsReply
  | ChoicesReply
  | HandoffReply
  | RawReply;

/** Who a reply is for. */
interface Addressed {
  /**
   * The `id` of a person's `from`: in a conversation of several people, only this one sees the reply. A channel that has no way
   * to do so does not say it, and reports it. Default: everybody.
   */
  readonly to?: string | undefined;
}

/** What a reply may have that changes on the screen what was said before. */
interface Replacing extends Addressed {
  /**
   * The `messageId` of a button that was pressed: this reply takes the place of the message with that button. Where the
   * channel cannot change it, this is said as any other reply.
   */
  readonly replaces?: string | undefined;
}

/** A text. A channel cuts a long one into several. */
export interface TextReply extends Replacing {
  readonly type: 'text';
  /** The words. */
  readonly text: string;
}
/** A picture: by its address, or by the id under which the platform keeps it. */
export interface ImageReply extends Addressed {
  readonly type: 'image';
  /** Where the picture is. */
  readonly url?: string;
  /** The id under which the platform keeps it. */
  readonly mediaId?: string;
  /** What it shows, for those who do not see it. */
  readonly alt?: string;
}
/** A voice: by its address, or by the id under which the platform keeps it. */
export interface VoiceReply extends Addressed {
  readonly type: 'voice';
  /** Where the recording is. */
  readonly url?: string;
  /** The id under which the platform keeps it. */
  readonly mediaId?: string;
}
/** A video: by its address, or by the id under which the platform keeps it. */
export interface VideoReply extends Addressed {
  readonly type: 'video';
  /** Where the video is. */
  readonly url?: string;
  /** The id under which the platform keeps it. */
  readonly mediaId?: string;
  /** Shown with the video. */
  readonly title?: string;
  /** Shown with the video, below the title. */
  readonly description?: string;
}
/** A piece of music to play. */
export interface MusicReply extends Addressed {
  readonly type: 'music';
  /** Where the music is. */
  readonly url: string;
  /** The same in better quality. */
  readonly highQualityUrl?: string;
  /** Shown with the music. */
  readonly title?: string;
  /** Shown with the music, below the title. */
  readonly description?: string;
  /** The id under which the platform keeps the picture to be shown. */
  readonly thumbnailId?: string;
}
/** Articles to open, 1 to 8 of them: a card each, with title and picture. */
export interface NewsReply extends Addressed {
  readonly type: 'news';
  /** The cards, in the order in which they are shown. */
  readonly articles: readonly Article[];
}
/** A card that leads to a page. */
export interface Article {
  /** The title on the card. */
  readonly title: string;
  /** Where the card leads. */
  readonly url: string;
  /** A few words on the card. */
  readonly description?: string;
  /** Where the picture of the card is. */
  readonly imageUrl?: string;
}
/**
 * A text with answers to choose from, 1 to 20 of different values: buttons where the channel has them, a numbered list
 * elsewhere.
 */
export interface ChoicesReply extends Replacing {
  readonly type: 'choices';
  /** The question. */
  readonly text: string;
  /** What there is to choose from, in the order in which it is shown. */
  readonly options: readonly ChoiceOption[];
  /**
   * Names the question that offers them, for a channel to send with each button and to give back with a press. The
   * runner puts it there; a dialogue does not say it.
   */
  readonly asking?: string;
}
/** One answer to choose. */
export interface ChoiceOption {
  /** What a button sends back. */
  readonly value: string;
  /** What the user sees; the value where it is not given. */
  readonly label?: string;
}
/** Passes the conversation on to a human. */
export interface HandoffReply {
  readonly type: 'handoff';
  /** Which agent, in the platform's terms. Default: any that is free. */
  readonly to?: string;
}
/** What only one channel can say, in its own terms; other channels leave it out and report it as unsent. */
export interface RawReply {
  readonly type: 'raw';
  /** The channel's name, as `wechat`. */
  readonly channel: string;
  /** Plain data. */
  readonly payload: unknown;
}

/** What a dialogue asks of the runner, as XState's `emit` of it. The words `expireIn`, `forget` and `repeat` emit them. */
export type WordEvent =
  | ReplyEvent
  | {
      /** Sets when everything about the user expires. */
      readonly type: 'expireIn';
      /** How long from now; `null` for the store's age. */
      readonly milliseconds: number | null;
    }
  | {
      /** Deletes everything about the user. */
      readonly type: 'forget';
    }
  | {
      /** Has the open question repeated. */
      readonly type: 'repeat';
    };

const WORD_TYPES: ReadonlySet<string> = new Set<WordEvent['type']>([
  'reply',
  'expireIn',
  'forget',
  'repeat',
]);

/** Whether an emitted event is for the runner, and not for the program. */
export function isWordEvent({ type }: { readonly type: string }): boolean {
  return WORD_TYPES.has(type);
}

/** How a dialogue says something: XState's `emit` of this event. `reply` actions emit it for you. */
export interface ReplyEvent {
  readonly type: 'reply';
  /** What to say. */
  readonly reply: string | Reply;
}

/** A question or a text in the place of the message whose button led to it; unchanged where no button did. */
export function inPlaceOf(event: object, said: string | Reply): string | Reply {
  const { messageId } = event as { readonly messageId?: string };
  const reply: Reply = typeof said === 'string' ? { type: 'text', text: said } : said;
  const isWorded = reply.type === 'text' || reply.type === 'choices';
  return messageId !== undefined && isWorded ? { ...reply, replaces: messageId } : said;
}
