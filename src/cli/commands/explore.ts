import { relative, resolve } from 'node:path';
import { explore as exploreDialogue } from '../../testing/explore.ts';
import { explorationLines } from '../../testing/explore/exploration-lines.ts';
import { given } from '../../internal/given.ts';
import { CONFIG, type CliCommand } from '../command.ts';
import { complain, printJson, printLines } from '../host.ts';
import { type OutputFile, tryToWrite, writeFolder } from '../output-files.ts';
import { createProgress } from '../progress.ts';
import { THRESHOLD, shortfallOf, thresholdOf } from '../threshold.ts';

export const exploreCommand: CliCommand = {
  usage: 'explore [file]',
  does: 'Talks with a dialogue in every way that it has, and says what it found',
  more: [
    'A failure is a turn that threw, a message that got no reply, or a place without a way out.',
    'What it cannot guess the config tells it: `explore: { samples, services }`.',
  ],
  options: {
    config: CONFIG,
    threshold: THRESHOLD,
    budget: { value: 'steps', does: 'the most steps that are tried (default 10000)' },
    depth: { value: 'steps', does: 'the longest conversation (default 60)' },
    seed: { value: 'number', does: 'the order in which answers are tried (default 1)' },
    out: { value: 'folder', does: 'write each conversation that was found to a transcript' },
  },
  takes: [0, 1],
  async run(call) {
    const { host } = call;
    const subject = await call.subject();
    const threshold = thresholdOf(call.list('threshold'));
    const [budget, maxDepth, seed] = ['budget', 'depth', 'seed'].map((name) => call.count(name));
    const progress = createProgress(host);
    progress.say(`exploring ${subject.dialogue.id} …`);
    const exploration = await exploreDialogue(subject.dialogue, {
      ...subject.config.explore,
      ...given({ budget, maxDepth, seed }),
      onProgress: (at) => {
        subject.config.explore?.onProgress?.(at);
        progress.say(
          `exploring ${subject.dialogue.id}: ${at.steps} of ${at.budget} steps, ${at.reached} of ${at.places} places …`,
        );
      },
    }).finally(() => progress.end());
    const { coverage, conversations, unreached, failures, needs, steps } = exploration;
    const shortfall = shortfallOf(coverage, threshold);
    if (call.json) {
      printJson(host, {
        dialogue: coverage.dialogue,
        steps,
        needs,
        summary: coverage.summary(),
        conversations: conversations.map(({ transcript }) => transcript),
        unreached,
        failures: failures.map(({ kind, message, transcript }) => ({ kind, message, transcript })),
      });
    } else printLines(host, explorationLines(exploration));
    if (shortfall !== undefined) complain(host, shortfall);
    const out = call.text('out');
    if (out !== undefined) {
      const files = foundFiles(resolve(host.cwd, out), subject.path, conversations);
      if (!(await tryToWrite(host, () => writeFolder(host, out, files)))) return 2;
    }
    return failures.length === 0 && shortfall === undefined ? 0 : 1;
  },
};

/** A transcript for each conversation that was found. */
function foundFiles(
  folder: string,
  dialogue: string,
  conversations: readonly { readonly transcript: string }[],
): readonly OutputFile[] {
  const near = relative(folder, dialogue).replaceAll('\\', '/');
  const head = `# dialogue: ${near.startsWith('.') ? near : `./${near}`}\n`;
  const width = String(conversations.length).length;
  return conversations.map(({ transcript }, index) => ({
    name: `found-${String(index + 1).padStart(width, '0')}.chat`,
    text: head + transcript,
  }));
}
