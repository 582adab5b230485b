import { setTimeout as pause } from 'node:timers/promises';
import { type Counted, RECENT, type Wish, textOf } from './dialogue.ts';
import { NodeProcess } from './node-process.ts';
import type { Place } from './places.ts';
import type { Answer, News, Serving } from './serve.fixture.ts';

export interface SprayOptions {
  readonly messages: number;
  readonly users: number;
  /** Seed of the random choices. */
  readonly seed: number;
  readonly lease: Serving['lease'];
  /** How many times a node is suspended in the middle of its work, and for how long. */
  readonly pauses?: { readonly times: number; readonly milliseconds: number };
}

/** The results of a run. */
export interface Sprayed {
  readonly messages: number;
  /** Number of messages that were delivered more than once. */
  readonly redelivered: number;
  /** Number of replies that events delivered. */
  readonly said: number;
  readonly timers: number;
  readonly services: number;
  /** Number of commits that the persister refused. */
  readonly conflicts: number;
  /** Number of replies that came twice under the same id. */
  readonly repeated: number;
  readonly seconds: number;
  /** Each breach of a promise, in words. */
  readonly breaches: readonly string[];
  /** The errors of the nodes. */
  readonly errors: readonly string[];
}

const REDELIVERED = 0.1;
const TIMERS = 0.1;
const SERVICES = 0.05;
/** The longest time that a timer or a service takes. */
const LONGEST_MS = 200;
const DEADLINE_MS = 4500;
/** The share of the messages with a service whose deadline may be shorter than the service. */
const HURRIED = 0.5;
const HURRIED_MS = 60;
/** How long the platform waits for an answer before it delivers the message again. */
const PATIENCE_MS = 1500;
/** How long the nodes may take to finish everything after the last answer: a suspended node needs that time. */
const SETTLE_MS = 60_000;
/** Later than this, only the expiry is due. */
const NEAR_MS = 600_000;

/** Sprays messages of many users at random over two nodes, and compares the results with the expected ones. */
export async function spray(place: Place, options: SprayOptions): Promise<Sprayed> {
  const platform = new Platform(place, options);
  try {
    return await platform.run();
  } finally {
    await platform.end();
  }
}

interface Sent {
  readonly openid: string;
  readonly id: string;
  readonly number: number;
  readonly text: string;
  readonly deadlineMs: number;
  deliveries: number;
  /** Number of deliveries to each node that are not answered yet. */
  readonly waiting: [first: number, second: number];
  readonly answers: Answer[];
  readonly acknowledged: Promise<void>;
  readonly acknowledge: () => void;
}

/** How often a user received each text: first in an answer or an event, and repeated in the answer to a redelivery. */
type Heard = Map<string, { first: number; repeated: number }>;

class Platform {
  readonly #options: SprayOptions;
  readonly #place: Place;
  readonly #random: () => number;
  readonly #nodes: readonly [NodeProcess, NodeProcess];
  readonly #openids: readonly string[];
  readonly #sent: Sent[] = [];
  readonly #open = new Set<Promise<unknown>>();
  readonly #heard = new Map<string, Heard>();
  /** For each user, the texts that events delivered. */
  readonly #unasked = new Map<string, Set<string>>();
  readonly #ids = new Set<string>();
  readonly #errors: string[] = [];
  readonly #breaches: string[] = [];
  #acknowledged = 0;
  #onAcknowledged: () => void = () => {};
  #said = 0;
  #repeated = 0;
  #conflicts = 0;

  constructor(place: Place, options: SprayOptions) {
    this.#options = options;
    this.#place = place;
    this.#random = createRandom(options.seed);
    this.#openids = Array.from({ length: options.users }, (_, n) => `user-${n}`);
    for (const openid of this.#openids) {
      this.#heard.set(openid, new Map());
      this.#unasked.set(openid, new Set());
    }
    const start = (owner: string): NodeProcess =>
      new NodeProcess(
        {
          persister: place.source,
          lease: { owner, ...options.lease },
          max: Math.ceil(options.users / 2),
        },
        (news) => this.#hear(news),
      );
    this.#nodes = [start('first'), start('second')];
  }

