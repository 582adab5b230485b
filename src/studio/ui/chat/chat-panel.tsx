import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { MAX_COLUMNS, type PageState, can, knownOpenids } from '../state/page-state.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';
import { TalkLog } from './talk-log.tsx';
import { Composer } from './composer.tsx';
import { Inbox, OperatorBar } from './operator-bar.tsx';
import { Suggestions } from './suggestions.tsx';

/** The chats of one or several users, side by side. The first is the one that the other panels show. */
export function ChatPanel(): VNode {
  const { texts, store } = useStudio();
  const openids = useSelected((state) => state.openids);
  const canAdd = useSelected(
    (state) =>
      openids.length < MAX_COLUMNS &&
      (can(state, 'say') || knownOpenids(state).length > openids.length),
  );
  const shown = openids.length === 0 ? ['you'] : openids;
  return (
    <section class="panel chat" aria-label={texts.chat}>
      <Inbox />
      <div class="columns">
        {shown.map((openid, index) => (
          <ChatColumn
            key={index}
            openid={openid}
            index={index}
            isOnly={shown.length === 1}
            onAdd={canAdd ? () => store.change(withAnother) : undefined}
          />
        ))}
      </div>
    </section>
  );
}

/** The next user that is not shown, or a new one. */
function withAnother(state: PageState): PageState {
  const shown = state.openids.length === 0 ? ['you'] : state.openids;
  const known = knownOpenids(state);
  let number = known.length + 1;
  while (known.includes(`user-${number}`)) number += 1;
  const other = known.find((each) => !shown.includes(each)) ?? `user-${number}`;
  return { ...state, openids: [...shown, other] };
}

function ChatColumn({
  openid,
  index,
  isOnly,
  onAdd,
}: {
  readonly openid: string;
  readonly index: number;
  readonly isOnly: boolean;
  readonly onAdd: (() => void) | undefined;
}): VNode {
  const { texts, store } = useStudio();
  const known = useSelected((state) => state.conversations);
  const canSay = useSelected((state) => can(state, 'say') && state.lookedAt === undefined);
  const isBack = useSelected((state) => state.lookedAt !== undefined);
  const list = useId();
  const replace = (by: readonly string[]): void =>
    store.change((state) => {
      const shown = state.openids.length === 0 ? ['you'] : state.openids;
      return { ...state, openids: [...new Set(shown.toSpliced(index, 1, ...by))] };
    });
  return (
    <div class={index === 0 ? 'column focus' : 'column'}>
      <header>
        <label>
          <span>{texts.user}</span>
          <input
            list={list}
            value={openid}
            spellcheck={false}
            onChange={({ currentTarget }) => {
              const next = currentTarget.value.trim();
              if (next === '') currentTarget.value = openid;
              else replace([next]);
            }}
          />
        </label>
        <datalist id={list}>
          {[...known.keys()].slice(0, 200).map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        {index > 0 && (
          <button
            type="button"
            class="quiet"
            title={texts.showThisUser}
            onClick={() =>
              store.change((state) => ({
                ...state,
                openids: [openid, ...state.openids.filter((each) => each !== openid)],
              }))
            }
          >
            {texts.focus}
          </button>
        )}
        {!isOnly && (
          <button
            type="button"
            class="icon"
            aria-label={texts.closeChatOf(openid)}
            onClick={() => replace([])}
          >
            ×
          </button>
        )}
        {index === 0 && onAdd !== undefined && (
          <button type="button" class="quiet" title={texts.addUserTitle} onClick={onAdd}>
            {texts.addUser}
          </button>
        )}
      </header>
      <TalkLog openid={openid} canSay={canSay} />
      {isBack && <p class="hint back">{texts.lookingBack}</p>}
      {canSay && (
        <>
          <OperatorBar openid={openid} />
          <Suggestions openid={openid} />
          <Composer openid={openid} key={openid} />
        </>
      )}
    </div>
  );
}
