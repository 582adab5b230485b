import { escapeMarkup } from '../../testing/coverage/html.ts';
import type { PlayedFile } from './player.ts';

/** Whether it is as it should be. */
export function isFine({ outcome }: PlayedFile): boolean {
  return outcome === 'same' || outcome === 'updated';
}

/** One line for each transcript, and below it what is wrong with it. */
export function toLines(played: readonly PlayedFile[]): string {
  const lines = played.map(({ file, outcome, line, problem }) => {
    if (outcome === 'same') return `ok       ${file}`;
    if (outcome === 'updated') return `updated  ${file}`;
    const place = line === undefined ? file : `${file}:${line}`;
    const shown = outcome === 'unreadable' ? problem : `\n${problem}\n`;
    return `failed   ${place}\n${indented(shown ?? '')}`;
  });
  const failed = played.filter((each) => !isFine(each)).length;
  const sum =
    failed === 0 ? `all ${played.length} as written` : `${failed} of ${played.length} failed`;
  return [...lines, '', sum].join('\n');
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
      outcome === 'unreadable' ? problem : `It goes another way at line ${line ?? 'the end'}.`;
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
