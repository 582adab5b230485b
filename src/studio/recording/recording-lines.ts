import type {
  ConversationView,
  ModelCallEntry,
  StudioEvents,
  StudioRecording,
  TurnEntry,
} from '../wire.ts';

/** What a recording adds to its file, one line for each. */
export type RecordedEvent = {
  readonly [Name in RecordedName]: { readonly name: Name; readonly data: StudioEvents[Name] };
}[RecordedName];

type RecordedName = 'turn' | 'model' | 'conversation' | 'gone';

/**
 * The recording in a file: one JSON value, or one in the first line and an event in each further line. A process that was killed
 * may have left a part of a line at the end, which is left out.
 * @throws SyntaxError for a text whose first line is no JSON
 */
export function recordingInText(text: string): unknown {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const [first = '', ...others] = lines;
  let recording: Partial<StudioRecording> | null;
  try {
    recording = JSON.parse(first) as Partial<StudioRecording> | null;
  } catch {
    // A file that a person formatted.
    return JSON.parse(text);
  }
  if (others.length === 0 || typeof recording !== 'object' || recording === null) return recording;
  return withEvents(recording, eventsIn(others));
}

function eventsIn(lines: readonly string[]): readonly Partial<RecordedEvent>[] {
  return lines.flatMap((line) => {
    try {
      const event = JSON.parse(line) as Partial<RecordedEvent> | null;
      return typeof event === 'object' && event !== null ? [event] : [];
    } catch {
      return [];
    }
  });
}

function withEvents(
  recording: Partial<StudioRecording>,
  events: readonly Partial<RecordedEvent>[],
): Partial<StudioRecording> {
  const turns = new Map<number, TurnEntry>();
  const models = new Map<number, ModelCallEntry>();
  const conversations = new Map<string, ConversationView>();
  for (const turn of recording.turns ?? []) turns.set(turn.turn, turn);
  for (const each of recording.models ?? []) models.set(each.call, each);
  for (const each of recording.conversations ?? []) conversations.set(each.openid, each);
  for (const { name, data } of events as readonly RecordedEvent[]) {
    if (name === 'turn') turns.set(data.turn, data);
    else if (name === 'model') models.set(data.call, data);
    else if (name === 'conversation') conversations.set(data.openid, data);
    else if (name === 'gone') conversations.delete(data.openid);
  }
  return {
    ...recording,
    turns: [...turns.values()],
    models: [...models.values()],
    conversations: [...conversations.values()],
  };
}
