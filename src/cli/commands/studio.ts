import { ColloquyError, UsageError } from '../../errors.ts';
import { withCauses } from '../../internal/causes.ts';
import { reload } from '../../studio/session/reloading.ts';
import { StudioDesk } from '../../studio/session/studio-desk.ts';
import { CONFIG, type CliCommand, type CommandCall } from '../command.ts';
import type { FreshModules } from '../fresh-modules.ts';
import { type Host, complain, print, printJson } from '../host.ts';
import { toPort } from '../local-server.ts';
import { FileWatch } from '../studio/file-watch.ts';
import { serveDesk } from '../studio/studio-server.ts';
import { type StudioSubject, lookAtDialogue, openStudioSubject } from '../studio/studio-subject.ts';

export const studio: CliCommand = {
  usage: 'studio [file]',
  does: 'Shows a dialogue in the browser: talk with it, watch it, take it apart',
  more: [
    'Time stands still until you set it forward. Services are the stubs of the config, until you set them to something else.',
    'A saved file is loaded again, and the conversations go on. Without a file and a config it shows an example.',
    'The page is for this machine alone: it opens by the address that is printed, with its token.',
  ],
  options: {
    config: CONFIG,
    port: { value: 'number', does: 'the port of the page (default: a free one)' },
  },
  takes: [0, 1],
  async run(call) {
    const port = toPort(call.text('port') ?? '0');
    const { host } = call;
    const modules = host.fresh?.();
    const loading: Host = modules === undefined ? host : { ...host, load: modules.load };
    const open = (): Promise<StudioSubject> =>
      openStudioSubject(loading, call.names[0], call.text('config'));
    const first = await open();
    const desk = new StudioDesk(first.session);
    const server = await serveDesk(desk, port);
    const watched = watchSubject(host, { desk, modules, open });
    try {
      tell(call, first, server.url);
      watched.look(first);
      await host.stopped();
    } finally {
      watched.close();
      await desk.close();
      await server.close();
    }
    return 0;
  },
};

function tell({ host, json }: CommandCall, { session, subject }: StudioSubject, url: string): void {
  const { id } = session.dialogue;
  if (json) return printJson(host, { dialogue: id, url, isExample: subject === undefined });
  print(host, `${id} is at ${url}`);
  if (subject === undefined) {
    print(host, 'It is an example. `colloquy studio dialogue.ts` shows a dialogue of yours.');
  }
  print(host, 'Ctrl-C ends.');
}

interface WatchedSubject {
  readonly desk: StudioDesk;
  /** Undefined where files are loaded once. */
  readonly modules: FreshModules | undefined;
  open(): Promise<StudioSubject>;
}

/** Loads the dialogue again whenever one of its files was saved. One that is broken leaves the former one running. */
function watchSubject(
  host: Host,
  { desk, modules, open }: WatchedSubject,
): { look(subject: StudioSubject): void; close(): void } {
  /** Of the last dialogue that loaded, too: where one does not load, not all of its files are known. */
  let files: ReadonlySet<string> = new Set();
  let looks = 0;
  let loading = Promise.resolve();
  const look = (subject: StudioSubject): void => {
    looks += 1;
    const number = looks;
    lookAtDialogue(host, subject, (found) => {
      // Another version may have come meanwhile.
      if (number === looks) desk.show(found);
    }).catch((error: unknown) => complain(host, withCauses(error)));
  };
  const again = async (): Promise<void> => {
    if (modules === undefined) return;
    modules.renew();
    try {
      const next = await open();
      files = modules.files;
      desk.reloaded(await reload(desk.session, next.session));
      look(next);
    } catch (error) {
      const problem = problemOf(error);
      complain(host, problem.text);
      desk.tell(problem);
      files = new Set([...files, ...modules.files]);
    }
    watch.watch(files);
  };
  const watch = new FileWatch(() => {
    loading = loading.then(again);
  });
  return {
    look(subject) {
      look(subject);
      files = modules?.files ?? files;
      // The example has no file to be changed.
      if (subject.subject !== undefined) watch.watch(files);
    },
    close: () => watch.close(),
  };
}

function problemOf(error: unknown): { readonly code: string; readonly text: string } {
  if (error instanceof UsageError) return { code: error.code, text: error.message };
  const code = ColloquyError.is(error) ? error.code : 'unexpected';
  return { code, text: withCauses(error) };
}
