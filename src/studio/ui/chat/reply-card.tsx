import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Message } from '../../../message.ts';
import type { Reply } from '../../../reply.ts';
import { useTexts } from '../state/studio-context.ts';
import { memo } from '../state/memo.ts';
import { SafeLink, webAddress } from './safe-link.tsx';

interface ReplyProps {
  readonly reply: Reply;
  /** Sends what a button sends; undefined where the buttons cannot be pressed. */
  readonly onPress: ((message: Message) => void) | undefined;
}

/** A reply as a person sees it. All of it is text; a picture comes only when asked for. */
export const ReplyCard = memo(function ReplyCard({ reply, onPress }: ReplyProps): VNode {
  const texts = useTexts();
  switch (reply.type) {
    case 'text':
      return <p class="words">{reply.text}</p>;
    case 'choices':
      return <Choices reply={reply} onPress={onPress} />;
    case 'image':
      return (
        <Media
          kind={texts.picture}
          title={reply.alt}
          url={reply.url}
          mediaId={reply.mediaId}
          isPicture
        />
      );
    case 'voice':
      return <Media kind={texts.voice} url={reply.url} mediaId={reply.mediaId} />;
    case 'video':
      return (
        <Media
          kind={texts.video}
          title={reply.title}
          description={reply.description}
          url={reply.url}
          mediaId={reply.mediaId}
        />
      );
    case 'music':
      return (
        <Media
          kind={texts.music}
          title={reply.title}
          description={reply.description}
          url={reply.url}
          mediaId={reply.thumbnailId}
        />
      );
    case 'news':
      return (
        <ul class="articles">
          {reply.articles.map(({ title, url, description, imageUrl }) => (
            <li key={url}>
              <SafeLink href={url}>{title}</SafeLink>
              {description !== undefined && <p>{description}</p>}
              {imageUrl !== undefined && <Picture url={imageUrl} alt={title} />}
            </li>
          ))}
        </ul>
      );
    case 'handoff':
      return (
        <p class="aside">
          {texts.handoff}
          {reply.to !== undefined && <> → {reply.to}</>}
        </p>
      );
    case 'raw':
      return (
        <div>
          <p class="aside">{texts.rawFor(reply.channel)}</p>
          <pre class="code">{JSON.stringify(reply.payload, null, 2)}</pre>
        </div>
      );
    default:
      return <pre class="code">{JSON.stringify(reply, null, 2)}</pre>;
  }
});

function Choices({
  reply,
  onPress,
}: ReplyProps & { readonly reply: Extract<Reply, { type: 'choices' }> }): VNode {
  const { text, options, asking } = reply;
  const press = (value: string): void =>
    onPress?.({ type: 'message.action', value, ...(asking !== undefined && { asking }) });
  return (
    <>
      <p class="words">{text}</p>
      <div class="choices">
        {options.map(({ value, label }) => (
          <button
            key={value}
            type="button"
            title={value}
            disabled={onPress === undefined}
            onClick={() => press(value)}
          >
            {label ?? value}
          </button>
        ))}
      </div>
    </>
  );
}

function Media({
  kind,
  title,
  description,
  url,
  mediaId,
  isPicture = false,
}: {
  readonly kind: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly url?: string | undefined;
  readonly mediaId?: string | undefined;
  readonly isPicture?: boolean;
}): VNode {
  return (
    <div class="media">
      <span class="kind">{kind}</span>
      {title !== undefined && <b>{title}</b>}
      {description !== undefined && <p>{description}</p>}
      {url !== undefined && <SafeLink href={url} />}
      {mediaId !== undefined && <code>{mediaId}</code>}
      {isPicture && url !== undefined && <Picture url={url} alt={title ?? ''} />}
    </div>
  );
}

/** Nothing is fetched from the web until the person who looks wants to see it. */
function Picture({ url, alt }: { readonly url: string; readonly alt: string }): VNode | null {
  const texts = useTexts();
  const [isShown, setShown] = useState(false);
  const [isBlocked, setBlocked] = useState(false);
  const isInline = /^data:image\/(?:png|jpeg|gif|webp);/u.test(url);
  const address = isInline ? url : webAddress(url);
  if (address === undefined || address.startsWith('http:')) return null;
  if (isBlocked) return <p class="hint">{texts.pictureBlocked}</p>;
  if (isShown) {
    const block = (): void => setBlocked(true);
    return <img src={address} alt={alt} referrerpolicy="no-referrer" onError={block} />;
  }
  return (
    <button type="button" class="quiet" onClick={() => setShown(true)}>
      {texts.showPicture}
    </button>
  );
}
