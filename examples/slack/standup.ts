export interface Standup {
  /** The id of the user in Slack; undefined in the terminal. */
  who?: string | undefined;
  yesterday?: string;
  today?: string;
  blocker?: string;
}

export function textOf({ yesterday, today, blocker }: Standup): string {
  return [
    `Yesterday: ${yesterday}`,
    `Today: ${today}`,
    blocker === undefined ? 'Nothing blocks me.' : `I am blocked: ${blocker}`,
  ].join('\n');
}
