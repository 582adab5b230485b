import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import autocannon, { type Options, type Result } from 'autocannon';
import { format, percent, times } from '../format.ts';
import { withBuild } from '../library.ts';
import type { Part, Report } from '../part.ts';
import { type Measurer, launch } from '../processes.ts';
import type { HttpKind, HttpServerCalls } from '../programs/http-server.ts';
import { figureOf, ratioOf } from '../statistics.ts';
import { TURNS, check, line } from '../survey.ts';

const TOKEN = 'bench';
const USERS = 1000;
const CONNECTIONS = 64;
const run = promisify(
  autocannon as (options: Options, done: (error: Error | null, result: Result) => void) => void,
);

/** Messages of WeChat over HTTP, compared with a handler that parses the same and answers a constant. */
export const http: Part = {
  name: 'http',
  async run(scale): Promise<Report> {
    scale.note('WeChat messages over HTTP');
    const seconds = scale.quick ? 2 : 4;
    const bare = await start('bare', scale.build);
    const colloquy = await start('colloquy', scale.build);
    await bare.shoot(2);
    await colloquy.shoot(2);
    for (let pair = 0; pair < (scale.quick ? 2 : 5); pair += 1) {
      bare.shots.push(await bare.shoot(seconds));
      colloquy.shots.push(await colloquy.shoot(seconds));
    }
    await bare.end();
    await colloquy.end();
    const ratio = ratioOf(of(colloquy, 'rate'), of(bare, 'rate'));
    const work = ratioOf(of(bare, 'microseconds'), of(colloquy, 'microseconds'));
    return {
      title: 'WeChat over HTTP',
      text: `${CONNECTIONS} connections kept alive by a separate client process; ${format(USERS)} users, every message signed and with a new id, every reply checked. The bare handler of \`node:http\` reads the body, parses it with the same parser and answers a constant. A client that is almost always busy sets the pace instead of the server, so the fair measure is the server's CPU time per request. By that measure, colloquy has ${times(work.median)} ± ${work.noise.toFixed(2)} the speed of the bare handler.`,
      tables: [
        {
          head: [
            'server',
            'requests/s',
            'against the bare handler',
            'CPU a request',
            'client busy',
            'p50',
            'p99',
          ],
          rows: [bare, colloquy].map((target) => [
            target === bare ? 'bare handler' : 'colloquy, `createWebhook`',
            format(figureOf(of(target, 'rate')).median),
            target === bare ? '1' : `${times(ratio.median)} ± ${ratio.noise.toFixed(2)}`,
            `${format(figureOf(of(target, 'microseconds')).median)} µs`,
            percent(figureOf(of(target, 'client')).median),
            `${format(figureOf(of(target, 'p50')).median)} ms`,
            `${format(figureOf(of(target, 'p99')).median)} ms`,
          ]),
        },
      ],
      checks: [
        {
          what: 'WeChat over HTTP: against a bare handler, by processor time',
          figure: work,
          unit: '×',
          atLeast: 0.7,
        },
      ],
    };
  },
};

interface Shot {
  /** Requests per second. */
  readonly rate: number;
  /** CPU time of the server per request. */
  readonly microseconds: number;
  /** The share of the time in which the client was busy. */
  readonly client: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

function of({ shots }: Target, field: keyof Shot): number[] {
  return shots.map((shot) => shot[field]);
}

interface Target {
  readonly shots: Shot[];
  shoot(seconds: number): Promise<Shot>;
  end(): Promise<void>;
}

async function start(kind: HttpKind, build: string): Promise<Target> {
  const server: Measurer<HttpServerCalls> = launch('http-server', { env: withBuild(build) });
  const port = await server.call('start', { kind, token: TOKEN });
  const messages = new Messages(kind);
  return {
    shots: [],
    async shoot(seconds) {
      const before = await server.call('cpu', undefined as never);
      const own = process.cpuUsage();
      const { requests, duration, latency, errors, non2xx } = await run({
        url: `http://127.0.0.1:${port}/?${signed()}`,
        method: 'POST',
        headers: { 'content-type': 'text/xml' },
        connections: CONNECTIONS,
        duration: seconds,
        requests: [
          {
            setupRequest: (request, context) => ({ ...request, body: messages.next(context) }),
            onResponse: (status, body, context) => messages.check(status, body, context),
          },
        ],
      });
      const { user, system } = process.cpuUsage(own);
      const after = await server.call('cpu', undefined as never);
      if (errors > 0 || non2xx > 0) {
        throw new Error(`${kind}: ${errors} errors, ${non2xx} refusals`);
      }
      messages.checkAll();
      return {
        rate: requests.total / duration,
        microseconds: (after - before) / requests.total,
        client: (user + system) / (duration * 1e6),
        p50: latency.p50,
        p99: latency.p99,
      };
    },
    end: () => server.end(),
  };
}

function signed(): string {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHash('sha1')
    .update([TOKEN, timestamp, 'nonce'].toSorted().join(''))
    .digest('hex');
  return `signature=${signature}&timestamp=${timestamp}&nonce=nonce`;
}

/** The messages of all users, who speak in turn. */
class Messages {
  readonly #kind: HttpKind;
  /** For each user, the number of answered messages: the next run sends again what a stopped run left open. */
  readonly #answered = new Uint32Array(USERS);
  readonly #waiting = new Set<number>();
  #next = 0;
  #fault: Error | undefined;

  constructor(kind: HttpKind) {
    this.#kind = kind;
  }

  next(context: object): string {
    while (this.#waiting.has(this.#next % USERS)) this.#next += 1;
    const user = this.#next % USERS;
    this.#next += 1;
    this.#waiting.add(user);
    const turn = this.#answered[user] as number;
    Object.assign(context, { user });
    return [
      '<xml><ToUserName><![CDATA[gh_bench]]></ToUserName>',
      `<FromUserName><![CDATA[user-${user}]]></FromUserName>`,
      `<CreateTime>${Math.floor(Date.now() / 1000)}</CreateTime><MsgType><![CDATA[text]]></MsgType>`,
      `<Content><![CDATA[${line(user, turn % TURNS)}]]></Content>`,
      // A turn always has the same id: a user whose answer was cut off receives it again.
      `<MsgId>${turn * USERS + user + 1}</MsgId></xml>`,
    ].join('');
  }

  check(status: number, body: string, context: object): void {
    const { user } = context as { user: number };
    const turn = this.#answered[user] as number;
    this.#answered[user] = turn + 1;
    this.#waiting.delete(user);
    try {
      if (status !== 200) throw new Error(`The status was ${status}.`);
      const said = /<Content><!\[CDATA\[(.*?)\]\]><\/Content>/.exec(body)?.[1] ?? body;
      if (this.#kind === 'bare') {
        if (said !== 'constant') throw new Error(`The answer was ${said}.`);
      } else check(user, Math.floor(turn / TURNS), turn % TURNS, said);
    } catch (error) {
      this.#fault ??= error as Error;
    }
  }

  checkAll(): void {
    this.#waiting.clear();
    if (this.#fault !== undefined) throw this.#fault;
  }
}
