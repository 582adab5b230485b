import type { ComponentChildren, VNode } from 'preact';
import { formatTime } from './state/moments.ts';
import { can } from './state/page-state.ts';
import { useSelected, useStudio } from './state/studio-context.ts';
import { FaultsMenu } from './tools/faults-menu.tsx';
import { SaveMenu } from './tools/save-menu.tsx';

/** Which dialogue this is, whether the page is connected, and what can be done to all of it. */
export function TopBar({ children }: { readonly children: ComponentChildren }): VNode {
  const { texts, locale } = useStudio();
  const hello = useSelected((state) => state.hello);
  const clock = useSelected((state) => state.clock);
  const connection = useSelected((state) => state.connection);
  const hasFaults = useSelected((state) => can(state, 'faults'));
  return (
    <header class="bar">
      <h1>
        Studio <b>{hello?.dialogue.id}</b>
        {hello !== undefined && <small>{texts.version(hello.dialogue.version)}</small>}
        {hello?.dialogue.file !== undefined && <small class="file">{hello.dialogue.file}</small>}
      </h1>
      {hello !== undefined && hello.kind !== 'studio' && (
        <span class="badge">{texts.kinds[hello.kind]}</span>
      )}
      {hello?.isRedacted === true && (
        <span class="badge" title={texts.redactedTitle}>
          {texts.redacted}
        </span>
      )}
      {hello?.reload !== undefined && (
        <span class={`badge reload ${hello.reload.how}`} role="status" title={hello.reload.why}>
          {texts.reloads[hello.reload.how]}
        </span>
      )}
      <span class={`connection ${connection}`} role="status">
        {connection === 'open' || connection === 'file' ? '' : texts.connections[connection]}
      </span>
      <time class="clock" dateTime={new Date(clock.now).toISOString()}>
        {formatTime(clock.now, locale)}
      </time>
      {hasFaults && <FaultsMenu />}
      <SaveMenu />
      {children}
    </header>
  );
}
