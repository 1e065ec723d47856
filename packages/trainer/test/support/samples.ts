import type { Sample } from '../../src/datasets/dataset.js';
import type { ImageSource } from '../../src/image.js';

/** A file as the source of an image. */
export function fileAt(path: string): ImageSource {
  return { kind: 'file', path };
}

/** A sample of the first class that is the image in a file, with the path for all its names. */
export function sampleAt(path: string): Sample {
  return { id: path, source: fileAt(path), label: 0, hash: path, group: path };
}
