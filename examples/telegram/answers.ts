import { z } from 'zod';

/** The answers of one round. */
export interface Answers {
  age?: number;
  grade?: number;
  place?: 'office' | 'home' | 'both';
  travel?: 'car' | 'train' | 'bike';
  wouldSwitch?: boolean;
  rating?: number;
  minutes?: number;
  email?: string;
}

export const KEYS = [
  'age',
  'grade',
  'place',
  'travel',
  'wouldSwitch',
  'rating',
  'minutes',
  'email',
] as const satisfies readonly (keyof Answers)[];

/** The user reads the objection of the schema. */
const wholeNumber = z.coerce.number('A number, please.').int('A whole number, please.');
export const age = wholeNumber.min(6, 'From 6 on.').max(120, 'Really?');
export const minutes = wholeNumber.min(1, 'That would be quick.').max(300, 'Up to 300 minutes.');
export const outOfTen = wholeNumber.min(1, 'From 1 to 10.').max(10, 'From 1 to 10.');
export const grade = wholeNumber.min(1, 'From 1 to 13.').max(13, 'From 1 to 13.');
export const email = z.email('That is no email address. Or say “skip”.');

/** The answers in words, without those of branches that the user did not take. */
export function summaryOf({
  age,
  grade,
  place,
  travel,
  wouldSwitch,
  rating,
  minutes,
  email,
}: Answers): string {
  return [
    `You are ${age}${grade ? `, in grade ${grade}` : ''}.`,
    place === 'home' && 'You work at home.',
    travel && `You go by ${travel}, for ${minutes} minutes.`,
    wouldSwitch !== undefined && `You would ${wouldSwitch ? '' : 'not '}take the train.`,
    rating && `You give the trains ${rating} out of 10.`,
    email ? `The results go to ${email}.` : 'You want no results.',
  ]
    .filter((line) => typeof line === 'string')
    .join('\n');
}
