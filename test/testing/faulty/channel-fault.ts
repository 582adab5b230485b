import type { Clock } from 'colloquy';
import type { ChannelSubject } from 'colloquy/testing';
import type { Channel } from '../../../src/channels/channel.ts';

/** A channel that breaks a rule in one way, as a program's channel might. */
export interface ChannelFault {
  readonly what: string;
  readonly breaks: string;
  /** What the case has to say of it, among other things. */
  readonly says: string;
  subject(): ChannelSubject;
}

/** What a faulty channel is opened with. */
export interface World {
  readonly clock: Clock;
  readonly subject: ChannelSubject;
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** A sound channel, of which a part is changed. */
export function fault(
  breaks: string,
  what: string,
  says: string,
  base: ChannelSubject,
  spoil: (channel: Channel, world: World) => Partial<Channel>,
): ChannelFault {
  const subject: ChannelSubject = {
    ...base,
    open(world) {
      const channel = base.open(world);
      return { ...channel, ...spoil(channel, { ...world, subject: base }) };
    },
  };
  return { breaks, what, says, subject: () => subject };
}
