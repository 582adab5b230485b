import type { ComponentChildren, VNode } from 'preact';
import type { ModelCallEntry, PromptMessage, PromptTool, ShownToolCall } from '../../wire.ts';
import { memo } from '../state/memo.ts';
import { formatMoment, spanInWords } from '../state/moments.ts';
import { useStudio } from '../state/studio-context.ts';
import { ShownWords } from './shown-words.tsx';

/** Calls of models, each closed until the reader opens it. */
export function ModelCalls({ calls }: { readonly calls: readonly ModelCallEntry[] }): VNode {
  return (
    <ol class="plain model-calls">
      {calls.map((entry) => (
        <li key={entry.call}>
          <ModelCall entry={entry} />
        </li>
      ))}
    </ol>
  );
}

const ModelCall = memo(function ModelCall({ entry }: { readonly entry: ModelCallEntry }): VNode {
  const { texts, locale } = useStudio();
  const { model, by, at, isStreamed, messages, omitted = 0, tools, schema, end } = entry;
  const [first, ...others] = messages;
  return (
    <details class="model-call">
      <summary title={`${formatMoment(at, locale)}${isStreamed ? ` · ${texts.streamed}` : ''}`}>
        <b>{model}</b>{' '}
        <span class="by">
          {texts.callers[by.kind]} {by.name}
        </span>{' '}
        <Outcome entry={entry} />
        <span class="value">{costOf(entry, texts)}</span>
      </summary>
      <ol class="plain prompt">
        {first !== undefined && <Prompt message={first} />}
        {omitted > 0 && <li class="empty">{texts.messagesOmitted(omitted)}</li>}
        {others.map((message, index) => (
          <Prompt message={message} key={index} />
        ))}
        <Tools tools={tools} />
        {schema !== undefined && (
          <Part name={texts.valueSchema}>
            <ShownWords words={schema} />
          </Part>
        )}
        {end !== undefined && (
          <Part name={texts.answer} class="answer">
            {end.words.length > 0 && <ShownWords words={end.words} />}
            <ToolCalls calls={end.calls} />
            {end.value !== undefined && end.value.text !== end.words.text && (
              <ShownWords words={end.value} />
            )}
            {end.error !== undefined && (
              <p class="failure">
                <code>{end.error.reason ?? end.error.code}</code> {end.error.text}
              </p>
            )}
          </Part>
        )}
      </ol>
    </details>
  );
});

type Texts = ReturnType<typeof useStudio>['texts'];

/** Tokens, and how long it took: on the clock, else by the machine. */
function costOf({ at, end }: ModelCallEntry, texts: Texts): string {
  if (end === undefined) return '';
  const { usage, ms } = end;
  const took = spanInWords(end.at > at ? end.at - at : ms, texts.units);
  return usage === undefined
    ? took
    : `${texts.tokens(usage.inputTokens, usage.outputTokens)} · ${took}`;
}

function Outcome({ entry: { end } }: { readonly entry: ModelCallEntry }): VNode {
  const { texts } = useStudio();
  if (end === undefined) return <span class="outcome pending">{texts.running}</span>;
  const { how, finish = '', calls, error } = end;
  if (how !== 'answered') {
    return (
      <span class="outcome failed">
        {how === 'broken' ? texts.brokenOff : (error?.reason ?? error?.code)}
      </span>
    );
  }
  if (calls.length > 0) {
    return <span class="outcome">→ {calls.map(({ name }) => name).join(', ')}</span>;
  }
  return (
    <span class={finish === 'stop' ? 'outcome' : 'outcome pending'}>
      {texts.finishes[finish] ?? finish}
    </span>
  );
}

function Prompt({ message }: { readonly message: PromptMessage }): VNode {
  const { texts } = useStudio();
  const { role, tool, calls = [] } = message;
  return (
    <Part
      name={tool === undefined ? texts.roles[role] : `${texts.roles[role]} ${tool}`}
      class={role}
    >
      {message.length > 0 && <ShownWords words={message} />}
      <ToolCalls calls={calls} />
    </Part>
  );
}

function ToolCalls({ calls }: { readonly calls: readonly ShownToolCall[] }): VNode | null {
  if (calls.length === 0) return null;
  return (
    <ul class="plain">
      {calls.map(({ name, input }, index) => (
        <li key={index} class="tool-call">
          → <code>{name}</code> <ShownWords words={input} />
        </li>
      ))}
    </ul>
  );
}

function Tools({ tools }: { readonly tools: readonly PromptTool[] }): VNode | null {
  const { texts } = useStudio();
  if (tools.length === 0) return null;
  return (
    <Part name={texts.tools}>
      <ul class="plain">
        {tools.map(({ name, description, parameters }, index) => (
          <li key={index}>
            <code>{name}</code> {description?.text}
            {parameters !== undefined && <ShownWords words={parameters} />}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Part({
  name,
  class: kind = '',
  children,
}: {
  readonly name: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <li class={`part ${kind}`}>
      <span class="role">{name}</span>
      <div>{children}</div>
    </li>
  );
}
