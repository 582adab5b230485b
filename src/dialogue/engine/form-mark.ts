/** Marks the config of a state that fills a form. XState keeps what it does not know. */
export const FORM_MARK: unique symbol = Symbol.for('colloquy.form');

export function isForm(config: object): boolean {
  return FORM_MARK in config;
}
