import type { VNode } from 'preact';
import { ShownWords } from '../models/shown-words.tsx';
import { useSelected, useTexts } from '../state/studio-context.ts';

/** The replies that services of a user are making. The reply takes the place of its draft. */
export function DraftBubbles({ openid }: { readonly openid: string }): VNode | null {
  const texts = useTexts();
  const all = useSelected(({ drafts, lookedAt }) => (lookedAt === undefined ? drafts : undefined));
  const drafts = all?.filter((draft) => draft.openid === openid) ?? [];
  if (drafts.length === 0) return null;
  return (
    // A screen reader reads the reply, not each word of its draft.
    <div class="exchange" aria-live="off">
      {drafts.map((draft) => (
        <div class="bubble theirs draft" key={draft.id}>
          <small>{texts.draft}</small>
          <p>
            <ShownWords words={draft} />
          </p>
        </div>
      ))}
    </div>
  );
}
