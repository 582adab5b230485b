import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { ModelFailureReason } from '../../model/failure.ts';
import type { ModelResponse } from '../../model/model.ts';
import { type PromptedRequest, hashOf } from './request-parts.ts';

/** A call that was recorded: one line of the file. */
export interface RecordedCall {
  readonly request: PromptedRequest;
  /** What the model answered. */
  readonly response?: ModelResponse;
  /** The parts of its text, if it was streamed. */
  readonly parts?: readonly string[];
  /** Why it gave no answer. */
  readonly failure?: { readonly reason: ModelFailureReason; readonly status?: number };
}

export interface RecordedLine extends RecordedCall {
  /** In the file, from 1. */
  readonly line: number;
  readonly hash: string;
}

export interface CassetteContent {
  /** The name of the model that was recorded. */
  readonly model: string;
  readonly lines: readonly RecordedLine[];
}

/** The version of the form of a file. */
const VERSION = 1;

/** Begins a file, over one that was there. */
export function beginFile(path: string, model: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ cassette: VERSION, model })}\n`);
}

export function appendCall(path: string, call: RecordedCall): void {
  appendFileSync(path, `${JSON.stringify({ hash: hashOf(call.request), ...call })}\n`);
}

/** @throws UsageError `bad_file` */
export function readFile(path: string): CassetteContent {
  if (!existsSync(path)) {
    throw new UsageError(
      'bad_file',
      `There is no cassette ${path}. Record it once, with mode: 'record' and a model, where CI is not set.`,
    );
  }
  const texts = readFileSync(path, 'utf8').split('\n');
  const head = parsedLine(path, texts[0] ?? '', 1);
  const { cassette: version, model } = head as { cassette?: unknown; model?: unknown };
  if (version !== VERSION || typeof model !== 'string') {
    throw new UsageError('bad_file', `${path} is no cassette of this version of Colloquy.`);
  }
  const lines = texts.flatMap((text, index): readonly RecordedLine[] => {
    if (index === 0 || text.trim() === '') return [];
    const call = parsedLine(path, text, index + 1) as RecordedCall;
    // A line that was edited by hand is found by what it says.
    return [{ ...call, line: index + 1, hash: hashOf(call.request) }];
  });
  return { model, lines };
}

function parsedLine(path: string, text: string, line: number): object {
  try {
    const value = JSON.parse(text) as { request?: unknown } | null;
    if (typeof value === 'object' && value !== null) {
      if (line === 1 || typeof value.request === 'object') return value;
    }
  } catch {
    // As below.
  }
  throw new UsageError('bad_file', `Line ${line} of the cassette ${path} cannot be read.`, {
    details: { line },
  });
}
