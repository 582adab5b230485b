import { UsageError } from '../../errors.ts';
import { CONFIG, type CommandCall, type CliCommand, type ExitCode } from '../command.ts';
import { complain, paintFor, print, printJson } from '../host.ts';
import { tryToWrite, writeOutput } from '../output-files.ts';
import { isFine, playFiles } from '../play/player.ts';
import { toJunit, toLines } from '../play/report.ts';
import { nextChange } from '../play/watch.ts';
import { openConfig } from '../subject.ts';
import { transcriptsOf } from '../transcript-files.ts';

export const test: CliCommand = {
  usage: 'test [transcripts…]',
  does: 'Plays transcripts, and says where they go another way',
  more: [
    'Transcripts are files, folders or patterns; without any, those that the config names, or all .chat files from here.',
    'The dialogue of a transcript is the one that a line of it names (`# dialogue: ./survey.ts`), or that of --dialogue,',
    'or that of the config.',
  ],
  options: {
    dialogue: { value: 'file', short: 'd', does: 'the dialogue of transcripts that name none' },
    config: CONFIG,
    update: { short: 'u', does: 'write over the transcripts what happens now' },
    watch: { short: 'w', does: 'play them again whenever a file changes, until Ctrl-C' },
    name: { value: 'part', short: 't', does: 'play only those whose path has this in it' },
    bail: { does: 'stop at the first that fails' },
    junit: { value: 'file', does: 'write a report for CI servers' },
  },
  takes: [0, Number.POSITIVE_INFINITY],
  run: async (call) => (call.flag('watch') ? watching(call) : playing(call)),
};

async function playing(call: CommandCall): Promise<ExitCode> {
  const { host } = call;
  const [dialogue, config] = [call.text('dialogue'), call.text('config')];
  const paths = await transcriptsOf(host, call.names, await openConfig(host, config));
  const played = await playFiles(host, paths, {
    dialogue,
    config,
    isUpdate: call.flag('update'),
    name: call.text('name'),
    bails: call.flag('bail'),
  });
  const passed = played.every(isFine);
  if (call.json) printJson(host, { passed, transcripts: played });
  else print(host, toLines(played, paintFor(host, host.stdout)));
  const junit = call.text('junit');
  const isWritten = await tryToWrite(host, async () => {
    if (junit !== undefined) await writeOutput(host, { name: junit, text: toJunit(played) });
  });
  if (!isWritten || played.some(({ outcome }) => outcome === 'unwritable')) return 2;
  return passed ? 0 : 1;
}

/** Each time in a new process, since a process reads an imported file only once. */
async function watching(call: CommandCall): Promise<ExitCode> {
  const { host, args } = call;
  if (call.flag('update')) {
    throw new UsageError('bad_arguments', '--watch and --update together would write in circles.');
  }
  const rest = args.filter((arg) => arg !== '--watch' && arg !== '-w');
  for (;;) {
    // Before it runs: a change meanwhile is one, too.
    const changed = nextChange(host.cwd);
    await host.again(['test', ...rest]);
    complain(host, 'waiting for a change');
    const name = await changed;
    // A terminal shows the last run only: it goes to its corner and erases what is there.
    if (host.stderr.isTTY === true) host.stderr.write('\u001b[H\u001b[2J\u001b[3J');
    complain(host, `${name} has changed`);
  }
}
