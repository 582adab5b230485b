import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Call } from './agent-desk.ts';
import { type AgentUser, isAgreed, isApproved } from './agent-user.ts';

/** A call that began, with the name of its run. */
type CallBegun = Call & { readonly run: string };

/** What was decided outside the desk, or read there. */
export interface Note {
  readonly what: 'agreed' | 'approved' | 'ended';
  readonly of: string;
}

type Entry = CallBegun | Note;

const fileIn = (folder: string): string => join(folder, 'ledger.jsonl');

/** Appends to the ledger, which all processes share: the order of its lines is that of what happened. */
export function noteIn(folder: string, entry: Entry): void {
  appendFileSync(fileIn(folder), `${JSON.stringify(entry)}\n`);
}

/** What the agents did, by the ledger. */
export interface AgentsDid {
  /** Number of conversations that ended. */
  readonly ended: number;
  /** Number of refunds that the users agreed to, and of transfers that the manager approved. */
  readonly agreed: number;
  readonly approved: number;
  /** Number of calls that began. */
  readonly calls: number;
  /** Number of runs after the first of a call, whose process died before the result was in the record. */
  readonly again: number;
  /** Each breach of a promise, in words. */
  readonly breaches: readonly string[];
}

/** Compares the ledger with what the users read and with what should have happened. */
export function compareLedger(folder: string, users: readonly AgentUser[]): AgentsDid {
  const lines = readFileSync(fileIn(folder), 'utf8').trim().split('\n');
  const entries = lines.map((line, at) => ({ ...(JSON.parse(line) as Entry), at }));
  const stories = new Map<string, Story>();
  for (const user of users) {
    for (const [name, read] of user.read) stories.set(name, new Story(name, read));
  }
  const breaches: string[] = [];
  for (const entry of entries) {
    const story = stories.get(entry.of);
    if (story === undefined) breaches.push(`${entry.what} is of no conversation: ${entry.of}`);
    else story.add(entry);
  }
  for (const story of stories.values()) story.check();
  const all = [...stories.values()];
  const sum = (count: (story: Story) => number): number =>
    all.reduce((total, story) => total + count(story), 0);
  return {
    ended: all.length,
    agreed: sum(({ name }) => Number(isAgreed(name))),
    approved: sum(({ name }) => Number(isApproved(name))),
    calls: sum(({ calls }) => calls.size),
    again: sum(({ runs, calls }) => runs.size - calls.size),
    breaches: [...breaches, ...all.flatMap((story) => story.breaches)],
  };
}

/** A call, and the place of each of its runs in the ledger. */
interface Runs {
  readonly what: Call['what'];
  readonly runs: Map<string, number>;
}

/** One conversation by the ledger. */
class Story {
  readonly name: string;
  readonly breaches: string[] = [];
  /** By key, in the order in which they first began. */
  readonly calls = new Map<string, Runs>();
  readonly runs = new Map<string, CallBegun>();
  readonly #read: ReadonlySet<string>;
  readonly #notes = new Map<string, number>();

  constructor(name: string, read: ReadonlySet<string>) {
    this.name = name;
    this.#read = read;
  }

  add(entry: Entry & { readonly at: number }): void {
    const { what, at } = entry;
    if (!('run' in entry)) {
      if (!this.#notes.has(what)) this.#notes.set(what, at);
      return;
    }
    const call = this.calls.get(entry.key) ?? { what: entry.what, runs: new Map() };
    if (call.what !== what) this.#breach(`${what} and ${call.what} have one key`);
    call.runs.set(entry.run, at);
    this.calls.set(entry.key, call);
    this.runs.set(entry.run, entry);
  }

  check(): void {
    this.#checkCalls();
    this.#checkApproval('agreed', 'refund');
    this.#checkApproval('approved', 'transfer');
    this.#checkWords();
  }

  /** Each call was made, none twice, and no run of a call began after what followed from its result. */
  #checkCalls(): void {
    const calls = [...this.calls.values()];
    const made = calls.map(({ what }) => what).join();
    const wanted = [
      ...['model', 'find', 'model'],
      ...(isAgreed(this.name) ? ['refund'] : []),
      'notify',
      ...(isApproved(this.name) ? ['transfer'] : []),
      ...['model', 'find', 'model'],
    ].join();
    if (made !== wanted) this.#breach(`the calls are ${made}, not ${wanted}`);
    for (const [index, { what, runs }] of calls.entries()) {
      const next = calls[index + 1];
      const followed =
        next === undefined ? this.#notes.get('ended') : Math.min(...next.runs.values());
      if (Math.max(...runs.values()) > (followed ?? 0)) {
        this.#breach(`${what} ran again after what followed from it`);
      }
    }
  }

  /** A tool ran with the approval that it needs, and not before. */
  #checkApproval(note: Note['what'], tool: Call['what']): void {
    const given = this.#notes.get(note) ?? Number.POSITIVE_INFINITY;
    for (const { what, runs } of this.calls.values()) {
      if (what === tool && Math.min(...runs.values()) < given)
        this.#breach(`${tool} ran unapproved`);
    }
  }

  /** What was read, and what the model read, is of the runs that count: one of each call. */
  #checkWords(): void {
    const end = [...this.#read].find((text) => text.startsWith('end of '));
    const messages = this.runs.get(runIn(end))?.messages ?? [];
    const answers = messages.filter(({ role }) => role === 'assistant').map(({ text }) => text);
    const results = messages.flatMap((each) => (each.role === 'tool' ? [each] : []));
    const names = results.map(({ name }) => name).join();
    if (names !== 'find,refund,transfer,find') this.#breach(`the results are of ${names}`);
    const [found, refunded, ...others] = results;
    const agreed = isAgreed(this.name);
    const approved = isApproved(this.name);
    const ran = [
      ...(found ? [found] : []),
      ...(refunded && agreed ? [refunded] : []),
      ...others.slice(approved ? 0 : 1),
    ].map(({ text }) => text);
    for (const { text } of results) {
      const isDenial =
        text === 'Not done: the user did not agree.' || text === 'Not done: it was not approved.';
      if (ran.includes(text) === isDenial) this.#breach(`a result is '${text}'`);
    }
    const counting = new Set([...answers, end, ...ran].map(runIn));
    for (const run of counting) this.#checkCounts(run);
    const keys = [...this.calls.values()].filter(({ what }) => what !== 'notify');
    if (counting.size !== keys.length) {
      this.#breach(`${counting.size} runs count, of ${keys.length} calls`);
    }
    const read = [...this.#read].map((text) => text.split('\n')[0]);
    const wanted = [...answers.slice(0, 2), `refund for ${this.name}?`, ...answers.slice(2), end];
    const isOther = (text: string | undefined): boolean => !read.includes(text);
    if (read.length !== wanted.length || wanted.some(isOther)) {
      this.#breach(`the user read ${read.join()}, not ${wanted.join()}`);
    }
  }

  /** The run whose result counts is the last one of its call: a process runs a call again only if no other one works on it. */
  #checkCounts(run: string): void {
    const key = this.runs.get(run)?.key ?? '';
    const { what, runs } = this.calls.get(key) ?? {};
    if (runs === undefined) this.#breach('a result is of no run');
    else if ([...runs.keys()].at(-1) !== run) this.#breach(`${what} ran again beside its run`);
  }

  #breach(problem: string): void {
    this.breaches.push(`${this.name}: ${problem}`);
  }
}

function runIn(text: string | undefined): string {
  return /(?:by|ran) (\S+)$/u.exec(text ?? '')?.[1] ?? '';
}
