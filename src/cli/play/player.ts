import { dirname } from 'node:path';
import { systemClock } from '../../clock.ts';
import { ColloquyError, UsageError } from '../../errors.ts';
import { playTranscript } from '../../testing/transcript-play.ts';
import type { Settings } from '../config.ts';
import type { Host } from '../host.ts';
import { writeOutput } from '../output-files.ts';
import { createProgress } from '../progress.ts';
import { type Subject, openSubject, relativePath } from '../subject.ts';
import { type TranscriptFile, readTranscript } from '../transcript-files.ts';

export interface PlayedFile {
  /** The path, as its reader would write it. */
  readonly file: string;
  readonly outcome: 'same' | 'differs' | 'updated' | 'unreadable' | 'unwritable';
  /** The first line that went differently, or that cannot be read. */
  readonly line?: number | undefined;
  /** What differs, or why it can be neither read nor written. */
  readonly problem?: string;
  readonly ms: number;
}

/** Whether it is as it should be. */
export function isFine({ outcome }: PlayedFile): boolean {
  return outcome === 'same' || outcome === 'updated';
}

export interface PlayOptions {
  /** The dialogue of those that name none. */
  readonly dialogue?: string | undefined;
  readonly config?: string | undefined;
  readonly isUpdate?: boolean;
  /** A part of the name of those that are played. */
  readonly name?: string | undefined;
  /** Whether the first that fails is the last that is played. */
  readonly bails?: boolean;
  /** The only dialogue that they are played with, also where they name another. */
  readonly subject?: Subject;
}

/** Plays transcripts one after the other, each with the dialogue that it belongs to. */
export async function playFiles(
  host: Host,
  paths: readonly string[],
  options: PlayOptions = {},
): Promise<readonly PlayedFile[]> {
  const subjects = new Map<string, Promise<Subject>>();
  const progress = createProgress(host);
  const played: PlayedFile[] = [];
  try {
    const wanted = paths.filter((path) => relativePath(host, path).includes(options.name ?? ''));
    if (wanted.length === 0 && options.name !== undefined) {
      throw new UsageError('bad_arguments', `No transcript has '${options.name}' in its name.`);
    }
    for (const [index, path] of wanted.entries()) {
      const transcript = await readTranscript(host, path);
      progress.say(`${index + 1} of ${wanted.length}: ${transcript.name}`);
      const result = await playOne(host, transcript, subjects, options);
      played.push(result);
      if (options.bails === true && !isFine(result)) break;
    }
  } finally {
    progress.end();
  }
  return played;
}

async function playOne(
  host: Host,
  transcript: TranscriptFile,
  subjects: Map<string, Promise<Subject>>,
  options: PlayOptions,
): Promise<PlayedFile> {
  const subject = options.subject ?? (await subjectOf(host, transcript, subjects, options));
  const begunAt = systemClock.now();
  const result = await play(host, transcript, subject, options.isUpdate === true);
  return { file: transcript.name, ...result, ms: systemClock.now() - begunAt };
}

async function subjectOf(
  host: Host,
  transcript: TranscriptFile,
  subjects: Map<string, Promise<Subject>>,
  { dialogue, config }: PlayOptions,
): Promise<Subject> {
  const file = transcript.dialogue ?? dialogue;
  const from = dirname(transcript.path);
  const key = file ?? from;
  const known = subjects.get(key);
  if (known !== undefined) return known;
  const subject = openSubject(host, file, { config, from });
  subjects.set(key, subject);
  return subject;
}

async function play(
  host: Host,
  { name, path, text }: TranscriptFile,
  subject: Subject,
  isUpdate: boolean,
): Promise<Omit<PlayedFile, 'file' | 'ms'>> {
  try {
    const settings = settingsFor(subject, path);
    const played = await playTranscript(text, subject.dialogue, settings);
    if (played.same) return { outcome: 'same' };
    if (!isUpdate) return { outcome: 'differs', line: played.line, problem: played.diff };
    await writeOutput(host, { name, text: played.text });
    return { outcome: 'updated' };
  } catch (error) {
    if (ColloquyError.is(error, 'bad_file'))
      return { outcome: 'unwritable', problem: error.message };
    if (!ColloquyError.is(error, 'bad_transcript')) throw error;
    return {
      outcome: 'unreadable',
      line: error.details['line'] as number,
      problem: error.message,
    };
  }
}

/** What `converse()` is to take for a transcript. */
export function settingsFor({ config }: Subject, transcript: string): Settings {
  const { converse = {} } = config;
  return typeof converse === 'function' ? converse(transcript) : converse;
}
