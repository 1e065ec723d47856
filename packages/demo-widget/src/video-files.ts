/** What the page does with a file that is opened or dropped. */
export interface VideoFileHandlers {
  /** @param address - of the video, valid until the next file */
  readonly onVideo: (address: string, name: string, file: File) => void;
  /** @param sentence - why it is not read */
  readonly onOther: (sentence: string) => void;
}

/**
 * Takes video files from a file field, and those dropped anywhere on the page. While one is dragged
 * over it the body has the class `dropping`.
 */
export function acceptVideoFiles(field: HTMLInputElement, handlers: VideoFileHandlers): void {
  let address = '';
  const take = (file: File | undefined) => {
    if (!file) return;
    // An empty type is one that the system does not know: the player may know better.
    if (file.type !== '' && !file.type.startsWith('video/')) {
      handlers.onOther(`${file.name} is not a video (${file.type}). Open or drop a video file.`);
      return;
    }
    URL.revokeObjectURL(address);
    address = URL.createObjectURL(file);
    handlers.onVideo(address, file.name, file);
  };

  field.addEventListener('change', () => {
    take(field.files?.[0]);
    field.value = ''; // the same file again is a change too
  });

  const { body } = document;
  addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault(); // else the browser leaves the page for the file
    event.dataTransfer.dropEffect = 'copy';
    body.classList.add('dropping');
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) body.classList.remove('dropping');
  });
  addEventListener('drop', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    body.classList.remove('dropping');
    take(event.dataTransfer.files[0]);
  });
}
