import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ConversationView } from '../../wire.ts';
import { can } from '../state/page-state.ts';
import { formatMoment, spanInWords } from '../state/moments.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';
import { Dialog } from '../tools/dialog.tsx';

/** What else the record holds: its outbox, the ids it remembers, its lane, lease and expiry. */
export function RecordFacts({ view }: { readonly view: ConversationView }): VNode {
  const { texts, locale, act } = useStudio();
  const now = useSelected((state) => state.clock.now);
  const canForget = useSelected((state) => can(state, 'travel') && state.lookedAt === undefined);
  const [isAsked, setAsked] = useState(false);
  const { openid, revision, savedAt, expiresAt, status, outbox, seen, waiting, lease } = view;
  return (
    <section aria-label={texts.record}>
      <header>
        <h2>{texts.record}</h2>
        {canForget && (
          <button type="button" class="quiet danger" onClick={() => setAsked(true)}>
            {texts.forget}
          </button>
        )}
      </header>
      <dl class="facts">
        <Fact name={texts.status}>{texts.statuses[status]}</Fact>
        <Fact name={texts.revision}>{revision}</Fact>
        <Fact name={texts.savedAt}>{formatMoment(savedAt, locale)}</Fact>
        <Fact name={texts.expires}>
          {expiresAt === undefined
            ? texts.never
            : `${formatMoment(expiresAt, locale)} (${texts.inTime(spanInWords(expiresAt - now, texts.units))})`}
        </Fact>
        <Fact name={texts.lane}>{waiting === 0 ? texts.nobodyWaits : texts.waiting(waiting)}</Fact>
        <Fact name={texts.lease}>
          {lease === undefined
            ? texts.none
            : `${lease.holder} → ${formatMoment(lease.until, locale)}`}
        </Fact>
        <Fact name={texts.seen}>
          {seen.count}
          {seen.last.length > 0 && <small class="ids">{seen.last.join(', ')}</small>}
        </Fact>
        <Fact name={texts.outbox}>{outbox.length === 0 ? texts.empty : outbox.length}</Fact>
      </dl>
      {outbox.length > 0 && (
        <ul class="plain">
          {outbox.map(({ id, reply }) => (
            <li key={id}>
              <code>{id}</code> {reply === undefined ? texts.hidden : wordsOfReply(reply)}
            </li>
          ))}
        </ul>
      )}
      {isAsked && (
        <Dialog title={texts.forgetTitle(openid)} onClose={() => setAsked(false)}>
          <p>{texts.forgetWarning}</p>
          <p class="row">
            <button
              type="button"
              class="primary danger"
              onClick={() => {
                setAsked(false);
                void act('forget', { openid });
              }}
            >
              {texts.forget}
            </button>
            <button type="button" class="quiet" onClick={() => setAsked(false)}>
              {texts.leave}
            </button>
          </p>
        </Dialog>
      )}
    </section>
  );
}

function wordsOfReply(reply: NonNullable<ConversationView['outbox'][number]['reply']>): string {
  return 'text' in reply ? reply.text : `[${reply.type}]`;
}

function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
