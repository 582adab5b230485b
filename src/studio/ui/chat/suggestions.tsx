import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { StudioAnswers } from '../../wire-requests.ts';
import { can } from '../state/page-state.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';

type Inputs = StudioAnswers['next']['inputs'];

const MAX_SHOWN = 12;
const NONE: Inputs = [];

/** What could be said next, to send at a click. It is asked for again whenever the conversation moved. */
export function Suggestions({ openid }: { readonly openid: string }): VNode | null {
  const { texts, ask, act } = useStudio();
  const canExplore = useSelected((state) => can(state, 'explore'));
  const revision = useSelected((state) => state.conversations.get(openid)?.revision ?? 0);
  const structure = useSelected((state) => state.hello?.dialogue.structure);
  const [inputs, setInputs] = useState(NONE);
  useEffect(() => {
    if (!canExplore) return;
    let isWanted = true;
    const show = (next: Inputs): void => {
      if (isWanted) setInputs(next);
    };
    // Without an answer there is nothing to suggest, and nothing to complain about.
    ask('next', { openid }).then(
      (answer) => show(answer.inputs),
      () => show(NONE),
    );
    return () => {
      isWanted = false;
    };
  }, [ask, canExplore, openid, revision, structure]);
  if (!canExplore || inputs.length === 0) return null;
  return (
    <ul class="chips" aria-label={texts.couldSay}>
      {inputs.slice(0, MAX_SHOWN).map(({ label, message }) => (
        <li key={label}>
          <button type="button" onClick={() => void act('say', { openid, message })}>
            {label}
          </button>
        </li>
      ))}
    </ul>
  );
}
