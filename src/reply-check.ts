import { nearest } from './internal/closed.ts';
import { StepError } from './errors.ts';
import {
  type Shape,
  where,
  list,
  fields,
  name,
  optional,
  string,
  constant,
  plain,
  ShapeError,
} from './internal/shape.ts';
import type {
  ChoiceOption,
  Reply,
  TextReply,
  ImageReply,
  VoiceReply,
  VideoReply,
  MusicReply,
  NewsReply,
  Article,
  ChoicesReply,
  HandoffReply,
  RawReply,
} from './reply.ts';

const MAX_ARTICLES = 8;

/** Most platforms show 10 to 25 buttons, and no user reads a longer list. */
export const MAX_OPTIONS = 20;
const OPTIONS: Shape<readonly ChoiceOption[]> = where(
  list(fields<ChoiceOption>({ value: name, label: optional(string) }), MAX_OPTIONS),
  (options) => new Set(options.map(({ value }) => value)).size === options.length,
  'options of different values',
);

/** Lists that `constantOptions` has checked. */
const checkedOptions = /* @__PURE__ */ new WeakSet<object>();

/**
 * A frozen copy of options that are the same every time. They are checked now, and not with each reply that has them.
 * @throws ShapeError
 */
export function constantOptions(options: readonly ChoiceOption[]): readonly ChoiceOption[] {
  const copy = OPTIONS(options);
  checkedOptions.add(copy);
  return copy;
}

const SHAPES: {
  readonly [Type in Reply['type']]: Shape<Extract<Reply, { type: Type }>>;
} = {
  text: fields<TextReply>({
    type: constant('text'),
    text: string,
    replaces: optional(name),
    to: optional(name),
  }),
  image: medium(
    fields<ImageReply>({
      type: constant('image'),
      url: optional(name),
      mediaId: optional(name),
      alt: optional(string),
      to: optional(name),
    }),
  ),
  voice: medium(
    fields<VoiceReply>({
      type: constant('voice'),
      url: optional(name),
      mediaId: optional(name),
      to: optional(name),
    }),
  ),
  video: medium(
    fields<VideoReply>({
      type: constant('video'),
      url: optional(name),
      mediaId: optional(name),
      title: optional(string),
      description: optional(string),
      to: optional(name),
    }),
  ),
  music: fields<MusicReply>({
    type: constant('music'),
    url: name,
    highQualityUrl: optional(name),
    title: optional(string),
    description: optional(string),
    thumbnailId: optional(name),
    to: optional(name),
  }),
  news: fields<NewsReply>({
    type: constant('news'),
    articles: list(
      fields<Article>({
        title: string,
        url: name,
        description: optional(string),
        imageUrl: optional(name),
      }),
      MAX_ARTICLES,
    ),
    to: optional(name),
  }),
  choices: fields<ChoicesReply>({
    type: constant('choices'),
    text: string,
    options: OPTIONS,
    // On one that was said before, and is handed on.
    asking: optional(name),
    replaces: optional(name),
    to: optional(name),
  }),
  handoff: fields<HandoffReply>({ type: constant('handoff'), to: optional(name) }),
  raw: fields<RawReply>({ type: constant('raw'), channel: name, payload: plain }),
};

function medium<T extends { readonly url?: string; readonly mediaId?: string }>(
  shape: Shape<T>,
): Shape<T> {
  return where(
    shape,
    ({ url, mediaId }) => url !== undefined || mediaId !== undefined,
    'a `url` or a `mediaId`',
  );
}

/**
 * The reply that an emitted value stands for: a frozen copy of the fields that are known; a string is a text.
 * @throws StepError `bad_reply` for anything that is no reply: its text names the field, and holds no value.
 */
export function toReply(value: unknown): Reply {
  if (typeof value === 'string') return Object.freeze({ type: 'text', text: value });
  const type = typeOf(value);
  if (type !== undefined) {
    const { text, options, asking, replaces, to } = value as ChoicesReply;
    const isBare = asking === undefined && replaces === undefined && to === undefined;
    if (isBare && typeof text === 'string') {
      if (type === 'text') return Object.freeze({ type, text });
      if (type === 'choices' && checkedOptions.has(options))
        return Object.freeze({ type, text, options });
    }
  }
  if (type === undefined || !Object.hasOwn(SHAPES, type)) {
    throw badReply(
      `A reply is a string, or an object of the type ${Object.keys(SHAPES).join(', ')}; the dialogue emitted ${describe(value)}.`,
    );
  }
  try {
    return SHAPES[type as Reply['type']](value);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw badReply(`A reply of type '${type}' needs ${error.message}.`);
  }
}

/** The type that a value says it is of. */
function typeOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type } = value as { type?: unknown };
  return typeof type === 'string' ? type : undefined;
}

function badReply(message: string): StepError {
  return new StepError('bad_reply', message);
}

export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return `a value of type ${typeof value}`;
  const type = typeOf(value);
  if (type === undefined) return 'an object without a type';
  // What stands there is not shown: it may be what a user said.
  const meant = type.length <= 40 ? nearest(type, Object.keys(SHAPES)) : undefined;
  return `an object of another type${meant === undefined ? '' : ` (did you mean '${meant}'?)`}`;
}
