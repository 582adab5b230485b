import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { focusOf } from '../state/page-state.ts';
import { callsUpTo, tokensSpent } from '../state/model-calls.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';
import { ModelCalls } from './model-calls.tsx';

/** What the models of a conversation cost, and the calls that no turn has yet. */
export function ModelsSection(): VNode | null {
  const { texts } = useStudio();
  const openid = useSelected(focusOf);
  const calls = useSelected((state) => state.calls);
  const lookedAt = useSelected((state) => state.lookedAt);
  const own = useMemo(() => callsUpTo(calls, openid, lookedAt), [calls, openid, lookedAt]);
  if (own.length === 0) return null;
  const { inputTokens, outputTokens, unknown } = tokensSpent(own);
  const open = own.filter(({ turn }) => turn === undefined);
  return (
    <section aria-label={texts.models}>
      <header>
        <h2>{texts.models}</h2>
      </header>
      <ul class="rows">
        <li>
          <span class="name">{texts.modelCalls(own.length)}</span>
          <span class="value">
            {unknown === own.length ? texts.tokensUnknown : texts.tokens(inputTokens, outputTokens)}
          </span>
        </li>
        {unknown > 0 && unknown < own.length && (
          <li class="empty">{texts.withoutTokens(unknown)}</li>
        )}
      </ul>
      {open.length > 0 && <ModelCalls calls={open} />}
    </section>
  );
}
