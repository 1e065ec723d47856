import { createHash } from 'node:crypto';
import type { Dataset } from './dataset.js';

/**
 * A hash over everything of a split that training sees: names, labels, votes, crops and contents of
 * its images, their order, the class names and the frame. Equal fingerprints, equal data.
 */
export function fingerprintOf({ labels, frame, samples }: Dataset): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([labels, frame]));
  for (const { id, label, distribution, attributes, crop, hash: content } of samples) {
    hash.update(`\n${JSON.stringify([id, label, distribution, crop, content])}`);
    if (attributes) hash.update(attributes);
  }
  return hash.digest('hex');
}
