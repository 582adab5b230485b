import { UsageError } from '../../errors.ts';
import { type KeysOf, checkOptions, isKeyed, keyTable, kindOf } from '../../internal/closed.ts';
import { type CallLimits, type CallOptions, checkCount, toCallLimits } from '../call-limits.ts';

/** As `fetch` of the platform, with a text as its `body`; a test, or a program behind a proxy, gives another. */
export type ModelFetch = (url: string, init: ModelFetchInit) => Promise<Response>;

/** What `fetch` gets. */
export interface ModelFetchInit extends RequestInit {
  /** The call, as JSON. */
  readonly body: string;
}

/** How a server takes the schema of a value. */
export type SchemaMode = 'json_schema' | 'json_object' | 'prompt';

/** Options of `openAiCompatible()`. */
export interface OpenAiCompatibleOptions extends CallOptions {
  /** The address before `/chat/completions`, as `https://api.deepseek.com/v1` or `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  /** The key of the account. Default: none, as a server on this machine needs none. */
  readonly apiKey?: string | undefined;
  /** The model, by its name at the provider: `deepseek-chat`, `qwen-plus`. */
  readonly model: string;
  /** The name in traces and errors. Default: `model`. */
  readonly name?: string | undefined;
  /** Further headers of each request, for a provider that asks for some. Their values are kept secret as the key is. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Further fields of each request: `{ temperature: 0, max_tokens: 500 }`. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  /**
   * How the server takes a `schema`: as `response_format` of the type `json_schema` (the default); as `json_object`, which
   * knows no schema, so that a message describes it (DeepSeek); or by that message alone (`prompt`).
   */
  readonly schemas?: SchemaMode | undefined;
  /** The maximum of bytes of an answer, with all that a stream wraps around it. Default 8 MiB. */
  readonly maxAnswerBytes?: number | undefined;
  /** Default: that of the platform. */
  readonly fetch?: ModelFetch | undefined;
}

const KEYS = {
  ...keyTable('baseUrl apiKey model name schemas timeoutMs retries maxAnswerBytes fetch'),
  headers: { '*': null },
  body: null,
  clock: null,
} satisfies KeysOf<OpenAiCompatibleOptions>;

/** The fields of a request that the adapter writes itself. */
const OWN_FIELDS = ['model', 'messages', 'tools', 'response_format', 'stream', 'stream_options'];

const OWNER = 'openAiCompatible()';
const SCHEMA_MODES: readonly unknown[] = ['json_schema', 'json_object', 'prompt'];
const DEFAULT_MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** The options as they were checked, with their defaults. It holds secrets, so nothing of it leaves the adapter. */
export interface ServerSettings extends CallLimits {
  readonly url: string;
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What no error may hold. */
  readonly secrets: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
  readonly schemas: SchemaMode;
  readonly maxAnswerBytes: number;
  readonly fetch: ModelFetch;
}

/** @throws UsageError `bad_option`, `bad_secret`, without a character of a key or a header */
export function toServerSettings(options: OpenAiCompatibleOptions): ServerSettings {
  checkOptions(OWNER, options, KEYS);
  const { model, name = model, schemas = 'json_schema' } = options;
  const { body = {}, headers = {}, fetch = platformFetch } = options;
  mustBe(isName(model), 'model', 'the name of a model at its provider', model);
  mustBe(isName(name), 'name', 'a text', name);
  mustBe(SCHEMA_MODES.includes(schemas), 'schemas', SCHEMA_MODES.join(', '), schemas);
  mustBe(typeof fetch === 'function', 'fetch', 'a function', fetch);
  checkBody(body);
  const { maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES } = options;
  checkCount(OWNER, 'maxAnswerBytes', maxAnswerBytes, { min: 1024 });
  return {
    ...toCallLimits(OWNER, name, options),
    model,
    schemas,
    maxAnswerBytes,
    body,
    fetch,
    url: `${checkedBaseUrl(options.baseUrl)}/chat/completions`,
    headers: { ...authorization(options.apiKey), ...checkedHeaders(headers) },
    secrets: [options.apiKey ?? '', ...Object.values(headers)].filter((each) => each.length > 3),
  };
}

/** It is looked up with each call, as a program may replace it. */
const platformFetch: ModelFetch = (url, init) => globalThis.fetch(url, init);

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= 256;
}

function mustBe(isSo: boolean, option: string, expected: string, given: unknown): void {
  if (isSo) return;
  throw new UsageError(
    'bad_option',
    `\`${option}\` of ${OWNER} is ${expected}; it got ${kindOf(given)}.`,
  );
}

/** A key in the address would stand in the logs of each proxy on the way. */
function checkedBaseUrl(given: unknown): string {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
  const isSo =
    url !== undefined &&
    /^https?:$/u.test(url.protocol) &&
    [url.username, url.password, url.search, url.hash].every((each) => each === '');
  mustBe(
    isSo,
    'baseUrl',
    'an address as https://api.deepseek.com/v1, without a user, a password and a query',
    given,
  );
  return String(given).replace(/\/+$/u, '');
}

/** Characters that a header can hold. The error of `fetch` for another one would quote the whole header. */
const KEY = /^[\u0021-\u007e]{1,4096}$/u;
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]{1,256}$/u;
const HEADER_VALUE = /^[\u0020-\u007e]{0,4096}$/u;

function authorization(apiKey: unknown): Readonly<Record<string, string>> {
  if (apiKey === undefined) return {};
  if (typeof apiKey === 'string' && KEY.test(apiKey)) return { authorization: `Bearer ${apiKey}` };
  throw new UsageError(
    'bad_secret',
    '`apiKey` of openAiCompatible() is the key as the provider gives it: letters, digits and signs, with no space or line break around them.',
  );
}

function checkedHeaders(headers: unknown): Readonly<Record<string, string>> {
  mustBe(isKeyed(headers), 'headers', 'an object of texts', headers);
  for (const [name, value] of Object.entries(headers as Readonly<Record<string, unknown>>)) {
    const isSo = HEADER_NAME.test(name) && typeof value === 'string' && HEADER_VALUE.test(value);
    mustBe(isSo, 'headers', 'an object of texts that headers can hold', value);
  }
  return headers as Readonly<Record<string, string>>;
}

function checkBody(body: unknown): void {
  mustBe(isKeyed(body), 'body', 'an object of further fields', body);
  const own = OWN_FIELDS.find((field) => Object.hasOwn(body as object, field));
  if (own === undefined) return;
  throw new UsageError(
    'bad_option',
    `\`body\` of openAiCompatible() holds fields beside those that the adapter writes itself; '${own}' is one of these.`,
  );
}
