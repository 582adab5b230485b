import { GrowingBytes } from './growing-bytes.ts';

const LINE_FEED = 0x0a;

/**
 * The data of each event of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). Comments, by which
 * servers keep a connection open, and fields other than `data` are left out.
 */
export async function* dataOf(
  parts: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  let lines: string[] = [];
  for await (const line of linesOf(parts)) {
    if (line === '') {
      if (lines.length > 0) yield lines.join('\n');
      lines = [];
    } else if (line.startsWith('data:')) {
      lines.push(line.slice(line.startsWith('data: ') ? 6 : 5));
    }
  }
  // The last event of some servers has no empty line behind it.
  if (lines.length > 0) yield lines.join('\n');
}

async function* linesOf(parts: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const line = new GrowingBytes();
  for await (const part of parts) {
    let from = 0;
    for (let at = part.indexOf(LINE_FEED); at >= 0; at = part.indexOf(LINE_FEED, from)) {
      line.add(part.subarray(from, at));
      from = at + 1;
      yield withoutReturn(line.take());
    }
    line.add(part.subarray(from));
  }
  yield withoutReturn(line.take());
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
