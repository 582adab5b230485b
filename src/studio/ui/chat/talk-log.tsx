import type { VNode } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Message } from '../../../message.ts';
import type { TurnEntry } from '../../wire.ts';
import { memo } from '../state/memo.ts';
import { formatMoment, formatTime } from '../state/moments.ts';
import { useSelected, useStudio, useTexts } from '../state/studio-context.ts';
import { lookingAt } from '../state/looking.ts';
import { DraftBubbles } from './draft-bubbles.tsx';
import { ChannelPreview } from './channel-preview.tsx';
import { ReplyCard } from './reply-card.tsx';

/** How many turns are drawn at first, and more at each wish. */
const SHOWN = 100;

/** What was said, up to the turn that is looked at. */
export function TalkLog({
  openid,
  canSay,
}: {
  readonly openid: string;
  readonly canSay: boolean;
}): VNode {
  const { texts, store, act } = useStudio();
  const turns = useSelected((state) => state.turns);
  const lookedAt = useSelected((state) => state.lookedAt);
  const [shown, setShown] = useState(SHOWN);
  const log = useRef<HTMLDivElement>(null);
  const own = useMemo(
    () =>
      turns.filter(
        ({ openid: whose, turn }) =>
          whose === openid && (lookedAt === undefined || turn <= lookedAt),
      ),
    [turns, openid, lookedAt],
  );
  const last = own.at(-1);
  const drafts = useSelected((state) => state.drafts);
  useLayoutEffect(() => {
    const { current } = log;
    if (current !== null) current.scrollTop = current.scrollHeight;
  }, [last, openid, drafts]);
  const onPress = useMemo(
    () => (canSay ? (message: Message): void => void act('say', { openid, message }) : undefined),
    [act, canSay, openid],
  );
  const onLook = useMemo(
    () =>
      (turn: number): void =>
        store.change((state) => ({ ...state, ...lookingAt(state, turn) })),
    [store],
  );
  return (
    <div
      class="log"
      ref={log}
      role="log"
      aria-live={lookedAt === undefined ? 'polite' : 'off'}
      aria-label={texts.chatOf(openid)}
      tabIndex={0}
    >
      {own.length > shown && (
        <button type="button" class="quiet" onClick={() => setShown(shown + SHOWN)}>
          {texts.showEarlier(own.length - shown)}
        </button>
      )}
      {own.length === 0 && drafts.length === 0 && (
        <p class="empty">{canSay ? texts.sayFirst : texts.nothingSaid}</p>
      )}
      {own.slice(-shown).map((entry) => (
        <ChatTurn
          key={entry.turn}
          entry={entry}
          isLookedAt={entry.turn === lookedAt}
          onLook={onLook}
          onPress={onPress}
        />
      ))}
      <DraftBubbles openid={openid} />
    </div>
  );
}

interface ChatTurnProps {
  readonly entry: TurnEntry;
  readonly isLookedAt: boolean;
  readonly onLook: (turn: number) => void;
  readonly onPress: ((message: Message) => void) | undefined;
}

const ChatTurn = memo(function ChatTurn({
  entry,
  isLookedAt,
  onLook,
  onPress,
}: ChatTurnProps): VNode {
  const { texts, locale } = useStudio();
  const { turn, at, cause, outcome, replies, error } = entry;
  return (
    <div class={isLookedAt ? 'exchange looked' : 'exchange'}>
      <button
        type="button"
        class="mark"
        title={`${formatMoment(at, locale)} · ${outcome}`}
        aria-label={texts.lookAtTurn(turn)}
        onClick={() => onLook(turn)}
      >
        {turn}
      </button>
      {cause === 'message' ? (
        <div class="bubble mine">
          <p class="words">{saidIn(entry)}</p>
        </div>
      ) : (
        <p class="happened">
          {texts.causes[cause]} · {entry.label} · {formatTime(at, locale)}
        </p>
      )}
      {replies.map((reply, index) => (
        <div class={`bubble theirs ${reply.type}`} key={index}>
          <ReplyCard reply={reply} onPress={onPress} />
          <ChannelPreview reply={reply} />
        </div>
      ))}
      {ORDINARY.has(outcome) ? null : <p class="happened outcome">{outcome}</p>}
      {error !== undefined && (
        <p class="failure">
          <code>{error.code}</code> {error.text}
        </p>
      )}
    </div>
  );
});

/** Outcomes that need no words. */
const ORDINARY: ReadonlySet<string> = new Set(['replied', 'silent']);

function saidIn({ message, label }: TurnEntry): string {
  if (message === undefined) return label;
  if (message.type === 'message.text') return message.text;
  if (message.type === 'message.action') return message.label ?? message.value;
  return label;
}

/** Says the sentences of the page to a screen reader. */
export function LiveRegion({ text }: { readonly text: string }): VNode {
  const texts = useTexts();
  return (
    <p class="unseen" role="status" aria-label={texts.news}>
      {text}
    </p>
  );
}
