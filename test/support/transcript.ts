import type { AnyStateMachine, StateValue } from 'xstate';
import { type Duration, type Incoming, type Reply, type Turn, formatReply } from 'colloquy';
import { type Chat, createChat } from './chat.ts';

/**
 * Plays a transcript against a dialogue, on the real runner and on virtual time, and gives the transcript of what
 * really happened: the same text, where all went as it is written.
 *
 *     # a comment
 *     > hi                      what the user says; [image], [button yes], [follow], … for what is no text
 *     < How many are you?       what the bot says; the further lines of a reply are indented by two spaces
 *     @ +1h30m                  time goes by, in d, h, m and s
 *     = booking.people          the state, or what it is inside of
 *     ! expired                 what else became of it: expired, unhandled, failed, …
 *
 * @throws Error for a line that cannot be read, with its number; before anything is played
 */
export async function playTranscript(
  transcript: string,
  dialogue: AnyStateMachine,
  options: Parameters<typeof createChat>[1] = {},
): Promise<string> {
  const lines = parseTranscript(transcript);
  const chat = createChat(dialogue, options);
  const happened = listenTo(chat);
  const played: string[] = [];
  // Comments and empty lines wait for what is said before them and was not expected.
  let asides: string[] = [];
  const next = (count: number): void => {
    played.push(...happened.splice(0, count));
  };
  const settle = (): void => {
    next(happened.length);
    played.push(...asides);
    asides = [];
  };
  for (const line of lines) {
    if (line.kind === 'aside') {
      asides.push(line.text);
      continue;
    }
    if (line.kind === 'happened') {
      if (happened.length === 0) continue;
      played.push(...asides.splice(0));
      next(1);
      continue;
    }
    settle();
    if (line.kind === 'state') played.push(stateLine(line.path, chat.state()));
    else played.push(line.text);
    if (line.kind === 'message') {
      const turn = chat.world.runner.handle(OPENID, line.message);
      // What does not come to its end by itself waits for time to go by.
      turn.then(
        (ended) => happened.push(...linesOf(ended)),
        (error: unknown) => happened.push(`! refused: ${messageOf(error)}`),
      );
      await chat.clock.advance(0);
    }
    if (line.kind === 'time') await chat.clock.advance(line.span);
  }
  settle();
  return played.join('\n');
}

const OPENID = 'ann';

/** What happens from now on, a transcript's line or several for each thing. */
function listenTo({ world }: Chat): string[] {
  const happened: string[] = [];
  world.runner.on('reply', ({ reply }) => happened.push(replyLines(reply)));
  world.runner.on('error', ({ error }) => happened.push(`! error: ${messageOf(error)}`));
  world.store.on('expire', () => happened.push('! expired'));
  return happened;
}

function linesOf({ outcome, replies, error }: Turn): string[] {
  const said = replies.map(replyLines);
  if (outcome === 'failed') return [...said, `! failed: ${messageOf(error)}`];
  return outcome === 'unhandled' || outcome === 'shed' ? [...said, `! ${outcome}`] : said;
}

/** Without the spaces of Unicode that nobody can type: Intl puts one before “PM”. */
function replyLines(reply: Reply): string {
  const [first = '', ...more] = formatReply(reply)
    .replaceAll(/[\u00a0\u202f]/g, ' ')
    .split('\n');
  return [`< ${first}`, ...more.map((line) => `  ${line}`)]
    .map((line) => line.trimEnd())
    .join('\n');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stateLine(expected: string, state: StateValue | undefined): string {
  const paths = state === undefined ? ['(none)'] : pathsOf(state);
  const isThere = paths.some((path) => path === expected || path.startsWith(`${expected}.`));
  return `= ${isThere ? expected : paths.join(', ')}`;
}

/** One for each region. */
function pathsOf(state: StateValue): string[] {
  if (typeof state === 'string') return [state];
  return Object.entries(state).flatMap(([name, inner]) => {
    const paths = inner === undefined ? [] : pathsOf(inner);
    return paths.length === 0 ? [name] : paths.map((path) => `${name}.${path}`);
  });
}

type Line =
  | { readonly kind: 'message'; readonly text: string; readonly message: Incoming }
  | { readonly kind: 'time'; readonly text: string; readonly span: Duration }
  | { readonly kind: 'state'; readonly path: string }
  | { readonly kind: 'happened' }
  | { readonly kind: 'aside'; readonly text: string };

function parseTranscript(transcript: string): Line[] {
  const lines: Line[] = [];
  for (const [index, raw] of transcript.split(/\r?\n/).entries()) {
    const text = raw.trimEnd();
    const fail = (problem: string): never => {
      throw new Error(`Line ${index + 1} of the transcript ${problem}: ${text}`);
    };
    if (text.startsWith('  ')) {
      // An empty line before it belongs to the reply, too.
      while (isEmpty(lines.at(-1))) lines.pop();
      if (lines.at(-1)?.kind !== 'happened') fail('is indented, and no reply is before it');
      continue;
    }
    lines.push(parseLine(text, fail));
  }
  return lines;
}

function isEmpty(line: Line | undefined): boolean {
  return line?.kind === 'aside' && line.text === '';
}

function parseLine(text: string, fail: (problem: string) => never): Line {
  const content = text.slice(2);
  if (text === '' || text.startsWith('#')) return { kind: 'aside', text };
  if (text === '<') return { kind: 'happened' };
  if (content.trim() === '' || text[1] !== ' ') return fail('begins with none of > < @ = ! and #');
  switch (text[0]) {
    case '>':
      return { kind: 'message', text, message: messageIn(content, fail) };
    case '@':
      return { kind: 'time', text, span: spanIn(content, fail) };
    case '=':
      return { kind: 'state', path: content };
    case '<':
    case '!':
      return { kind: 'happened' };
    default:
      return fail('begins with none of > < @ = ! and #');
  }
}

function spanIn(content: string, fail: (problem: string) => never): Duration {
  const [, days, hours, minutes, seconds] =
    /^\+(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(content) ??
    fail('should name a time like +1h30m');
  const amount = (figures: string | undefined): number => Number(figures ?? 0);
  return {
    days: amount(days),
    hours: amount(hours),
    minutes: amount(minutes),
    seconds: amount(seconds),
  };
}

/** What a user sends: a text, or in brackets a message of another kind with what belongs to it. */
function messageIn(content: string, fail: (problem: string) => never): Incoming {
  const [, kind, rest = ''] = /^\[(\w+)(?: (.+))?\]$/.exec(content) ?? [];
  switch (kind) {
    case undefined:
      return content;
    case 'button':
      return { type: 'message.action', value: rest };
    case 'image':
      return { type: 'message.image', mediaId: rest || 'image' };
    case 'voice':
      return { type: 'message.voice', ...(rest !== '' && { transcript: rest }) };
    case 'video':
    case 'unknown':
      return { type: `message.${kind}` };
    case 'file':
      return { type: 'message.file', name: rest };
    case 'link':
      return { type: 'message.link', url: rest };
    case 'location': {
      const [, latitude, longitude, label] =
        /^(-?[\d.]+),(-?[\d.]+)(?: (.+))?$/.exec(rest) ??
        fail('should name a place like 31.2,121.5');
      return {
        type: 'message.location',
        latitude: Number(latitude),
        longitude: Number(longitude),
        ...(label !== undefined && { label }),
      };
    }
    case 'follow':
    case 'unfollow':
    case 'scan':
    case 'enter':
    case 'leave':
    case 'menu':
      return { type: `event.${kind}`, ...(rest !== '' && { key: rest }) };
    default:
      return fail('has a kind of message that is not known');
  }
}
