export { type ManualClock, createManualClock } from './clock.ts';
export { type ContractCase, ContractError, type SelectedCases, selectCases } from './contract.ts';
export { type Fault, type FaultsOptions, type PersisterCall, faulty } from './faults.ts';
export { persisterContract } from './persister-contract.ts';
export type { PersisterCapability, PersisterCase, PersisterSubject } from './persister/subject.ts';
export type { LimitedChannel } from './lint/content.ts';
export type { Finding, LintRule, LintRules, RuleOptions } from './lint/rule.ts';
export { type LintOptions, formatFindings, lintDialogue } from './lint.ts';
