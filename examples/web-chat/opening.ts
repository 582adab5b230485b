import { type Parser, anywhere } from 'colloquy';
import { dateTime } from 'colloquy/dialogue/parsers/date';
import { TIME_ZONE, tell } from './texts.ts';

const options = { future: true, timeZone: TIME_ZONE } as const;

/** A future time within our opening hours, 11:00 to 21:00: our own parser, over one of the library. */
export const visit = whileOpen(dateTime(options));

/** The same in a message that says more: “a table for four tomorrow at 7pm”. */
export const visitAnywhere = whileOpen(anywhere(dateTime(options)));

function whileOpen(readTime: Parser<Date>): Parser<Date> {
  return (message, occasion) => {
    const parsed = readTime(message, occasion);
    if ('issue' in parsed) return parsed;
    const format = {
      timeZone: TIME_ZONE,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    } as const;
    const time = parsed.value.toLocaleTimeString('en', format);
    if (time >= '11:00' && time <= '21:00') return parsed;
    return { issue: tell('closed')({ context: { locale: occasion.locale } }) };
  };
}
