import type { VNode } from 'preact';
import { useSelected, useStudio } from '../state/studio-context.ts';

/** What went wrong, to read and to put away. */
export function Problems(): VNode {
  const { texts, store } = useStudio();
  const problems = useSelected((state) => state.problems);
  const putAway = (key: number): void =>
    store.change((state) => ({
      ...state,
      problems: state.problems.filter((problem) => problem.key !== key),
    }));
  return (
    <div class="problems" role="alert">
      {problems.map(({ key, code, text }) => (
        <p key={key}>
          <code>{code}</code> {text}
          <button type="button" class="icon" aria-label={texts.close} onClick={() => putAway(key)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
