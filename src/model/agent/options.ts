import { type Duration, toMilliseconds } from '../../clock.ts';
import type { Saying } from '../../dialogue/define/actions.ts';
import type { StandardSchema } from '../../dialogue/parsers/schema.ts';
import type { WordsOptions } from '../../dialogue/text/localize.ts';
import { UsageError } from '../../errors.ts';
import { type KeysOf, checkOptions, isKeyed, keyTable } from '../../internal/closed.ts';
import { checkModel } from '../check-model.ts';
import type { JsonSchema, Model, ModelUsage } from '../model.ts';
import { FINISH } from './answer.ts';
import type { AgentContext } from './conversation.ts';
import type { LimitName } from './output.ts';
import { type AgentTool, type AnyTool, approvalOf } from './tool.ts';
import { parametersOf } from './tool-input.ts';

/** What an agent is made of: the options of `createAgent()`. */
export interface AgentOptions<Id extends string, Inputs, Value, About> {
  /** The id of its dialogue. Its services are named `<id>.model` and `<id>.notify`. Letters, digits, `_` and `-`. */
  readonly id: Id;
  /** A version, as that of any dialogue. */
  readonly version?: string | undefined;
  /** The model that it talks with. */
  readonly model: Model;
  /** What the model has to do, and what it must not do: the only words that instruct it. A function sees `about`. */
  readonly instructions: string | ((args: { readonly about: About }) => string);
  /** For the compiler alone: the type of `about` in the input. */
  readonly types?:
    | {
        /** As `{} as { openid: string }`. */
        readonly about: About;
      }
    | undefined;
  /** What it may do, by name. Each tool is a service of that name. Default: it only talks. */
  readonly tools?: { readonly [Name in keyof Inputs]: AgentTool<Inputs[Name], About> } | undefined;
  /**
   * With it the agent is a conversation: after each text it listens, and it ends when the model calls the built-in tool
   * `finish` with a value that the schema takes. Without it, it ends with the first text.
   */
  readonly output?: AgentFinish<Value> | undefined;
  /** Where it ends. Default: 10 steps. */
  readonly limits?: AgentLimits | undefined;
  /** What the tokens of a call cost, in the unit of `limits.cost`. */
  readonly price?: ((usage: ModelUsage) => number) | undefined;
  /** Number of further calls of the model after one that failed. Default 2. */
  readonly retries?: number | undefined;
  /** How long one call of the model may take. Default 60 seconds. */
  readonly timeout?: Duration | undefined;
  /**
   * Whether users see the words of the model as drafts, before your dialogue has said any of them. Leave it out where the
   * dialogue says only a part of what the model writes. Default false.
   */
  readonly drafts?: boolean | undefined;
  /** Said to each message that comes while the model or a tool is at work. The model reads the message with the next call. */
  readonly busy?: Saying<AgentContext<Value, About>> | undefined;
  /** The language in which the library asks for an approval, and other words for it. Default: as the dialogue around. */
  readonly words?: WordsOptions<AgentContext<Value, About>> | undefined;
}

/** What a conversation with an agent ends with. */
export interface AgentFinish<Value> {
  /** When to call `finish`, for the model. */
  readonly description: string;
  /** Checks the value. */
  readonly schema: StandardSchema<unknown, Value>;
  /** What the value has to be, for the model. Default: what the schema says itself, as schemas of zod 4 do. */
  readonly parameters?: JsonSchema | undefined;
}

/** Where an agent ends, and how much it keeps. */
export interface AgentLimits {
  /** Number of answers that it asks the model for. Default 10. */
  readonly steps?: number | undefined;
  /** Tokens of all calls together, as the provider counts them. Looked at between calls. Default: no limit. */
  readonly tokens?: number | undefined;
  /** From the start of the agent, with the time that it waits for the user. Default: no limit. */
  readonly time?: Duration | undefined;
  /** What all calls cost together, by `price`. Looked at between calls. Default: no limit. */
  readonly cost?: number | undefined;
  /** The maximum of messages that it keeps of the conversation. Default 40. */
  readonly messages?: number | undefined;
  /** The maximum of bytes that these take as JSON. Default 49 152. */
  readonly bytes?: number | undefined;
  /** The maximum of bytes of one result of a tool. Default 4096. */
  readonly resultBytes?: number | undefined;
}

/** The options, checked, with the defaults in place. */
export interface AgentPlan {
  readonly id: string;
  readonly version: string | undefined;
  readonly model: Model;
  readonly instructions: string | ((args: { readonly about: unknown }) => string);
  readonly tools: Readonly<Record<string, AnyTool>>;
  readonly output: AgentFinish<unknown> | undefined;
  readonly limits: {
    readonly steps: number;
    readonly tokens: number;
    readonly timeMs: number | undefined;
    readonly cost: number;
    readonly messages: number;
    readonly bytes: number;
    readonly resultBytes: number;
  };
  readonly price: (usage: ModelUsage) => number;
  readonly retries: number;
  readonly timeout: Duration;
  readonly drafts: boolean;
  readonly busy: Saying<object> | undefined;
  readonly words: WordsOptions<never> | undefined;
}

const DEFAULT_STEPS = 10;
const DEFAULT_RETRIES = 2;
const DEFAULT_TIMEOUT: Duration = { seconds: 60 };
const DEFAULT_MESSAGES = 40;
const DEFAULT_BYTES = 49_152;
const DEFAULT_RESULT_BYTES = 4096;
/** Under these, not even one exchange has room. */
const LEAST_MESSAGES = 24;
const LEAST_BYTES = 4096;
const MAX_TOOLS = 64;

