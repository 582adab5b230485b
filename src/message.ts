import type { WordsIn } from './internal/closed.ts';

/** Who said something, as the platform knows them. */
export interface Person {
  /** The platform's id of the person; in a group it tells them apart, where the openid may be that of the group. */
  readonly id: string;
  /** Their name, as the platform shows it. */
  readonly name?: string;
}

/** What every message may carry beside its own fields. */
interface Common {
  /** Who said or did it, where the channel knows. */
  readonly from?: Person;
  /** Epoch milliseconds at which it arrived; the runner puts it there. */
  readonly receivedAt?: number;
  /** What the platform sent, as parsed by the channel; for dialogues that need more than the fields here. */
  readonly raw?: unknown;
}

/** What a picture, a video or a file carries that was sent together with others. */
export interface AlbumPart {
  /**
   * The platform's id of the album. An album is one message: its first picture. Each picture of it, the first one too,
   * also arrives as an `event.album` with this id as its `key`.
   */
  readonly albumId?: string;
}

/** One thing that arrived, normalised. The type is one of a closed set; the fields are the same on every channel. */
export type Message =
  | TextMessage
  | ImageMessage
  | VoiceMessage
  | VideoMessage
  | FileMessage
  | LocationMessage
  | LinkMessage
  | ActionMessage
  | UnknownMessage
  | EventMessage;

/** What the user wrote. */
export interface TextMessage extends Common {
  readonly type: 'message.text';
  /** The text as it was written. Of a burst (`gather` of a runner), the texts of its parts, with a line break between two. */
  readonly text: string;
  /** The parts of a burst, in order. Absent from a text that came as one message. */
  readonly parts?: readonly TextPart[];
}
/** One of the messages that a person sent as one burst. */
export interface TextPart {
  /** The platform's id of the message, where it came with one. */
  readonly id?: string;
  /** The text as it was written. */
  readonly text: string;
  /** Epoch milliseconds at which it arrived. */
  readonly at: number;
}
/** A picture that the user sent. */
export interface ImageMessage extends Common, AlbumPart {
  readonly type: 'message.image';
  /** Where the picture is, if the platform says so. The address may hold for a short time only. */
  readonly url?: string;
  /** The id by which the platform gives the picture. */
  readonly mediaId?: string;
}
/** A voice that the user recorded. */
export interface VoiceMessage extends Common {
  readonly type: 'message.voice';
  /** The id by which the platform gives the recording. */
  readonly mediaId?: string;
  /** The format as the platform names it: `amr`, `audio/ogg`. */
  readonly format?: string;
  /** What speech recognition heard, where the platform offers it. */
  readonly transcript?: string;
}
/** A video that the user sent. */
export interface VideoMessage extends Common, AlbumPart {
  readonly type: 'message.video';
  /** The id by which the platform gives the video. */
  readonly mediaId?: string;
  /** The id by which the platform gives a picture of the video. */
  readonly thumbnailId?: string;
}
/** A file that the user sent. */
export interface FileMessage extends Common, AlbumPart {
  readonly type: 'message.file';
  /** The name of the file. */
  readonly name?: string;
  /** The id by which the platform gives the file. */
  readonly mediaId?: string;
  /** In bytes. */
  readonly size?: number;
}
/** A place that the user sent. */
export interface LocationMessage extends Common {
  readonly type: 'message.location';
  /** Degrees, north positive. */
  readonly latitude: number;
  /** Degrees, east positive. */
  readonly longitude: number;
  /** The name or the address of the place, if the user sent one. */
  readonly label?: string;
}
/** A link that the user sent as one, and not in a text. */
export interface LinkMessage extends Common {
  readonly type: 'message.link';
  /** Where it leads. */
  readonly url: string;
  /** The title of the page. */
  readonly title?: string;
  /** A few words about the page. */
  readonly description?: string;
}
/** A button or menu entry that the user chose. */
export interface ActionMessage extends Common {
  readonly type: 'message.action';
  /** What the button or entry sends: the `value` of the option. */
  readonly value: string;
  /** The words on the button, if the platform sends them back. */
  readonly label?: string;
  /**
   * The `asking` of the reply that offered it, as the channel sent it with the button. Empty where the channel knows
   * that it is a button of a question, and not of which (a message from before buttons carried it). Absent for what no
   * question offered: an entry of a menu.
   */
  readonly asking?: string;
  /**
   * Names the message that the button stands under, where the channel can change it: a reply that has it as its `replaces`
   * takes the place of that message.
   */
  readonly messageId?: string;
}
/** A message of a kind that the channel does not know. */
export interface UnknownMessage extends Common {
  readonly type: 'message.unknown';
  /** Of a sticker, the emoji that it stands for. `confirm` and `choice` read it; it is no text. */
  readonly emoji?: string;
}

