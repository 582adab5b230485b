import * as v from 'valibot';
import * as z from 'zod';
import { describe, expect, it, vi } from 'vitest';
import { StepError } from '../../../src/errors.ts';
import { integer } from '../../../src/dialogue/parsers/integer.ts';
import { schema, toParser, type StandardSchema } from '../../../src/dialogue/parsers/schema.ts';
import { parseContext, read, textMessage } from './reading.ts';

function standard<Output>(
  validate: StandardSchema<unknown, Output>['~standard']['validate'],
): StandardSchema<unknown, Output> {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

describe('schema', () => {
  const age = z.coerce.number().int().min(18, 'Adults only.');
  const postcode = v.pipe(
    v.string(),
    v.regex(/^\d{6}$/, 'Six digits, please.'),
    v.transform(Number),
  );

  it('reads the text by zod, and says its first issue', () => {
    expect(read(schema(age), ' ２１ ')).toBe(21);
    expect(read(schema(age), '17')).toBe('Adults only.');
  });

  it('reads the text by valibot, and says its first issue', () => {
    expect(read(schema(postcode), '２００１２０')).toBe(200120);
    expect(read(schema(postcode), '20012')).toBe('Six digits, please.');
  });

  it('gives it the value of a button, and the message where it has no words', () => {
    const seen: unknown[] = [];
    const parse = schema(
      standard((value) => {
        seen.push(value);
        return { value };
      }),
    );
    const image = { type: 'message.image', url: 'https://example.org/' } as const;
    read(parse, { type: 'message.action', value: ' Ａ ' });
    read(parse, { type: 'message.voice', transcript: ' Ａ ' });
    read(parse, image);
    expect(seen).toEqual([' Ａ ', 'A', image]);
    expect(read(schema(z.object({ url: z.url() })), image)).toEqual({ url: image.url });
  });

  it('says a default text for an issue without a message', () => {
    expect(read(schema(standard(() => ({ issues: [] }))), 'a')).toBe('issue.invalid');
    expect(read(schema(standard(() => ({ issues: [{ message: '' }] }))), 'a')).toBe(
      'issue.invalid',
    );
  });

  it('refuses to wait for an asynchronous schema, and handles its rejection', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const late = [
      z.string().refine(async () => Promise.resolve(true)),
      v.pipeAsync(
        v.string(),
        v.checkAsync(async () => Promise.resolve(true)),
      ),
      standard(async () => Promise.reject(new Error('offline'))),
    ];
    for (const schemaOf of late) {
      expect(() => toParser<unknown>(schemaOf)(textMessage('a'), parseContext)).toThrow(
        expect.objectContaining({ name: 'StepError', code: 'async_schema' }),
      );
    }
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('reports one that throws, with what it threw, and lets errors of the library through', () => {
    const bug = new TypeError('x is undefined');
    const thrown = (error: Error): unknown => {
      const parse = schema(
        standard(() => {
          throw error;
        }),
      );
      try {
        return parse(textMessage('a'), parseContext);
      } catch (caught) {
        return caught;
      }
    };
    expect(thrown(bug)).toMatchObject({ name: 'StepError', code: 'schema_failed', cause: bug });
    const own = new StepError('own', 'Own.');
    expect(thrown(own)).toBe(own);
  });
});

describe('toParser', () => {
  it('gives a parser back as it is', () => {
    const parse = integer();
    expect(toParser(parse)).toBe(parse);
  });

  it('takes a schema that is a function for a schema', () => {
    const callable = Object.assign(
      () => ({ value: 'called' }),
      standard(() => ({ value: 'validated' })),
    );
    expect(read(toParser<unknown>(callable), 'a')).toBe('validated');
  });

  it.each([undefined, null, 5, 'integer', {}, { '~standard': {} }, /a/])('refuses %s', (given) => {
    expect(() => toParser(given as never)).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'bad_parser' }),
    );
  });
});
