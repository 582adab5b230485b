import vectors from './vectors.json' with { type: 'json' };

interface Vector {
  readonly id: string;
  readonly token: string;
  readonly encodingAESKey: string;
  readonly receiveId: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
  readonly msg_signature: string;
  readonly encrypt: string;
  readonly plaintext: string;
  /** The 16 bytes before the length of the plaintext, as ASCII. */
  readonly random: string;
  readonly padByte: number;
  readonly echostr: string;
  readonly body: string;
  readonly secret: string;
  readonly header: string;
  readonly wrongWithLocaleCompare: string;
  readonly parts: readonly string[];
}

const NONE: Vector = {
  id: '',
  token: '',
  encodingAESKey: '',
  receiveId: '',
  timestamp: '',
  nonce: '',
  signature: '',
  msg_signature: '',
  encrypt: '',
  plaintext: '',
  random: '',
  padByte: 0,
  echostr: '',
  body: '',
  secret: '',
  header: '',
  wrongWithLocaleCompare: '',
  parts: [],
};

/** A published test vector, by the start of its id. A field that it lacks is empty. */
export function vector(start: string): Vector {
  const found = vectors.find(({ id }) => id.startsWith(start));
  if (!found) throw new Error(`vectors.json has no ${start}`);
  return { ...NONE, ...(found as Partial<Vector>) };
}