const EVENT_NAMES =
  'follow unfollow scan enter join leave request album reaction pin poll payment delivery location menu view unknown';

/**
 * Something that happened other than a message: a user followed, left, scanned a code, put a reaction to a message.
 * docs/channel-events.md lists what each channel makes of the events of its platform.
 */
export interface EventMessage extends Common {
  /** What happened. */
  readonly type: `event.${WordsIn<typeof EVENT_NAMES>}`;
  /**
   * What distinguishes it, where the platform says so: a scene, a menu key; of an `event.unknown`, the platform's name for it.
   */
  readonly key?: string;
  /** Of an `event.album`: the picture, the video or the file, as its own message would be. */
  readonly part?: ImageMessage | VideoMessage | FileMessage;
  /**
   * Whether a person spoke to the bot by it. Default: true of `follow`, `scan`, `menu` and `enter`, false of all others.
   * An event that is not spoken reaches only a dialogue that names it.
   */
  readonly spoken?: boolean;
}

/** An event that a dialogue declares, with its own fields. It reaches only a state that names it, unless it is `spoken`. */
export type OwnEvent<Name extends string = string, Payload extends object = {}> = Readonly<
  Payload &
    Pick<EventMessage, 'from' | 'receivedAt' | 'raw' | 'key' | 'spoken'> & {
      /** The name of the event, after `event.`. */
      type: `event.${Name}`;
    }
>;

/** The events by which a person speaks to the bot, unless the message says otherwise. */
const SPOKEN_EVENTS: ReadonlySet<string> = new Set([
  'event.follow',
  'event.scan',
  'event.menu',
  'event.enter',
]);

/** Whether a person spoke to the bot: every message, and of the events and intents those that say so. */
export function isSpoken({ type, spoken }: { type: string; spoken?: unknown }): boolean {
  if (type.startsWith('intent.')) return spoken !== false;
  if (!type.startsWith('event.')) return true;
  return typeof spoken === 'boolean' ? spoken : SPOKEN_EVENTS.has(type);
}

/**
 * What a message was understood to want, as a recognizer of the dialogue says. It stands in for the message where the
 * current state takes the intent.
 */
export interface IntentMessage<
  Name extends string = string,
  Values = Readonly<Record<string, unknown>>,
> extends Common {
  /** The name of the intent, after `intent.`. */
  readonly type: `intent.${Name}`;
  /** The words of the message; empty where it had none. */
  readonly text: string;
  /** How sure the recognizer is, over 0 and up to 1. */
  readonly score: number;
  /** What the recognizer found in it: named groups of a pattern, entities of a model. */
  readonly values: Values;
  /** The message itself. */
  readonly message: Message;
}

/** The types that every runner takes. A dialogue adds to them the `event.…` and `intent.…` types that it declares or names. */
export const MESSAGE_TYPES: ReadonlySet<string> = new Set([
  ...['text', 'image', 'voice', 'video', 'file', 'location', 'link', 'action', 'unknown'].map(
    (kind) => `message.${kind}`,
  ),
  ...EVENT_NAMES.split(' ').map((name) => `event.${name}`),
]);

/** The words of a message: its text, what was heard in a voice, the value of a button; undefined where it has none. */
export function textOf(message: { readonly type: string }): string | undefined {
  const { type } = message;
  if (type === 'message.text' || type.startsWith('intent.')) return (message as TextMessage).text;
  if (type === 'message.voice') return (message as VoiceMessage).transcript;
  if (type === 'message.action') return (message as ActionMessage).value;
  return undefined;
}

/** The emoji that a sticker stands for; undefined for any other message. */
export function emojiOf(message: { readonly type: string }): string | undefined {
  if (message.type !== 'message.unknown') return undefined;
  const emoji: unknown = (message as UnknownMessage).emoji;
  return typeof emoji === 'string' ? emoji : undefined;
}
