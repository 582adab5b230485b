import fc from 'fast-check';

const keys = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom('$', 'constructor', 'toString', 'hasOwnProperty', 'toJSON', '0', ''),
    fc.constantFrom('\ud800', 'a\udc00b'),
  )
  .filter((key) => key !== '__proto__');

const leaves = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('\ud800', '\udfff\ud800', '\u0000', '\u2028', ''),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 0, Number.NaN, Infinity, -Infinity, Number.MIN_VALUE),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.date(),
);

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaves,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
    fc
      .array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 })
      .map((entries) => new Map(entries)),
  ),
}));

/** Any plain value that a context may hold. */
export const plainValue: fc.Arbitrary<unknown> = value;

/** Any dictionary that a context may be. */
export const plainData: fc.Arbitrary<Record<string, unknown>> = fc.dictionary(keys, value, {
  maxKeys: 5,
  noNullPrototype: true,
});
