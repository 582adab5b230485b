/** The key of a request as a header can hold it: itself, or its hash. */
export async function keyHeader(key: string): Promise<string> {
  if (/^[\u0021-\u007e]{1,255}$/u.test(key)) return key;
  const hash = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