const LIMITS = keyTable('steps tokens time cost messages bytes resultBytes');
const TOOL = keyTable('description input parameters run readOnly approve timeout retries');
const KEYS = {
  ...keyTable('id version model instructions types price retries timeout drafts busy words'),
  tools: { '*': { ...TOOL, approve: keyTable('ask to notify timeout') } },
  output: keyTable('description schema parameters'),
  limits: LIMITS,
} satisfies KeysOf<AgentOptions<string, never, never, never>>;

/** @throws UsageError `bad_option`, `bad_duration` */
export function planOf(options: AgentOptions<string, never, never, never>): AgentPlan {
  checkOptions('createAgent()', options, KEYS);
  const { limits = {}, tools = {} } = options;
  const plan = {
    id: options.id,
    version: options.version,
    model: options.model,
    instructions: options.instructions as AgentPlan['instructions'],
    tools: { ...(tools as Record<string, AnyTool>) },
    output: options.output as AgentFinish<unknown> | undefined,
    limits: {
      steps: atLeast(1, 'steps', limits.steps ?? DEFAULT_STEPS),
      tokens: atLeast(0, 'tokens', limits.tokens ?? Number.POSITIVE_INFINITY),
      timeMs: limits.time && atLeast(1, 'time', toMilliseconds(limits.time)),
      cost: atLeast(0, 'cost', limits.cost ?? Number.POSITIVE_INFINITY),
      messages: atLeast(LEAST_MESSAGES, 'messages', limits.messages ?? DEFAULT_MESSAGES),
      bytes: atLeast(LEAST_BYTES, 'bytes', limits.bytes ?? DEFAULT_BYTES),
      resultBytes: atLeast(LEAST_RESULT, 'resultBytes', limits.resultBytes ?? DEFAULT_RESULT_BYTES),
    },
    price: options.price ?? (() => 0),
    retries: options.retries ?? DEFAULT_RETRIES,
    timeout: options.timeout ?? DEFAULT_TIMEOUT,
    drafts: options.drafts ?? false,
    busy: options.busy as Saying<object> | undefined,
    words: options.words as WordsOptions<never> | undefined,
  };
  check(plan, limits.cost !== undefined && options.price === undefined);
  return plan;
}

const LEAST_RESULT = 200;

function atLeast(least: number, name: LimitName | keyof AgentLimits, given: number): number {
  if (typeof given === 'number' && given >= least) return given;
  throw refusal(`has ${least} or more as \`limits.${name}\``);
}

function check(plan: AgentPlan, isPriceless: boolean): void {
  const { id, model, instructions, tools, output } = plan;
  if (typeof id !== 'string' || !/^[A-Za-z][\w-]{0,63}$/u.test(id)) {
    throw refusal("needs an `id` of letters, digits, '_' and '-', which begins with a letter");
  }
  checkModel('createAgent()', model);
  if (typeof instructions !== 'string' && typeof instructions !== 'function') {
    throw refusal('needs `instructions`, as a text or a function');
  }
  if (isPriceless) throw refusal('with a limit of `cost` needs a `price`');
  const names = Object.keys(tools);
  if (names.length > MAX_TOOLS) throw refusal(`has a maximum of ${MAX_TOOLS} \`tools\``);
  for (const name of names) checkTool(name, tools[name] as AnyTool);
  if (output === undefined) return;
  if (Object.hasOwn(tools, FINISH))
    throw refusal(`with an \`output\` has the tool '${FINISH}' itself`);
  checkInputOf('`output`', { input: output.schema, parameters: output.parameters });
  if (output.schema === undefined) throw refusal('needs a `schema` in its `output`');
}

function checkTool(name: string, tool: AnyTool): void {
  const what = `tool '${name.slice(0, 60)}'`;
  if (!/^[A-Za-z_][\w-]{0,63}$/u.test(name)) {
    throw refusal(`names a tool by up to 64 letters, digits, '_' and '-'; ${what} is not`);
  }
  if (!isKeyed(tool) || typeof tool.run !== 'function' || typeof tool.description !== 'string') {
    throw refusal(`needs a \`description\` and a \`run\` in ${what}`);
  }
  checkInputOf(what, tool);
  const approval = approvalOf(tool);
  if (approval === undefined) return;
  if (!isKeyed(approval))
    throw refusal(`has true, a function or an object as the \`approve\` of ${what}`);
  if (approval.notify === undefined && approval.to !== undefined) {
    throw refusal(`needs a \`notify\` beside the \`to\` in the \`approve\` of ${what}`);
  }
  if (approval.notify !== undefined && approval.timeout === undefined) {
    throw refusal(`needs a \`timeout\` beside the \`notify\` in the \`approve\` of ${what}`);
  }
}

function checkInputOf(what: string, tool: Pick<AnyTool, 'input' | 'parameters'>): void {
  if (tool.input === undefined && tool.parameters !== undefined) {
    throw refusal(
      `needs an \`input\` beside the \`parameters\` of ${what}, which checks what the model writes`,
    );
  }
  if (tool.input !== undefined && typeof tool.input['~standard']?.validate !== 'function') {
    throw refusal(
      `reads what the model writes by a Standard Schema (zod 3.24+, valibot 1+, arktype 2+); ${what} has another`,
    );
  }
  if (parametersOf(tool) === undefined) {
    throw refusal(
      `needs \`parameters\`, a JSON Schema, in ${what}: its schema does not say it itself`,
    );
  }
}

function refusal(problem: string): UsageError {
  return new UsageError('bad_option', `An agent ${problem}.`);
}
