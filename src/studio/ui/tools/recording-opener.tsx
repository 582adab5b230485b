import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { useTexts } from '../state/studio-context.ts';

/** Opens a recording from a file of this machine. Nothing of it leaves the browser. */
export function RecordingOpener({
  onFile,
  label,
}: {
  readonly onFile: (file: File) => void;
  readonly label: string;
}): VNode {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" onClick={() => field.current?.click()}>
        {label}
      </button>
      <input
        ref={field}
        type="file"
        accept=".json,application/json"
        class="unseen"
        tabIndex={-1}
        aria-label={label}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file !== undefined) onFile(file);
          currentTarget.value = '';
        }}
      />
    </>
  );
}

/** What the page shows while there is neither a server nor a recording. */
export function Welcome({ onFile }: { readonly onFile: (file: File) => void }): VNode {
  const texts = useTexts();
  return (
    <main class="welcome">
      <h1>Colloquy Studio</h1>
      <p>{texts.dropHere}</p>
      <RecordingOpener onFile={onFile} label={texts.openRecording} />
      <p class="hint">{texts.staysHere}</p>
    </main>
  );
}
