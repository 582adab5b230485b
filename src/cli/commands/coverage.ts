import { createCoverage } from '../../testing/coverage.ts';
import type { CoverageItem } from '../../testing/coverage/items.ts';
import { coverageLines } from '../../testing/coverage/text.ts';
import { CONFIG, type CliCommand } from '../command.ts';
import { complain, paintFor, print, printJson, printLines } from '../host.ts';
import { tryToWrite, writeOutput } from '../output-files.ts';
import { isFine, playFiles } from '../play/player.ts';
import { toLines } from '../play/report.ts';
import { openSubject } from '../subject.ts';
import { THRESHOLD, shortfallOf, thresholdOf } from '../threshold.ts';
import { transcriptsOf } from '../transcript-files.ts';

export const coverage: CliCommand = {
  usage: 'coverage [file] [transcripts…]',
  does: 'Plays transcripts, and says what of a dialogue they walk through',
  more: [
    'Without transcripts, those that the config names, or all .chat files from here.',
    'The states and transitions of the library itself are counted, and not listed unless --internal is given.',
  ],
  options: {
    config: CONFIG,
    threshold: THRESHOLD,
    html: { value: 'file', does: 'write a page on which what is missing is marked' },
    internal: { does: 'also list what the library itself has in a question and was never walked' },
    data: { value: 'file', does: 'write what mergeCoverage() adds up' },
  },
  takes: [0, Number.POSITIVE_INFINITY],
  async run(call) {
    const { host } = call;
    const [first = ''] = call.names;
    // A dialogue is in a module; what else is named first is a transcript.
    const hasFile = /\.[cm]?[jt]sx?$/u.test(first);
    const config = call.text('config');
    const subject = await openSubject(host, hasFile ? first : undefined, { config });
    const threshold = thresholdOf(call.list('threshold'), subject.config.coverage);
    const paths = await transcriptsOf(host, hasFile ? call.names.slice(1) : call.names, subject);
    const recording = createCoverage(subject.dialogue);
    const played = await playFiles(host, paths, { subject });
    recording.stop();
    const failed = played.filter((each) => !isFine(each));
    const shortfall = shortfallOf(recording, threshold);

    if (call.json) {
      printJson(host, {
        dialogue: recording.dialogue,
        passed: failed.length === 0 && shortfall === undefined,
        summary: recording.summary(),
        failed,
      });
    } else {
      if (failed.length > 0) print(host, `${toLines(failed, paintFor(host, host.stdout))}\n`);
      const isListed = ({ isInternal }: CoverageItem): boolean =>
        call.flag('internal') || !isInternal;
      printLines(host, coverageLines(recording.dialogue, recording.summary(), { isListed }));
    }
    if (shortfall !== undefined) complain(host, shortfall);
    const contents = { html: () => recording.toHtml(), data: () => JSON.stringify(recording) };
    let isWritten = true;
    for (const [option, content] of Object.entries(contents)) {
      const name = call.text(option);
      if (name === undefined) continue;
      isWritten =
        (await tryToWrite(host, () => writeOutput(host, { name, text: content() }))) && isWritten;
    }
    if (!isWritten) return 2;
    return failed.length === 0 && shortfall === undefined ? 0 : 1;
  },
};
