import { StepError } from '../../errors.ts';
import type { Message } from '../../message.ts';
import type { ChoiceOption } from '../../reply.ts';
import { type Locality, type Outer, outerDialogue } from './outer-dialogue.ts';
import { now } from './now.ts';
import type { Occasion } from '../parsers/parser.ts';
import { isTimeZone } from './time-zone.ts';
import { LAST_LOCALE } from './catalog.ts';

/** Where and when a message is read: the user's language, time zone and time, as the dialogue and those around it say. */

/**
 * The occasion of a message for a dialogue with these options. What the dialogue itself says goes first, then what those
 * around it say, from the inside out.
 *
 * A time zone that does not exist throws only where it is asked for. A dialogue that reads no times goes on without it.
 */
export function occasionOf(
  options: Locality,
  context: unknown,
  message: Message | undefined,
): Occasion {
  const place: Place = { options, context, outer: outerDialogue() };
  const arrivedAt = message?.receivedAt;
  const occasion = {
    locale: localeIn(place),
    timeZone: '',
    now: isInstant(arrivedAt) ? arrivedAt : now(),
    context,
  };
  const zone = zoneIn(place);
  if (typeof zone === 'string') occasion.timeZone = zone;
  else Object.defineProperty(occasion, 'timeZone', { enumerable: true, get: refusal(zone.key) });
  return occasion;
}

/** The same occasion for the slot of a form that holds a value. */
export function withPrevious(occasion: Occasion, previous: unknown): Occasion {
  return previous === undefined ? occasion : withMore(occasion, { previous });
}

/** The same occasion for a question whose options the user has seen. */
export function withShown(occasion: Occasion, shown: readonly ChoiceOption[]): Occasion {
  return withMore(occasion, { shown });
}

/** A copy that keeps a time zone that throws: a spread would ask for it. */
function withMore(occasion: Occasion, more: Partial<Occasion>): Occasion {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(occasion)) as Occasion;
  return Object.assign(copy, more);
}

type Place = Pick<Outer, 'options' | 'context' | 'outer'>;

function localeIn(place: Place): string {
  for (let at: Place | undefined = place; at !== undefined; at = at.outer) {
    const locale = toLocale(settingOf(at.options?.locale, at.context, 'locale'));
    if (locale !== undefined) return locale;
  }
  return LAST_LOCALE;
}

/** The zone, or which setting says one that does not exist. */
function zoneIn(place: Place): string | { readonly key: string } {
  for (let at: Place | undefined = place; at !== undefined; at = at.outer) {
    const setting = at.options?.timeZone;
    const zone = settingOf(setting, at.context, 'timeZone');
    // Platforms send an empty text for what they do not know.
    if (zone === undefined || zone === null || zone === '') continue;
    if (isTimeZone(zone)) return zone;
    return { key: setting === undefined ? 'context.timeZone' : 'words.timeZone' };
  }
  return zoneOfProcess();
}

function refusal(key: string): () => never {
  return () => {
    throw new StepError(
      'bad_time_zone',
      `\`${key}\` is not the name of a time zone, so no day or time can be read or said. Expected is an IANA name, as 'Asia/Shanghai'; an offset ('+08:00', 'GMT+8') and an abbreviation ('CST') are none. Put a name of IANA there, or translate it in \`words.timeZone\` of setupDialogue().`,
      { details: { key } },
    );
  };
}

function settingOf(setting: Locality['locale'], context: unknown, name: string): unknown {
  if (typeof setting === 'string') return setting;
  if (setting !== undefined) return setting(context as never);
  if (typeof context !== 'object' || context === null || !Object.hasOwn(context, name)) return;
  return (context as Readonly<Record<string, unknown>>)[name];
}

const LONGEST_TAG = 100;

/** The canonical form of a tag, `zh_CN` of the platforms included; undefined where it is none. */
export function toLocale(tag: unknown): string | undefined {
  if (typeof tag !== 'string' || tag.length > LONGEST_TAG) return undefined;
  try {
    return Intl.getCanonicalLocales(tag.replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}

let ownZone: string | undefined;

/** Read once: asking for it takes longer than most steps do. */
function zoneOfProcess(): string {
  ownZone ??= new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return ownZone;
}

/** The range of a Date, which a platform's clock may leave. */
function isInstant(receivedAt: number | undefined): receivedAt is number {
  return receivedAt !== undefined && Math.abs(receivedAt) <= 8.64e15;
}
