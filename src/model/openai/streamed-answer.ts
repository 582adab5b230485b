import { fieldsOf, listOf, nameOf, numberOf, stringOf } from '../../internal/fields.ts';
import { type ServerAnswer, type CalledTool, contentText } from './answer.ts';

interface GrowingCall {
  id: string;
  name: string;
  input: string;
}

/** Puts together what comes in parts. */
export class StreamedAnswer {
  #text = '';
  #refusal = '';
  #finish: unknown;
  #usage: unknown;
  /** By the index that the server gives them. */
  readonly #calls = new Map<number, GrowingCall>();

  /** Whether the server has said why the answer ended. */
  get isFinished(): boolean {
    return typeof this.#finish === 'string';
  }

  /** @returns the text that is new */
  add(chunk: unknown): string {
    const { choices, usage } = fieldsOf(chunk);
    const [choice] = listOf(choices);
    const { delta, finish_reason: finish, usage: inChoice } = fieldsOf(choice);
    const { content, refusal, tool_calls: calls } = fieldsOf(delta);
    // Moonshot tells the usage within the choice.
    this.#usage = usage ?? inChoice ?? this.#usage;
    this.#finish = finish ?? this.#finish;
    this.#refusal += stringOf(refusal) ?? '';
    for (const call of listOf(calls)) this.#addCall(call);
    const text = contentText(content);
    this.#text += text;
    return text;
  }

  #addCall(part: unknown): void {
    const { index, id, function: called } = fieldsOf(part);
    const { name, arguments: input } = fieldsOf(called);
    const place = numberOf(index) ?? this.#placeOf(nameOf(id));
    const call = this.#calls.get(place) ?? { id: '', name: '', input: '' };
    this.#calls.set(place, call);
    call.id ||= nameOf(id) ?? '';
    call.name ||= stringOf(name) ?? '';
    call.input += stringOf(input) ?? '';
  }

  /** Where a server gives no index, a part with another id begins another call. */
  #placeOf(id: string | undefined): number {
    const last = this.#calls.size - 1;
    return id !== undefined && this.#calls.get(last)?.id !== id ? last + 1 : Math.max(last, 0);
  }

  get answered(): ServerAnswer {
    const calls: readonly CalledTool[] = [...this.#calls]
      .sort(([one], [other]) => one - other)
      .map(([, call]) => call);
    const [text, refusal] = [this.#text, this.#refusal];
    return { text, refusal, calls, finish: this.#finish, usage: this.#usage };
  }
}
