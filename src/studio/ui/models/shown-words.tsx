import type { VNode } from 'preact';
import type { ShownText } from '../../wire.ts';
import { useTexts } from '../state/studio-context.ts';

/** A text as it was; if it is hidden or was cut, how long it was. */
export function ShownWords({ words }: { readonly words: ShownText }): VNode {
  const texts = useTexts();
  const { text, length } = words;
  if (text === undefined) return <span class="hidden">{texts.charactersHidden(length)}</span>;
  return (
    <>
      <span class="words">{text}</span>
      {text.length < length && (
        <small class="cut"> {texts.charactersCut(text.length, length)}</small>
      )}
    </>
  );
}
