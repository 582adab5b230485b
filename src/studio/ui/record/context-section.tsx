import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ConversationView } from '../../wire.ts';
import { can } from '../state/page-state.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';
import { ContextTree } from './context-tree.tsx';
import { countChanges, differenceOf } from './data-difference.ts';

interface ContextProps {
  readonly view: ConversationView;
  /** How it stood before the turn that is shown. */
  readonly before: ConversationView | undefined;
}

/** The context of the dialogue and of its sub-dialogues, to read and to change. */
export function ContextSection({ view, before }: ContextProps): VNode {
  const { texts } = useStudio();
  const isRedacted = useSelected(({ hello }) => hello?.isRedacted === true);
  const canEdit = useSelected((state) => can(state, 'travel') && state.lookedAt === undefined);
  const [isEdited, setEdited] = useState(false);
  const nodes = useMemo(
    () => (view.context === undefined ? [] : differenceOf(view.context, before?.context)),
    [view, before],
  );
  const changes = countChanges(nodes);
  return (
    <section aria-label={texts.context}>
      <header>
        <h2>{texts.context}</h2>
        {changes > 0 && <small class="changes">{texts.changes(changes)}</small>}
        {canEdit && view.context !== undefined && !isEdited && (
          <button type="button" class="quiet" onClick={() => setEdited(true)}>
            {texts.edit}
          </button>
        )}
      </header>
      {view.context === undefined && (
        <p class="empty">{isRedacted ? texts.hidden : texts.noContext}</p>
      )}
      {isEdited && canEdit ? (
        <ContextEditor view={view} onEnd={() => setEdited(false)} />
      ) : (
        nodes.length > 0 && <ContextTree nodes={nodes} />
      )}
      {Object.entries(view.children ?? {}).map(([address, context]) => (
        <div key={address} class="child">
          <h3>{texts.contextOf(address)}</h3>
          <ContextTree nodes={differenceOf(context, before?.children?.[address] ?? {})} />
        </div>
      ))}
    </section>
  );
}

function ContextEditor({
  view,
  onEnd,
}: {
  readonly view: ConversationView;
  readonly onEnd: () => void;
}): VNode {
  const { texts, act } = useStudio();
  const [text, setText] = useState(() => JSON.stringify(view.context, null, 2));
  const context = readObject(text);
  const save = async (): Promise<void> => {
    if (context === undefined) return;
    if (await act('context', { openid: view.openid, context })) onEnd();
  };
  return (
    <form
      class="editor"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        rows={Math.min(20, text.split('\n').length + 1)}
        spellcheck={false}
        aria-label={texts.contextAsJson}
        aria-invalid={context === undefined}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onEnd();
        }}
      />
      {context === undefined && <p class="failure">{texts.notAnObject}</p>}
      <p class="row">
        <button type="submit" class="primary" disabled={context === undefined}>
          {texts.save}
        </button>
        <button type="button" class="quiet" onClick={onEnd}>
          {texts.leave}
        </button>
      </p>
    </form>
  );
}

function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
