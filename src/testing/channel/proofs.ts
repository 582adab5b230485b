import { mustBe, mustEqual } from '../contract.ts';
import {
  type WireRequest,
  proofPlaces,
  replacedAt,
  required,
  spokenOf,
  valueAt,
} from './subject.ts';
import { type ChannelHarness, type ChannelCase, channelCase, toChannelRequest } from './harness.ts';

/** Every way to take from a proof, or to change it a little. */
function spoilt(
  { subject }: ChannelHarness,
  request: WireRequest,
): readonly [what: string, WireRequest][] {
  return proofPlaces(subject, request).flatMap((place) => {
    const value = valueAt(place, request);
    const twice = place.kind === 'parameter' ? [[value, value]] : [];
    const others = [[], ...mutilated(value).map((other) => [other]), ...twice];
    return others.map((values): [string, WireRequest] => [
      `the ${place.kind} ${place.name} as ${JSON.stringify(values)}`,
      replacedAt(place, request, ...values),
    ]);
  });
}

/** Shorter, longer, other letters, other case. Never the value itself. */
function mutilated(value: string): readonly string[] {
  const others = [
    '',
    value.slice(0, -1),
    `${value}0`,
    `0${value}`,
    swapped(value, 0),
    swapped(value, value.length - 1),
    swapped(value, Math.floor(value.length / 2)),
    value.toUpperCase(),
    'null',
  ];
  return others.filter((other) => other !== value);
}

/** With another character at one place. */
function swapped(value: string, at: number): string {
  return value.slice(0, at) + (value[at] === '0' ? '1' : '0') + value.slice(at + 1);
}

async function mustReject(
  bench: ChannelHarness,
  request: WireRequest,
  what: string,
): Promise<void> {
  const reception = await bench.receive(request);
  mustBe(reception.type === 'reject', `a request with ${what} is not proven, and was taken`);
  mustBe(
    reception.status >= 400 && reception.status < 500,
    `a request with ${what} is answered with a status of 4xx, not ${reception.status}`,
  );
  // What an attacker sends must not fill anybody's log.
  mustEqual(reception.error, undefined, `the error reported of a request with ${what}`);
}

export const proofCases: readonly ChannelCase[] = [
  channelCase('a request whose proof is missing or altered is rejected', [], async (bench) => {
    for (const payload of bench.subject.payloads) {
      const request = bench.signed(payload);
      for (const [what, spoiled] of spoilt(bench, request)) await mustReject(bench, spoiled, what);
    }
  }),

  channelCase(
    'a request whose body is not the signed one is rejected',
    ['signed-body'],
    async (bench) => {
      for (const payload of spokenOf(bench.subject)) {
        const request = bench.signed(payload);
        const { body } = request;
        const flipped = Uint8Array.from(body);
        const middle = Math.floor(body.length / 2);
        flipped[middle] = (flipped[middle] ?? 0) ^ 1;
        const others: [string, Uint8Array][] = [
          ['one bit of its body changed', flipped],
          ['a byte behind its body', new Uint8Array([...body, 0x20])],
          ['a part of its body', body.subarray(0, -1)],
          ['no body', new Uint8Array()],
        ];
        for (const [what, other] of others) {
          await mustReject(bench, { ...request, body: other }, what);
        }
      }
    },
  ),

  channelCase(
    'a proof holds for its time, and neither before nor after it',
    ['fresh'],
    async (bench) => {
      const { subject, clock, channel } = bench;
      const freshMs = required(subject.freshMs, 'freshMs');
      for (const payload of spokenOf(subject)) {
        const now = clock.now();
        for (const [offset, isTaken] of [
          [-freshMs - 2000, false],
          [-freshMs + 2000, true],
          [freshMs - 2000, true],
          [freshMs + 2000, false],
        ] as const) {
          const request = subject.sign(payload, now + offset);
          const { type } = await channel.receive(toChannelRequest(request, now));
          const when = `${Math.abs(offset)} ms ${offset < 0 ? 'before' : 'after'} it arrives`;
          const found = type === 'reject' ? 'rejected' : 'taken';
          mustEqual(found, isTaken ? 'taken' : 'rejected', `a request that was signed ${when}`);
        }
      }
    },
  ),

  channelCase('all answers to unproven requests are the same', [], async (bench) => {
    const [payload] = spokenOf(bench.subject);
    mustBe(payload !== undefined, 'there is a payload');
    const bodies = ['', '{', '<xml>', '\u0000', JSON.stringify({ a: 1 }), 'x'.repeat(100_000)];
    const answers = new Set<string>();
    for (const body of bodies) {
      const request = bench.signed({ ...payload, body: new TextEncoder().encode(body) });
      let forged = request;
      for (const place of proofPlaces(bench.subject, request)) {
        const value = valueAt(place, request);
        forged = replacedAt(place, forged, swapped(value, value.length - 1));
      }
      answers.add(JSON.stringify(await bench.receive(forged)));
    }
    mustEqual(answers.size, 1, 'the different answers to requests that are not proven');
  }),
];
