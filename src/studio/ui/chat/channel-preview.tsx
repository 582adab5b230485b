import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Reply } from '../../../reply.ts';
import type { StudioAnswers } from '../../wire-requests.ts';
import { can } from '../state/page-state.ts';
import { useSelected, useStudio } from '../state/studio-context.ts';
import { Dialog } from '../tools/dialog.tsx';

const CHANNELS = ['wechat', 'wecom', 'telegram', 'slack', 'terminal'];

/** What each channel would make of a reply, behind a small button. */
export function ChannelPreview({ reply }: { readonly reply: Reply }): VNode | null {
  const { texts } = useStudio();
  const canAsk = useSelected((state) => can(state, 'explore'));
  const [isOpen, setOpen] = useState(false);
  if (!canAsk) return null;
  return (
    <>
      <button
        type="button"
        class="as"
        title={texts.previewTitle}
        aria-label={texts.previewTitle}
        onClick={() => setOpen(true)}
      >
        ⇢
      </button>
      {isOpen && (
        <Dialog title={texts.previewTitle} onClose={() => setOpen(false)}>
          <Previews reply={reply} />
        </Dialog>
      )}
    </>
  );
}

function Previews({ reply }: { readonly reply: Reply }): VNode {
  const { texts, ask } = useStudio();
  const [channel, setChannel] = useState('wechat');
  const [answer, setAnswer] = useState<StudioAnswers['preview'] | string>();
  useEffect(() => {
    let isWanted = true;
    const show = (found: StudioAnswers['preview'] | string): void => {
      if (isWanted) setAnswer(found);
    };
    ask('preview', { channel, reply }).then(show, (error: Error) => show(error.message));
    return () => {
      isWanted = false;
    };
  }, [ask, channel, reply]);
  return (
    <>
      <div class="segments" role="group" aria-label={texts.channel}>
        {CHANNELS.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === channel}
            onClick={() => setChannel(each)}
          >
            {each}
          </button>
        ))}
      </div>
      {typeof answer === 'string' && <p class="failure">{answer}</p>}
      {typeof answer === 'object' && answer.unsent !== undefined && (
        <p class="failure">{answer.unsent}</p>
      )}
      {typeof answer === 'object' &&
        answer.parts.map((part, index) => (
          <pre class="code" key={index}>
            {typeof part === 'string' ? part : JSON.stringify(part, null, 2)}
          </pre>
        ))}
    </>
  );
}
