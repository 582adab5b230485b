import { fromPromise } from 'xstate';

export interface Report {
  device?: 'kettle' | 'toaster';
  problem?: string;
  days?: number;
}

let count = 0;

/** Opens a ticket. Yours would ask a server, and pass the `signal` on. */
export const open = fromPromise<string, Report>(async () => {
  count += 1;
  return `T-${count}`;
});
