import { issue, type Parser } from './parser.ts';

/** A place that the user sent. */
export interface Location {
  /** Degrees, −90 to 90, north positive. */
  readonly latitude: number;
  /** Degrees, −180 to 180, east positive. */
  readonly longitude: number;
  /** The name or the address of the place, if the user sent one. */
  readonly label?: string;
}

/** Takes a location that was sent as one. A name of a place in words is not looked up. */
export function location(): Parser<Location> {
  return (message) => {
    const { latitude, longitude, label }: Partial<Record<keyof Location, unknown>> =
      message.type === 'message.location' ? message : {};
    if (!isDegrees(latitude, 90) || !isDegrees(longitude, 180)) return issue('issue.location');
    return { value: { latitude, longitude, ...(typeof label === 'string' && { label }) } };
  };
}

function isDegrees(value: unknown, limit: number): value is number {
  return typeof value === 'number' && Math.abs(value) <= limit;
}
