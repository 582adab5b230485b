import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Message } from '../../../message.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';

/** The operator that the page is. */
const OPERATOR = 'op';

/** Where a person takes over this conversation: takes it, speaks to the customer, leaves it, gives it back. */
export function OperatorBar({ openid }: { readonly openid: string }): VNode | null {
  const { texts, act } = useStudio();
  const takeover = useSelected((state) => state.conversations.get(openid)?.takeover);
  const [typed, setTyped] = useState('');
  if (takeover === undefined) return null;
  const { by } = takeover;
  const does = (done: 'take' | 'say' | 'leave' | 'return', text?: string): void => {
    const event = { type: 'event.operator', by: by ?? OPERATOR, does: done } as const;
    const said = text === undefined ? event : { ...event, text };
    void act('send', { openid, event: said as object as Message });
    setTyped('');
  };
  const given = typed.trim();
  return (
    <form
      class="operator"
      aria-label={texts.operator}
      onSubmit={(event) => {
        event.preventDefault();
        if (given !== '') does('say', given);
      }}
    >
      <span class="who">{by === undefined ? texts.waitsForOperator : texts.operatorHas(by)}</span>
      <input
        value={typed}
        placeholder={texts.operatorSays}
        aria-label={texts.operatorSays}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      {by === undefined ? (
        <button type="button" class="quiet" onClick={() => does('take')}>
          {texts.takeOver}
        </button>
      ) : (
        <button type="button" class="quiet" onClick={() => does('leave')}>
          {texts.leaveIt}
        </button>
      )}
      <button
        type="button"
        class="quiet"
        title={texts.giveBackTitle}
        onClick={() => does('return', given === '' ? undefined : given)}
      >
        {texts.giveBack}
      </button>
    </form>
  );
}

/** The conversations that a person has, or that wait for one: a click shows one of them. */
export function Inbox(): VNode | null {
  const { texts, store } = useStudio();
  const conversations = useSelected((state) => state.conversations);
  const held = [...conversations.values()].filter(({ takeover }) => takeover !== undefined);
  if (held.length === 0) return null;
  return (
    <ul class="chips inbox" aria-label={texts.inbox}>
      {held.map(({ openid, takeover }) => (
        <li key={openid}>
          <button
            type="button"
            onClick={() =>
              store.change((state) => ({
                ...state,
                openids: [openid, ...state.openids.filter((each) => each !== openid)],
              }))
            }
          >
            {takeover?.by === undefined ? texts.waits(openid) : texts.isWith(openid, takeover.by)}
          </button>
        </li>
      ))}
    </ul>
  );
}
