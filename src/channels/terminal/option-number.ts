import type { ChoiceOption, Reply } from '../../reply.ts';

/** The option that a number chooses among those that were just offered, from 1. */
export function optionByNumber(text: string, offered: Reply | undefined): ChoiceOption | undefined {
  if (offered?.type !== 'choices' || !/^\s*\d{1,2}\s*$/.test(text)) return undefined;
  // Where they are numbers themselves, only the dialogue knows which one is meant.
  const hasNumbers = offered.options.some(({ value, label = value }) => /\d/.test(value + label));
  return hasNumbers ? undefined : offered.options[Number(text) - 1];
}
