export { type ManualClock, createManualClock } from './clock.ts';
