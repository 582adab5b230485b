import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useStudio } from '../state/studio-context.ts';
import { SHORT_FORMS, isEvent, readTyped } from './typed-message.ts';

/** How many sent messages ↑ brings back. */
const MAX_SENT = 50;

/** Where a message is written: Enter sends it, ↑ and ↓ bring back what was sent before. */
export function Composer({ openid }: { readonly openid: string }): VNode {
  const { texts, act } = useStudio();
  const [typed, setTyped] = useState('');
  const [isOutside, setOutside] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const sent = useRef<readonly string[]>([]);
  const place = useRef(0);
  const message = readTyped(typed);
  const canSend = typed !== '' && message !== undefined;

  const send = (): void => {
    if (!canSend) return;
    sent.current = [...sent.current.filter((each) => each !== typed), typed].slice(-MAX_SENT);
    place.current = sent.current.length;
    setTyped('');
    if (isOutside && isEvent(message)) void act('send', { openid, event: message });
    else void act('say', { openid, message });
  };
  const recall = (by: -1 | 1): boolean => {
    const isUntouched = typed === '' || typed === sent.current[place.current];
    const next = place.current + by;
    if (!isUntouched || next < 0 || next > sent.current.length) return false;
    place.current = next;
    setTyped(sent.current[next] ?? '');
    return true;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // An input method takes Enter to end a word.
    if (event.isComposing || event.altKey) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    }
    if (event.key === 'ArrowUp' && recall(-1)) event.preventDefault();
    if (event.key === 'ArrowDown' && recall(1)) event.preventDefault();
  };
  const insert = (form: string): void => {
    setTyped(form);
    field.current?.focus();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        value={typed}
        placeholder={texts.typeMessage}
        aria-label={texts.messageTo(openid)}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <select
        class="kinds"
        aria-label={texts.otherKinds}
        title={texts.otherKinds}
        value=""
        onChange={({ currentTarget }) => {
          insert(currentTarget.value);
          currentTarget.value = '';
        }}
      >
        <option value="" hidden>
          +
        </option>
        {SHORT_FORMS.map((form) => (
          <option key={form} value={form}>
            {form}
          </option>
        ))}
      </select>
      <button type="submit" class="primary" disabled={!canSend}>
        {texts.send}
      </button>
      {isEvent(message) && (
        <label class="outside">
          <input
            type="checkbox"
            checked={isOutside}
            onChange={({ currentTarget }) => setOutside(currentTarget.checked)}
          />
          {texts.fromOutside}
        </label>
      )}
      {message === undefined && <p class="hint">{texts.notJson}</p>}
    </form>
  );
}
