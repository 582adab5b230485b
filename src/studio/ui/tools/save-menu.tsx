import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { StudioAnswers, StudioRequests } from '../../wire-requests.ts';
import { can, focusOf } from '../state/page-state.ts';
import { withProblem } from '../state/take-events.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';
import { drawnChart, toPng } from './chart-picture.ts';
import { Dialog } from './dialog.tsx';
import { copyText, saveFile, textFile } from './files.ts';
import { Menu } from './menu.tsx';

/** How much of what is saved the page shows; the file has all of it. */
const MAX_SHOWN = 50_000;
const FORMS = ['chat', 'vitest', 'seed', 'recording'] as const;

/** The conversation as a transcript, a test, a seed or a recording, and the chart as a picture. */
export function SaveMenu(): VNode {
  const { texts, ask, store, tell } = useStudio();
  const canSave = useSelected((state) => can(state, 'save'));
  const hasChart = useSelected(({ hello }) => (hello?.charts.length ?? 0) > 0);
  const [saved, setSaved] = useState<StudioAnswers['save']>();
  const save = async (as: StudioRequests['save']['as']): Promise<void> => {
    const { state } = store;
    const openid = focusOf(state);
    const { lookedAt } = state;
    try {
      const answer = await ask('save', {
        as,
        ...(openid !== undefined && { openid }),
        ...(lookedAt !== undefined && { turn: lookedAt }),
      });
      setSaved(answer);
    } catch (error) {
      const { code = 'page', message } = error as Error & { readonly code?: string };
      store.change((now) => withProblem(now, { code, text: message }));
    }
  };
  const savePicture = async (as: 'svg' | 'png'): Promise<void> => {
    const picture = drawnChart(document);
    const name = `${store.state.hello?.dialogue.id ?? 'chart'}.${as}`;
    if (picture === undefined) return tell(texts.noChart);
    const file = as === 'svg' ? textFile(picture.svg, 'image/svg+xml') : await toPng(picture);
    if (file !== undefined) saveFile(name, file);
  };
  return (
    <>
      <Menu label={texts.save} title={texts.saveTitle}>
        {canSave && (
          <ul class="choices-list">
            {FORMS.map((as) => (
              <li key={as}>
                <button type="button" onClick={() => void save(as)}>
                  <b>{texts.forms[as].name}</b>
                  <small>{texts.forms[as].use}</small>
                </button>
              </li>
            ))}
          </ul>
        )}
        <p class="row">
          <button type="button" disabled={!hasChart} onClick={() => void savePicture('svg')}>
            {texts.pictureAs('SVG')}
          </button>
          <button type="button" disabled={!hasChart} onClick={() => void savePicture('png')}>
            {texts.pictureAs('PNG')}
          </button>
        </p>
      </Menu>
      {saved !== undefined && (
        <Dialog title={saved.name} onClose={() => setSaved(undefined)}>
          <pre class="code tall" tabIndex={0}>
            {saved.text.slice(0, MAX_SHOWN)}
            {saved.text.length > MAX_SHOWN && '…'}
          </pre>
          <p class="row">
            <button
              type="button"
              class="primary"
              onClick={() => saveFile(saved.name, textFile(saved.text))}
            >
              {texts.download}
            </button>
            <button
              type="button"
              onClick={() =>
                void copyText(saved.text).then((isDone) =>
                  tell(isDone ? texts.copied : texts.notCopied),
                )
              }
            >
              {texts.copy}
            </button>
          </p>
        </Dialog>
      )}
    </>
  );
}
