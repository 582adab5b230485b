import { recordingInText } from '../../recording/recording-lines.ts';
import type { StudioRecording, WIRE_VERSION } from '../../wire.ts';
import { EMPTY_PAGE, type PageState } from './page-state.ts';
import { takeEvents } from './take-events.ts';

/** The version that this page reads. */
export const READS: typeof WIRE_VERSION = 1;

export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
  readonly why: 'no-recording' | 'later';

  constructor(why: 'no-recording' | 'later') {
    super(why);
    this.why = why;
  }
}

/**
 * Reads a file `*.colloquy.json`.
 * @throws UnreadableError for a file that is no recording, or one of a later version
 */
export function parseRecording(text: string): StudioRecording {
  let value: Partial<StudioRecording> | null;
  try {
    value = recordingInText(text) as Partial<StudioRecording> | null;
  } catch {
    throw new UnreadableError('no-recording');
  }
  if (typeof value !== 'object' || value?.colloquy !== 'recording') {
    throw new UnreadableError('no-recording');
  }
  if (value.wire !== READS) throw new UnreadableError('later');
  const isWhole =
    typeof value.hello === 'object' &&
    Array.isArray(value.turns) &&
    Array.isArray(value.conversations);
  if (!isWhole) throw new UnreadableError('no-recording');
  return value as StudioRecording;
}

/** The page that shows a recording: at its end, with nothing to do but to look. */
export function pageOf({
  hello,
  turns,
  conversations,
  models,
  dropped,
}: StudioRecording): PageState {
  const page = takeEvents({ ...EMPTY_PAGE, dropped }, [
    { name: 'hello', data: { ...hello, kind: 'recording', powers: [] } },
    ...turns.map((data) => ({ name: 'turn' as const, data })),
    ...(Array.isArray(models) ? models : []).map((data) => ({ name: 'model' as const, data })),
    ...conversations.map((data) => ({ name: 'conversation' as const, data })),
  ]);
  return { ...page, connection: 'file' };
}
