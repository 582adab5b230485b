import type { Channel } from '../../channels/channel.ts';
import type { Reception, Delivery, ChannelRequest } from '../../channels/reception.ts';
import { UsageError } from '../../errors.ts';
import { type ManualClock, createManualClock } from '../clock.ts';
import { type ContractCase, checkNeeds, ContractError, brief, mustBe } from '../contract.ts';
import type {
  ChannelSubject,
  ChannelCapability,
  PushCall,
  UnsignedRequest,
  WireRequest,
  ChannelPayload,
} from './subject.ts';

/** One rule of a channel, as `channelContract` has them. */
export type ChannelCase = ContractCase<ChannelSubject, ChannelCapability>;

/** What a case works with. */
export interface ChannelHarness {
  readonly subject: ChannelSubject;
  readonly channel: Channel;
  readonly clock: ManualClock;
  /** What was sent to the platform. */
  readonly calls: PushCall[];
  /** How the platform answers from now on; at first it takes everything. */
  answerWith(answer: (call: PushCall) => Response | Promise<Response>): void;
  signed(payload: UnsignedRequest): WireRequest;
  receive(request: WireRequest): Promise<Reception>;
  /** What the channel makes of a payload that carries messages. */
  deliver(payload: ChannelPayload): Promise<Delivery>;
}

/** Makes a case of what it does with a new channel. */
export function channelCase(
  name: string,
  needs: readonly ChannelCapability[],
  body: (bench: ChannelHarness) => Promise<void>,
): ChannelCase {
  return Object.freeze({
    name,
    needs,
    async run(subject: ChannelSubject) {
      checkNeeds(name, needs, subject);
      try {
        await body(setUp(subject));
      } catch (error) {
        if (error instanceof ContractError || error instanceof UsageError) throw error;
        throw new ContractError(`the channel threw: ${brief(error)}`, { cause: error });
      }
    },
  });
}

function setUp(subject: ChannelSubject): ChannelHarness {
  const clock = createManualClock();
  const calls: PushCall[] = [];
  let answer = async (call: PushCall): Promise<Response> =>
    subject.platform?.accept(call) ?? new Response(null);
  const channel = subject.open({
    clock,
    async fetch(url, init) {
      const call = { url, init, body: typeof init.body === 'string' ? init.body : '' };
      calls.push(call);
      return answer(call);
    },
  });
  const receive = (request: WireRequest): Promise<Reception> =>
    channel.receive(toChannelRequest(request, clock.now()));
  const signed = (payload: UnsignedRequest): WireRequest => subject.sign(payload, clock.now());
  return {
    subject,
    channel,
    clock,
    calls,
    answerWith(give) {
      answer = async (call) => give(call);
    },
    signed,
    receive,
    async deliver(payload) {
      const reception = await receive(signed(payload));
      mustBe(
        reception.type === 'messages',
        `"${payload.name}" is signed and carries messages, and became ${brief(reception)}`,
      );
      return reception;
    },
  };
}

export function toChannelRequest(request: WireRequest, receivedAt: number): ChannelRequest {
  return {
    method: request.method,
    url: new URL(request.url),
    headers: new Headers(request.headers),
    receivedAt,
    readBody: async () => request.body,
  };
}