  async run(): Promise<Sprayed> {
    await Promise.all(this.#nodes.map(({ ready }) => ready));
    const startedAt = performance.now();
    const pausing = this.#pauseNowAndThen();
    await Promise.all(this.#openids.map((openid, index) => this.#converse(openid, index)));
    const seconds = (performance.now() - startedAt) / 1000;
    await pausing;
    while (this.#open.size > 0) await Promise.all(this.#open);
    await this.#settled();
    const [known] = await Promise.all(this.#nodes.map((node) => node.report(this.#openids)));
    await Promise.all(this.#nodes.map((node) => node.stop()));
    for (const lease of await this.#place.leases()) this.#breaches.push(`left behind: ${lease}`);
    return { ...this.#compare(known ?? []), seconds };
  }

  async end(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.end()));
  }

  /** A user sends one message after the other. */
  async #converse(openid: string, index: number): Promise<void> {
    const { messages, users } = this.#options;
    for (let n = index; n < messages; n += users) {
      const sent = this.#next(openid, Math.floor(n / users) + 1);
      await this.#attend(sent);
      this.#acknowledged += 1;
      this.#onAcknowledged();
    }
  }

  #next(openid: string, number: number): Sent {
    const random = this.#random();
    let wish: Wish = 'nothing';
    if (random < TIMERS) wish = 'timer';
    else if (random < TIMERS + SERVICES) wish = 'service';
    const isHurried = wish === 'service' && this.#random() < HURRIED;
    let acknowledge = (): void => {};
    const acknowledged = new Promise<void>((resolve) => {
      acknowledge = resolve;
    });
    const sent: Sent = {
      openid,
      id: `message-${number}`,
      number,
      text: textOf(number, wish, Math.floor(this.#random() * LONGEST_MS)),
      deadlineMs: isHurried ? HURRIED_MS : DEADLINE_MS,
      deliveries: 0,
      waiting: [0, 0],
      answers: [],
      acknowledged,
      acknowledge,
    };
    this.#sent.push(sent);
    return sent;
  }

  /** Delivers a message until a node acknowledges it; sometimes once more, to the other node. */
  async #attend(sent: Sent): Promise<void> {
    let node = this.#random() < 0.5 ? 0 : 1;
    const isDoubled = this.#random() < REDELIVERED;
    const delayMs = Math.max(0, this.#random() - 0.5) * 60;
    let isAcknowledged = false;
    const acknowledged = sent.acknowledged.then(() => {
      isAcknowledged = true;
    });
    for (;;) {
      const answer = this.#deliver(sent, node);
      if (isDoubled && sent.deliveries === 1) {
        const other = 1 - node;
        this.#watch(
          (delayMs === 0 ? Promise.resolve() : pause(delayMs)).then(() =>
            this.#deliver(sent, other),
          ),
        );
      }
      await Promise.race([acknowledged, answer, pause(PATIENCE_MS, undefined, { ref: false })]);
      // An answer that acknowledges does so before its promise resolves.
      if (isAcknowledged) return;
      node = 1 - node;
    }
  }

  async #deliver(sent: Sent, node: number): Promise<void> {
    sent.deliveries += 1;
    const { openid, id, text } = sent;
    const deadlineMs = sent.deliveries === 1 ? sent.deadlineMs : DEADLINE_MS;
    const unasked = new Set(this.#unasked.get(openid));
    const to = node === 0 ? 0 : 1;
    // A node that is working on the message gives the same answer to both deliveries.
    const isJoined = sent.waiting[to] > 0;
    sent.waiting[to] += 1;
    const answering = this.#nodes[to].deliver({ openid, id, text, deadlineMs });
    this.#watch(answering);
    const answer = await answering;
    sent.waiting[to] -= 1;
    sent.answers.push(answer);
    const { outcome, replies, error } = answer;
    if (error !== undefined) this.#errors.push(`turn: ${error}`);
    const how = outcome === 'duplicate' || isJoined ? 'repeated' : 'first';
    for (const reply of replies) {
      this.#receive(openid, reply, how);
      if (!unasked.has(reply)) continue;
      this.#breaches.push(`${openid} was answered what an event had said before: ${reply}`);
    }
    // A node delivers the replies of a message that counted, but has none for this caller, as events.
    if (replies.length > 0 || outcome === 'duplicate') sent.acknowledge();
    // The node refused it for now; a platform delivers it again after a while.
    else await pause(20);
  }

  #watch(work: Promise<unknown>): void {
    this.#open.add(work);
    void work.finally(() => this.#open.delete(work));
  }

  #hear(news: News): void {
    if (news.type === 'error') this.#errors.push(news.error);
    if (news.type === 'conflict') this.#conflicts += 1;
    if (news.type !== 'said') return;
    const { openid, id, text } = news;
    if (this.#ids.has(id)) this.#repeated += 1;
    else this.#receive(openid, text, 'first');
    this.#ids.add(id);
    this.#unasked.get(openid)?.add(text);
    this.#said += 1;
  }

  #receive(openid: string, text: string, how: 'first' | 'repeated'): void {
    const heard = this.#heard.get(openid);
    const counts = heard?.get(text) ?? { first: 0, repeated: 0 };
    counts[how] += 1;
    heard?.set(text, counts);
  }

  async #pauseNowAndThen(): Promise<void> {
    const { messages, pauses = { times: 0, milliseconds: 0 } } = this.#options;
    for (let time = 1; time <= pauses.times; time += 1) {
      const enough = Math.floor((messages * time) / (pauses.times + 1));
      while (this.#acknowledged < enough) {
        await new Promise<void>((resolve) => {
          this.#onAcknowledged = resolve;
        });
      }
      const node = this.#nodes[time % 2 === 0 ? 0 : 1];
      node.pause();
      await pause(pauses.milliseconds);
      node.resume();
    }
  }

  /** Waits until every reply has come and nothing is due. */
  async #settled(): Promise<void> {
    const until = performance.now() + SETTLE_MS;
    for (;;) {
      const due = await this.#place.persister.due(Date.now() + NEAR_MS, 10);
      if (due.length === 0 && this.#isAllSaid()) return;
      if (performance.now() > until) {
        for (const { openid } of due) this.#breaches.push(`something of ${openid} stays due`);
        return;
      }
      await pause(50);
    }
  }

  #isAllSaid(): boolean {
    return [...this.#heard.values()].every(
      (heard) =>
        numbersAfter('set', heard).every((number) => heard.has(`rang ${number}`)) &&
        numbersAfter('started', heard).every((number) => heard.has(`worked ${number}`)),
    );
  }

  #compare(known: readonly Counted[]): Omit<Sprayed, 'seconds'> {
    const breaches = this.#breaches;
    const users = new Map(
      this.#openids.map((openid, index) => {
        const user = { heard: this.#heard.get(openid) ?? new Map(), known: known[index] };
        return [openid, { ...user, sent: [] as Sent[] }];
      }),
    );
    for (const sent of this.#sent) {
      users.get(sent.openid)?.sent.push(sent);
      breaches.push(...differing(sent));
    }
    let timers = 0;
    let services = 0;
    for (const [openid, { heard, sent, known: is }] of users) {
      const set = numbersAfter('set', heard);
      const started = numbersAfter('started', heard);
      timers += set.length;
      services += started.length;
      const texts = [
        ...sent.map(({ number }) => `heard ${number} ${number}`),
        ...set.flatMap((number) => [`set ${number}`, `rang ${number}`]),
        ...started.flatMap((number) => [`started ${number}`, `worked ${number}`]),
      ];
      for (const text of texts) {
        const { first, repeated } = heard.get(text) ?? { first: 0, repeated: 0 };
        const message = messageOf(text, sent);
        // A caller who gave up waiting received the answer with the redelivery.
        const isAnswered = first === 0 && repeated > 0 && message !== undefined && isLate(message);
        if (first === 1 || isAnswered) continue;
        breaches.push(`${openid} received ${first} times, and repeated ${repeated} times: ${text}`);
      }
      for (const text of heard.keys()) {
        if (!texts.includes(text)) breaches.push(`${openid} received without a reason: ${text}`);
      }
      const numbers = sent.map(({ number }) => number);
      const should: Partial<Counted> = {
        count: sent.length,
        misplaced: 0,
        recent: numbers.slice(-RECENT),
        rung: set.length,
        worked: started.length,
      };
      for (const [key, value] of Object.entries(should)) {
        const found = JSON.stringify(is?.[key as keyof Counted]);
        const wanted = JSON.stringify(value);
        if (found !== wanted) breaches.push(`${openid}: ${key} is ${found}, not ${wanted}`);
      }
    }
    return {
      messages: this.#sent.length,
      redelivered: this.#sent.filter(({ deliveries }) => deliveries > 1).length,
      said: this.#said,
      timers,
      services,
      conflicts: this.#conflicts,
      repeated: this.#repeated,
      breaches,
      errors: this.#errors,
    };
  }
}

function numbersAfter(verb: string, heard: Heard): number[] {
  const parts = [...heard.keys()].map((text) => text.split(' '));
  return parts.filter(([first]) => first === verb).map(([, number]) => Number(number));
}

function isLate({ answers }: Sent): boolean {
  return answers.some(({ outcome }) => outcome === 'pending' || outcome === 'failed');
}

/** The message whose answer has this text: that of a reminder which was overdue when the user wrote may be any of the user's. */
function messageOf(text: string, sent: readonly Sent[]): Sent | undefined {
  const [what, number] = text.split(' ');
  if (what !== 'rang') return sent[Number(number) - 1];
  return sent.find(({ answers }) => answers.some(({ replies }) => replies.includes(text)));
}

/** A repeated answer contains the same replies, or those of them that existed by then. */
function differing({ openid, text, answers }: Sent): string[] {
  const fullest = answers.reduce<readonly string[]>(
    (longest, { replies }) => (replies.length > longest.length ? replies : longest),
    [],
  );
  return answers
    .filter(({ replies }) => replies.some((reply, index) => reply !== fullest[index]))
    .map(
      ({ replies }) => `${openid}: ${text} was answered ${replies.join()} and ${fullest.join()}`,
    );
}

/** Mulberry32: the same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
