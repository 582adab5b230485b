import vectors from './vectors.json' with { type: 'json' };

type Field =
  'token' | 'timestamp' | 'nonce' | 'signature' | 'echostr' | 'body' | 'wrongWithLocaleCompare';

/** A published test vector, by the start of its id. A field that it lacks is empty. */
export function vector(
  start: string,
): Readonly<Record<Field, string>> & { readonly parts: readonly string[] } {
  const found = vectors.find(({ id }) => id.startsWith(start));
  if (!found) throw new Error(`vectors.json has no ${start}`);
  const none = {
    token: '',
    timestamp: '',
    nonce: '',
    echostr: '',
    body: '',
    wrongWithLocaleCompare: '',
  };
  return { ...none, parts: [], ...found };
}
