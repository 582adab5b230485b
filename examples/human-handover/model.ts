import type { Candidate, Recognizer } from 'colloquy';

/** What a model would have learnt to find in a message, and under which name. */
const LEARNT: readonly (readonly [phrase: RegExp, name: string, value: string])[] = [
  [/\bkettle\b|水壶/iu, 'device', 'kettle'],
  [/\btoaster\b|面包机/iu, 'device', 'toaster'],
  [/\bsmok(?:e|es|ing)\b|冒烟/iu, 'problem', 'It smokes.'],
  [/\bleak(?:s|ing)?\b|漏水/iu, 'problem', 'It leaks.'],
];

/** A stand-in for a language model. Yours would send `message.text`, `takes` and `question` to a server. */
export const askModel: Recognizer = async (message, { takes }) => {
  if (message.type !== 'message.text') return [];
  const { text } = message;
  const found = LEARNT.filter(([phrase]) => phrase.test(text));
  const values = Object.fromEntries(found.map(([, name, value]) => [name, value]));
  const days = /(\d+) ?(?:days|天)/u.exec(text)?.[1];
  if (days !== undefined) values['days'] = days;
  const candidates: Candidate[] = [];
  if (Object.keys(values).length > 0) candidates.push({ intent: 'report', score: 0.8, values });
  if (/\b(?:person|human|somebody)\b|真人/iu.test(text)) candidates.push({ intent: 'human' });
  return candidates.filter(({ intent }) => takes.includes(intent));
};
