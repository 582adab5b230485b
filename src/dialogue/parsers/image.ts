import { issue, type Parser } from './parser.ts';

/** Where a picture is: at an address, or with the platform under an id. One of the two is there. */
export interface Image {
  /** Where it is, if the platform gives an address. */
  readonly url?: string;
  /** The id under which the platform keeps it. */
  readonly mediaId?: string;
}

/** Takes a picture that was sent as one. */
export function image(): Parser<Image> {
  return (message) => {
    if (message.type !== 'message.image') return issue('issue.image');
    const { url, mediaId }: { readonly url?: unknown; readonly mediaId?: unknown } = message;
    const value: Image = {
      ...(typeof url === 'string' && { url }),
      ...(typeof mediaId === 'string' && { mediaId }),
    };
    return 'url' in value || 'mediaId' in value ? { value } : issue('issue.image');
  };
}
