import type { AnyStateMachine } from 'xstate';
import { describeDialogues } from '../../dialogue/engine/description.ts';
import { createEngine } from '../../dialogue/engine/engine.ts';
import { openRecord } from '../../context/record/envelope.ts';
import { inspectRecord } from '../../context/record/inspect.ts';
import { jsonCodec } from '../../context/record/json-codec.ts';
import { isAsking } from '../../graph/walk.ts';
import { formatState } from '../../testing/converse-state.ts';
import { playTranscript } from '../../testing/transcript-play.ts';
import type { Transcript } from '../../testing/transcript.ts';
import { formatTranscript } from '../../testing/transcript-format.ts';
import type { StudioAnswers, StudioRequests } from '../wire-requests.ts';
import { badRequest } from './acts.ts';
import { codeOf, stringCode } from './code-text.ts';
import type { StudioSession } from './session.ts';
import { type Recorded, testHeadOf, testText } from './test-text.ts';
import { linesOfUser, withServices, withWholeTimes } from './transcript-text.ts';

type Saved = StudioAnswers['save'];
type About = Omit<StudioRequests['save'], 'as'>;

/** The conversation as a transcript, which `colloquy test` plays. */
export async function asChat(session: StudioSession, about: About): Promise<Saved> {
  const { subject } = session;
  const { text: body, main } = recordedOf(session, about);
  const head = `# dialogue: ${subject.module ?? './dialogue.ts'}\n`;
  const settings = { ...subject.settings, openid: main };
  const { same, line } = await playTranscript(body, subject.dialogue, settings as never);
  const remark = same
    ? ''
    : `# ${OTHERWISE} From line ${(line ?? 0) + 2} on, it goes another way.\n`;
  return { name: `${subject.dialogue.id}.chat`, text: `${head}${remark}${body}` };
}

const OTHERWISE =
  'It does not play as it is written: a file has no words for an edited context, a timer before its time, a broken persister, or another version.';

/** The conversation as a test file for vitest. */
export async function asTest(session: StudioSession, about: About): Promise<Saved> {
  const { subject } = session;
  const recorded = recordedOf(session, about);
  const { text, transcript } = await testText(subject, recorded);
  const isSame = saidIn(transcript) === saidIn(formatTranscript(recorded.lines));
  const remark = isSame
    ? ''
    : `// ${OTHERWISE}\n// What it expects is what happens when it is run.\n`;
  return { name: `${subject.dialogue.id}.test.ts`, text: `${remark}${text}` };
}

/** What was said and happened, without times and remarks. */
function saidIn(transcript: string): string {
  return transcript
    .split('\n')
    .filter((line) => !/^(?:[@#~]|$)/u.test(line))
    .join('\n');
}

/** Code that begins a test where the conversation of a user stands. */
export async function asSeed(session: StudioSession, { openid, turn }: About): Promise<Saved> {
  const { subject, main } = session;
  const user = openid ?? main;
  const moment = turn === undefined ? session.world.state : session.momentAt(turn);
  const stored = moment.records.get(user);
  const { settings, dialogue } = subject;
  const found =
    stored &&
    inspectRecord(openRecord(stored, settings.store?.codec ?? jsonCodec), createEngine(dialogue));
  if (found?.dialogue === undefined) {
    throw badRequest('This user has no conversation that a test could begin in.');
  }
  const { context } = found;
  const state = withoutInside(formatState(found.dialogue, dialogue), dialogue);
  const now = new Date(moment.at).toISOString();
  const code = codeOf(context);
  const hasInner = Object.values(found.dialogue.children).some(
    (child) => Object.keys(child.context).length > 0,
  );
  const lines = [
    "import { converse } from 'colloquy/testing';",
    ...testHeadOf({ ...subject, configFile: undefined, isInConfig: false }),
    '',
    `const chat = converse(dialogue, { now: Date.parse(${stringCode(now)}) });`,
    ...(hasInner ? ['// Sub-dialogues begin with the context that their input makes.'] : []),
    `await chat.seed(${stringCode(state)}, ${code ?? '{}'});`,
  ];
  return { name: `${dialogue.id}.seed.ts`, text: `${lines.join('\n')}\n` };
}

/** A path up to the question that it is inside of: a test begins where that is asked. */
function withoutInside(state: string, dialogue: AnyStateMachine): string {
  const questions = new Set(
    describeDialogues(dialogue).flatMap(({ states }) =>
      states.filter(isAsking).map(({ path }) => path),
    ),
  );
  const cut = (path: string): string => {
    const keys = path.split('.');
    const heads = keys.map((_key, index) => keys.slice(0, index + 1).join('.'));
    return heads.find((head) => questions.has(head)) ?? path;
  };
  return state.replaceAll(/[^,>\s]+/gu, cut);
}

/** What there is to write down: of one user or of all, up to a turn or to now. */
function recordedOf(session: StudioSession, { openid, turn }: About): Recorded & { text: string } {
  const moment = turn === undefined ? undefined : session.momentAt(turn);
  const recorded = moment === undefined ? session.world.recorder.state : moment.recorded;
  const lines: Transcript = recorded?.lines ?? [];
  const { main } = session;
  const known = new Set(lines);
  const calls = session.calls.services.filter(
    (call) =>
      (call.line === undefined || known.has(call.line)) &&
      (openid === undefined || call.openid === openid),
  );
  const of = (all: Transcript): Transcript =>
    withWholeTimes(openid === undefined ? all : linesOfUser(all, openid, main));
  const text = formatTranscript(of(withServices(lines, calls)));
  return { lines: of(lines), calls, main: openid ?? main, text };
}
