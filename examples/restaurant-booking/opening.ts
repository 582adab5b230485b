import type { Parser } from 'colloquy';
import { dateTime } from 'colloquy/dialogue/parsers/date';
import { TIME_ZONE, tell } from './texts.ts';

const readTime = dateTime({ future: true, timeZone: TIME_ZONE });

/** A parser of our own, over one of the library: a time to come at which we are open, 11:00 to 21:00. */
export const visit: Parser<Date> = (message, occasion) => {
  const parsed = readTime(message, occasion);
  if ('issue' in parsed) return parsed;
  const options = {
    timeZone: TIME_ZONE,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  } as const;
  const time = parsed.value.toLocaleTimeString('en', options);
  if (time >= '11:00' && time <= '21:00') return parsed;
  return { issue: tell('closed')({ context: { locale: occasion.locale } }) };
};
