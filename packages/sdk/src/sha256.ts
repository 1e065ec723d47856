let hasWarned = false;

/**
 * SHA-256 of a file's content, hexadecimal; `undefined` on an insecure page, where browsers give no way to
 * compute it. The console says so once.
 */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  // Insecure pages have no crypto.subtle, whatever the DOM's types say.
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (!subtle) {
    if (!hasWarned) {
      console.warn('emotion-cam: this page is not secure (https), so hashes cannot be checked.');
    }
    hasWarned = true;
    return undefined;
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
