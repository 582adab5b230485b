/** What the bot knows about a guest: the context of the dialogue. */
export interface Booking {
  /** The language of the conversation; the library's own texts follow it. */
  locale?: string | undefined;
  people?: number;
  when?: Date;
  name?: string;
  phone?: string;
  table?: string;
}
