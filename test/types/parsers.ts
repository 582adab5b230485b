import * as v from 'valibot';
import { expectTypeOf } from 'vitest';
import * as z from 'zod';
import { choice } from '../../src/dialogue/parsers/choice.ts';
import { confirm } from '../../src/dialogue/parsers/confirm.ts';
import { date, dateTime } from '../../src/dialogue/parsers/date.ts';
import { image, type Image } from '../../src/dialogue/parsers/image.ts';
import { integer } from '../../src/dialogue/parsers/integer.ts';
import type { Parser } from '../../src/dialogue/parsers/parser.ts';
import { toParser, type ParsedBy, type Parsing } from '../../src/dialogue/parsers/schema.ts';
import { within } from '../../src/dialogue/parsers/within.ts';
import { createWords } from '../../src/dialogue/text/localize.ts';

declare function ask<P extends Parsing<unknown>>(parse: P): ParsedBy<P>;

expectTypeOf(choice(['red', 'blue'])).toEqualTypeOf<Parser<'red' | 'blue'>>();
expectTypeOf(ask(choice(['red', { value: 'blue', label: 'Blue' }]))).toEqualTypeOf<
  'red' | 'blue'
>();
expectTypeOf(choice(['red'] as string[])).toEqualTypeOf<Parser<string>>();
// @ts-expect-error an option has a value
choice([{ label: 'Red' }]);

expectTypeOf(ask(integer())).toEqualTypeOf<number>();
expectTypeOf(ask(confirm())).toEqualTypeOf<boolean>();
expectTypeOf(ask(image())).toEqualTypeOf<Image>();
expectTypeOf(ask(date())).toEqualTypeOf<string>();
expectTypeOf(ask(dateTime())).toEqualTypeOf<Date>();
expectTypeOf(ask(within(/a(b)/, choice(['b'])))).toEqualTypeOf<'b'>();
expectTypeOf(ask((message) => ({ value: message.type }))).toExtend<string>();

expectTypeOf(ask(z.coerce.number())).toEqualTypeOf<number>();
expectTypeOf(ask(z.object({ url: z.string() }))).toEqualTypeOf<{ url: string }>();
expectTypeOf(ask(v.pipe(v.string(), v.transform(Number)))).toEqualTypeOf<number>();
expectTypeOf(toParser(z.enum(['a', 'b']))).toEqualTypeOf<Parser<'a' | 'b'>>();
expectTypeOf(within(/a(b)/, z.literal('b'))).toEqualTypeOf<Parser<'b'>>();
// @ts-expect-error neither a parser nor a schema
ask('integer');

createWords<{ language: string }>({ locale: ({ language }) => language });
createWords({ prompts: { fr: { 'answer.yes': 'Oui' } } });
// @ts-expect-error no such prompt
createWords({ prompts: { fr: { 'answer.yess': 'Oui' } } });
createWords({ answers: { fr: { yes: ['oui'], no: ['non'] }, es: {} } });
// @ts-expect-error neither yes nor no
createWords({ answers: { fr: { maybe: ['bof'] } } });
// @ts-expect-error a list
createWords({ answers: { fr: { yes: 'oui' } } });
// @ts-expect-error no such key
createWords().say({ key: 'answer.yess' }, 'en');
