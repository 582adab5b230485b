import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { ElkNode } from 'elkjs';
import { systemClock } from '../clock.ts';
import { UsageError } from '../errors.ts';
import { withDeadline } from '../internal/async.ts';
import type { Chart } from './chart.ts';
import { type Layout, elkGraphOf, layOut, layoutOf, noLayout } from './layout.ts';

/** How long a layout may take. The largest dialogue that was tried, of 1000 states, took 40 seconds. */
const LONGEST_MS = 180_000;
/** How long the thread stays for the next layout: the first one takes seconds until the code of ELK is warm. */
const IDLE_MS = 60_000;

/** What the thread runs: the library is one file for ES modules and CommonJS, so the thread cannot be a file beside it. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const Elk = require(workerData);
const elk = new Elk();
parentPort.on('message', (graphs) => {
  Promise.all(graphs.map((graph) => elk.layout(graph))).then(
    (laid) => parentPort.postMessage({ laid }),
    (error) => parentPort.postMessage({ fault: String(error) }),
  );
});`;

type Answer = { readonly laid: readonly ElkNode[] } | { readonly fault: string };

/** The one thread of the process that lays charts out, and when it was last used. */
let thread: Worker | undefined;
let cancelEnd = (): void => {};
/** One layout after the other. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Lays charts out in another thread, so that the process answers meanwhile. Where no thread can start, it does so in this one.
 * @throws UsageError `no_layout` where elkjs is not installed, or takes too long
 */
export function layOutApart(charts: readonly Chart[]): Promise<readonly Layout[]> {
  const next = last.then(() => layOutNow(charts));
  last = next.catch(() => undefined);
  return next;
}

async function layOutNow(charts: readonly Chart[]): Promise<readonly Layout[]> {
  let worker: Worker;
  try {
    worker = takeThread();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // A process that may have no threads: Node's --permission, or another runtime.
    return Promise.all(charts.map(layOut));
  }
  try {
    const answer = await withDeadline(answerOf(worker, charts.map(elkGraphOf)), {
      clock: systemClock,
      at: systemClock.now() + LONGEST_MS,
      onPass: () => {
        throw new UsageError('no_layout', `The charts took over ${LONGEST_MS} ms to lay out.`);
      },
    });
    if ('fault' in answer) throw new UsageError('no_layout', `elkjs failed: ${answer.fault}`);
    const endAt = systemClock.now() + IDLE_MS;
    cancelEnd = systemClock.wake(endAt, () => endThread(worker));
    return answer.laid.map(layoutOf);
  } catch (error) {
    endThread(worker);
    throw error;
  }
}

function takeThread(): Worker {
  cancelEnd();
  if (thread !== undefined) return thread;
  let elk: string;
  try {
    elk = createRequire(import.meta.url).resolve('elkjs/lib/elk.bundled.js');
  } catch (error) {
    throw noLayout(error);
  }
  const worker = new Worker(PROGRAM, { eval: true, workerData: elk });
  worker.on('error', () => endThread(worker)).unref();
  thread = worker;
  return worker;
}

function endThread(worker: Worker): void {
  if (thread === worker) thread = undefined;
  void worker.terminate();
}

function answerOf(worker: Worker, graphs: readonly ElkNode[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      worker.off('message', onAnswer).off('error', onError).off('exit', onExit).unref();
    };
    const onAnswer = (answer: Answer): void => {
      stop();
      resolve(answer);
    };
    const onError = (cause: unknown): void => {
      stop();
      reject(new UsageError('no_layout', 'The thread that lays charts out failed.', { cause }));
    };
    const onExit = (): void => onError(undefined);
    // A caller waits: the process stays until there is an answer.
    worker.on('message', onAnswer).on('error', onError).on('exit', onExit).ref();
    worker.postMessage(graphs, []);
  });
}
