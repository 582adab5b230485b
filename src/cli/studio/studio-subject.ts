import { basename, dirname, relative, sep } from 'node:path';
import { boxFinder } from '../../graph/box-ids.ts';
import { SHOWN_AS_ONE_BOX, drawingsOf } from '../../graph/drawings.ts';
import { describeDialogues } from '../../dialogue/engine/description.ts';
import { exampleDialogue } from '../../studio/session/example-dialogue.ts';
import type { SessionSubject } from '../../studio/session/session.ts';
import type { DialogueLook } from '../../studio/session/studio-desk.ts';
import type { FindingMark } from '../../studio/wire.ts';
import { lintDialogue } from '../../testing/lint.ts';
import { readSources } from '../findings/places.ts';
import type { Host } from '../host.ts';
import { settingsFor } from '../play/player.ts';
import { type Subject, openConfig, openSubject, relativePath } from '../subject.ts';

/** What Studio shows: the dialogue of a file or of a config, else an example. */
export interface StudioSubject {
  readonly session: SessionSubject;
  /** Undefined for the example. */
  readonly subject: Subject | undefined;
}

/** @throws UsageError as `openSubject` does, where a file or a config is named */
export async function openStudioSubject(
  host: Host,
  file: string | undefined,
  config: string | undefined,
): Promise<StudioSubject> {
  const isNamed = file !== undefined || config !== undefined;
  if (!isNamed && (await openConfig(host, undefined)).config.dialogue === undefined) {
    const explore = { services: { findTable: ['table 3', undefined] } };
    return { session: { dialogue: exampleDialogue, settings: {}, explore }, subject: undefined };
  }
  const subject = await openSubject(host, file, { config });
  return { session: sessionOf(host, subject), subject };
}

function sessionOf(host: Host, subject: Subject): SessionSubject {
  const { dialogue, path, configPath, config } = subject;
  const near = configPath === undefined ? undefined : relative(dirname(path), configPath);
  return {
    dialogue,
    file: relativePath(host, path),
    module: `./${basename(path)}`,
    configFile: near?.split(sep).join('/'),
    isInConfig: path === configPath,
    settings: settingsFor(subject, ''),
    explore: config.explore,
  };
}

/** Shows what takes time to find out: the charts, and then what lint finds. A page that opens meanwhile is answered. */
export async function lookAtDialogue(
  host: Host,
  { session: { dialogue }, subject }: StudioSubject,
  show: (look: DialogueLook) => void,
): Promise<void> {
  const drawings = await drawingsOf(dialogue);
  show({ ...drawings, findings: [] });
  const findings = await findingsOf(host, dialogue, subject);
  if (findings.length > 0) show({ ...drawings, findings });
}

async function findingsOf(
  host: Host,
  dialogue: SessionSubject['dialogue'],
  subject: Subject | undefined,
): Promise<readonly FindingMark[]> {
  const found = lintDialogue(dialogue, subject?.config.lint ?? {});
  if (found.length === 0) return [];
  const boxOf = boxFinder(dialogue, SHOWN_AS_ONE_BOX);
  const states = describeDialogues(dialogue).flatMap((each) => each.states);
  const placeOf = subject && (await readSources(subject.path));
  return found.map(({ rule, severity, message, remedy, dialogue: id, path }) => {
    const state = states.find((each) => each.dialogue === id && each.path === path);
    const box = state && boxOf(state);
    const place = placeOf?.(id, path);
    return {
      rule,
      severity,
      text: `${message} ${remedy}`,
      ...(box !== undefined && { box }),
      ...(place && { file: relativePath(host, place.path) }),
      ...(place?.line !== undefined && { line: place.line }),
    };
  });
}
