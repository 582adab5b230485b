import { escapeMarkup } from '../../testing/coverage/html.ts';
import { type Paint, unpainted } from '../../channels/terminal/paint.ts';
import { formatSpan } from '../../internal/event-words.ts';
import { type PlayedFile, isFine } from './player.ts';

/** One line for each transcript, and below it what is wrong with it. */
export function toLines(played: readonly PlayedFile[], paint: Paint = unpainted): string {
  const lines = played.map(({ file, outcome, line, problem, ms }) => {
    const took = ms < SLOW_MS ? '' : paint('quiet', `  ${formatSpan(ms)}`);
    if (outcome === 'same') return `${paint('good', 'ok')}       ${file}${took}`;
    if (outcome === 'updated') return `${paint('said', 'updated')}  ${file}${took}`;
    const place = line === undefined ? file : `${file}:${line}`;
    const shown = outcome === 'differs' ? `\n${problem}\n` : problem;
    return `${paint('bad', 'failed')}   ${place}${took}\n${indented(colouredDiff(shown ?? '', paint))}`;
  });
  const failed = played.filter((each) => !isFine(each)).length;
  const sum =
    failed === 0
      ? paint('good', `all ${played.length} as written`)
      : paint('bad', `${failed} of ${played.length} failed`);
  return [...lines, '', sum].join('\n');
}

/** Below this, how long a transcript took is no news. */
const SLOW_MS = 1000;

function colouredDiff(text: string, paint: Paint): string {
  return text
    .split('\n')
    .map((line) => {
      if (line.startsWith('- ')) return paint('bad', line);
      return line.startsWith('+ ') ? paint('good', line) : line;
    })
    .join('\n');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
}

/** As CI servers read it (https://github.com/testmoapp/junitxml). */
export function toJunit(played: readonly PlayedFile[]): string {
  const failures = played.filter((each) => !isFine(each)).length;
  const time = seconds(played.reduce((sum, { ms }) => sum + ms, 0));
  const cases = played.map((each) => {
    const { file, ms, line, problem = '', outcome } = each;
    const head = `    <testcase name="${xml(file)}" classname="colloquy" file="${xml(file)}" time="${seconds(ms)}"`;
    if (isFine(each)) return `${head}/>`;
    const message =
      outcome === 'differs' ? `It goes another way at line ${line ?? 'the end'}.` : problem;
    return `${head}>\n      <failure message="${xml(message)}">${xml(problem)}</failure>\n    </testcase>`;
  });
  const counts = `tests="${played.length}" failures="${failures}" time="${time}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="transcripts" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** XML has no way to write most control characters (https://www.w3.org/TR/xml/#charsets). */
function xml(text: string): string {
  // oxlint-disable-next-line eslint/no-control-regex -- these are the ones
  const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu;
  return escapeMarkup(text.toWellFormed().replaceAll(controls, '\ufffd'));
}
