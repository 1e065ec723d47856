/** Saves a file where the browser puts downloads. */
export function saveFile(content: Blob, name: string): void {
  const href = URL.createObjectURL(content);
  Object.assign(document.createElement('a'), { href, download: name }).click();
  setTimeout(() => {
    URL.revokeObjectURL(href); // not at once: the download reads it
  }, 60_000);
}
