import type { RunningService } from '../../context/record/record.ts';
import type { Engine, Snapshot } from '../../dialogue/engine/engine.ts';
import { withStep } from '../../dialogue/text/current-step.ts';
import { UsageError } from '../../errors.ts';
import type { Events } from '../../internal/emitter.ts';
import { isWordEvent } from '../../reply.ts';
import type { Plan } from '../commit-plan.ts';
import { Drafts } from '../delivery/drafts.ts';
import type { Reporter } from '../reporting/reporter.ts';
import type { RunnerEvents } from '../events.ts';
import type { TurnTrace } from '../reporting/trace.ts';
import type { Exchange } from '../delivery/exchange.ts';
import type { ServiceListener, Services } from './services.ts';

interface EffectsOptions {
  readonly engine: Engine;
  readonly events: Events<RunnerEvents>;
  readonly reporter: Reporter;
  readonly services: Services;
}

/**
 * Passes on what services report. A service has no turn: nothing could commit what it says, and it runs again after a crash.
 * So its words are refused.
 */
export function serviceListener({
  events,
  reporter,
}: Pick<EffectsOptions, 'events' | 'reporter'>): ServiceListener {
  const drafts = new Drafts({ events, reporter });
  return {
    onWork: (openid, isWorking) => events.emit('working', { openid, isWorking }),
    onEnd: (token) => drafts.end(token),
    onEmit(openid, service, event) {
      if (event.type === 'draft') return drafts.show(openid, service, event);
      const { src } = service;
      if (!isWordEvent(event)) return events.emit('emit', { openid, event });
      const error = new UsageError(
        'unsupported_effect',
        `The service '${src}' emitted '${event.type}', and nothing was done: only a dialogue says something. Let the service end with what is to be said, and say it in its \`onDone\`.`,
        { openid, details: { service: src } },
      );
      reporter.error(error, openid);
    },
  };
}

/** Lets the effects of a turn happen after its commit: services stop and start, actions run, events are emitted. */
export class Effects {
  readonly #engine: Engine;
  readonly #events: Events<RunnerEvents>;
  readonly #reporter: Reporter;
  readonly #services: Services;

  constructor({ engine, events, reporter, services }: EffectsOptions) {
    this.#engine = engine;
    this.#events = events;
    this.#reporter = reporter;
    this.#services = services;
  }

  release(
    { openid, trace }: { readonly openid: string; readonly trace: TurnTrace | undefined },
    plan: Plan,
    exchange: Exchange | undefined,
  ): void {
    if (trace === undefined) this.#release(openid, plan, exchange);
    else trace.release(plan.record, () => this.#release(openid, plan, exchange));
  }

  #release(openid: string, plan: Plan, exchange: Exchange | undefined): void {
    for (const token of plan.stop) {
      this.#services.stop(token);
      exchange?.awaited?.drop(token);
    }
    for (const effect of plan.actions) {
      if (effect.type === 'emit') this.#events.emit('emit', { openid, event: effect.event });
      else this.#run(openid, effect.run, plan.record.savedAt);
    }
    if (plan.done !== undefined && this.#events.heard('done')) {
      this.#events.emit('done', { openid, output: plan.done.output });
    }
    for (const service of plan.start) {
      this.start(openid, plan.record.live as Snapshot, service, exchange);
    }
  }

  #run(openid: string, action: () => unknown, now: number): void {
    try {
      const result = withStep(now, action);
      if (result instanceof Promise) {
        result.catch((error: unknown) => this.#reporter.error(error, openid));
      }
    } catch (error) {
      this.#reporter.error(error, openid);
    }
  }

  /** @returns false if the dialogue no longer has such a service */
  start(openid: string, snapshot: Snapshot, service: RunningService, exchange?: Exchange): boolean {
    const logic = this.#engine.service(snapshot, service.actor, service.src);
    if (logic === undefined) return false;
    // If no caller is waiting, the lane does not wait for services.
    const awaited = exchange?.await();
    awaited?.add(service);
    this.#services.start(openid, service, logic, awaited);
    return true;
  }
}
