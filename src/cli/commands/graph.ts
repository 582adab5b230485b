import { join, resolve } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { type MermaidMarks, mermaidOf } from '../../dialogue/diagram.ts';
import { UsageError } from '../../errors.ts';
import { playTranscript } from '../../testing/transcript-play.ts';
import type { StyledLine } from '../../testing/styled-line.ts';
import { stateKey, transitionKey } from '../../testing/coverage/items.ts';
import { CONFIG, type CliCommand } from '../command.ts';
import { chartsOf, joined } from '../../graph/chart.ts';
import { layOut } from '../../graph/layout.ts';
import { toSvg } from '../../graph/svg.ts';
import { type ChartWalk, type OneBox, isAsking, isAskingOrForm, walkOf } from '../../graph/walk.ts';
import { type Host, printJson, printLines } from '../host.ts';
import { type OutputFile, tryToWrite, writeFolder, writeOutput } from '../output-files.ts';
import { settingsFor } from '../play/player.ts';
import type { Subject } from '../subject.ts';
import { readTranscript } from '../transcript-files.ts';

export const graph: CliCommand = {
  usage: 'graph [file]',
  does: 'Draws a dialogue, as Mermaid or as a picture',
  more: [
    'A picture has the sub-dialogues, too, and is laid out by elkjs, which has to be installed.',
    'The steps of a transcript are numbered along their way.',
  ],
  options: {
    format: {
      value: 'mermaid|svg',
      short: 'f',
      does: 'what to draw (default mermaid, or as --out ends)',
    },
    out: { value: 'file', short: 'o', does: 'write it to a file, or with --split into a folder' },
    split: { does: 'write a file for each sub-dialogue, into the folder of --out' },
    expand: { does: 'draw the inside of forms in the picture' },
    dark: { does: 'draw the picture on a dark ground' },
    transcript: { value: 'file', short: 't', does: 'mark the way that a conversation takes' },
    config: CONFIG,
  },
  takes: [0, 1],
  async run(call) {
    const { host } = call;
    const out = call.text('out');
    const format = call.text('format') ?? (out?.endsWith('.svg') ? 'svg' : 'mermaid');
    if (format !== 'svg' && format !== 'mermaid') {
      throw new UsageError('bad_arguments', `--format is mermaid or svg, not '${format}'.`);
    }
    const isSplit = call.flag('split');
    if (isSplit && out === undefined) {
      throw new UsageError(
        'bad_arguments',
        '--split writes a file for each dialogue: name their folder by --out.',
      );
    }
    const subject = await call.subject();
    // A diagram in Mermaid has the inside of forms, too.
    const isOneBox = format === 'svg' && !call.flag('expand') ? isAskingOrForm : isAsking;
    const walk = await walkAlong(host, subject, { transcript: call.text('transcript'), isOneBox });
    const drawing = { walk, isOneBox, isDark: call.flag('dark') };
    const { id } = subject.dialogue;
    if (isSplit) {
      const folder = out ?? '';
      const files = await drawEach(subject, format, drawing);
      if (call.json) {
        const listed = files.map(({ dialogue, name, text }) => {
          return { dialogue, file: join(folder, name), text };
        });
        printJson(host, { dialogue: id, format, files: listed });
      }
      return (await tryToWrite(host, () => writeFolder(host, folder, files))) ? 0 : 2;
    }
    const text =
      format === 'svg' ? await picture(subject, drawing) : diagram(subject.dialogue, walk);
    if (call.json) printJson(host, { dialogue: id, format, text });
    else if (out === undefined) printLines(host, walkedLines(text, format));
    if (out === undefined) return 0;
    return (await tryToWrite(host, () => writeOutput(host, { name: out, text }))) ? 0 : 2;
  },
};

type Format = 'mermaid' | 'svg';

interface Drawing {
  readonly walk: ChartWalk | undefined;
  readonly isOneBox: OneBox;
  readonly isDark: boolean;
}

/** A diagram whose walked states and ways stand out on a terminal. */
function walkedLines(text: string, format: Format): readonly StyledLine[] {
  if (format === 'svg') return [{ text }];
  return text.split('\n').map((line) => {
    const isWalked = /"● |\(\d+(?:, \d+)*\)(?: \/|$)/u.test(line);
    return isWalked ? { text: line, style: 'good' } : { text: line };
  });
}

async function picture(
  { dialogue }: Subject,
  { walk, isOneBox, isDark }: Drawing,
): Promise<string> {
  const chart = joined(chartsOf(dialogue, walk, isOneBox));
  return toSvg(chart, await layOut(chart), { title: dialogue.id, dark: isDark });
}

/** A file for the dialogue, and one for each of its sub-dialogues. */
async function drawEach(
  { dialogue }: Subject,
  format: Format,
  { walk, isOneBox, isDark }: Drawing,
): Promise<readonly (OutputFile & { readonly dialogue: string })[]> {
  const fileOf = (name: string): string => `${name}.${format === 'svg' ? 'svg' : 'mmd'}`;
  const files = [];
  for (const chart of chartsOf(dialogue, walk, isOneBox)) {
    const { id } = chart.dialogue;
    const options = { title: id, dark: isDark, linkTo: fileOf };
    const text =
      format === 'svg' ? toSvg(chart, await layOut(chart), options) : diagram(chart.dialogue, walk);
    files.push({ dialogue: id, name: fileOf(chart.name), text });
  }
  return files;
}

function diagram(dialogue: AnyStateMachine, walk: ChartWalk | undefined): string {
  const marks: MermaidMarks | undefined = walk && {
    isWalked: (state) => walk.states.has(stateKey(state)),
    stepsOf: (transition) => walk.steps.get(transitionKey(transition)) ?? [],
  };
  return `${mermaidOf(dialogue, marks)}\n`;
}

async function walkAlong(
  host: Host,
  subject: Subject,
  { transcript, isOneBox }: { readonly transcript: string | undefined; readonly isOneBox: OneBox },
): Promise<ChartWalk | undefined> {
  if (transcript === undefined) return undefined;
  const path = resolve(host.cwd, transcript);
  const { text } = await readTranscript(host, path);
  // Where it goes another way than is written, that is the way.
  const talk = (): Promise<unknown> =>
    playTranscript(text, subject.dialogue, settingsFor(subject, path));
  return walkOf(subject.dialogue, talk, isOneBox);
}
