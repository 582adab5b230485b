/** What the bot knows about a guest: the context of the dialogue. */
export interface Booking {
  /** In which language we talk; the library's own words follow it, too. */
  locale?: string | undefined;
  people?: number;
  when?: Date;
  name?: string;
  phone?: string;
  table?: string;
}
