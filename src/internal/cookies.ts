/**
 * The values of the cookies of a name in a request, in the order of its header. There may be several: a browser sends those of another
 * path, of a domain above the host and of a partition as well, and does not say which is which. So take each one for what it proves.
 */
export function cookiesOf({ headers }: Pick<Request, 'headers'>, name: string): readonly string[] {
  const start = `${name}=`;
  return (headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start))
    .map((pair) => pair.slice(start.length));
}
