import { TrainerError } from '../errors.js';
import type { Sample, Split, SplitSamples } from './dataset.js';

/** The official parts of FER2013, which FER+ keeps. */
export const FER_PARTS = ['train', 'val', 'test'] as const;
export type FerPartName = (typeof FER_PARTS)[number];

/** An image of FER2013 with its label, or the reason why it has none. */
export type UnhashedFerImage = Pick<Sample, 'id' | 'source'> &
  (
    | { readonly label: number; readonly distribution?: readonly number[] }
    | { readonly reason: string }
  );
export type FerImage = UnhashedFerImage & Pick<Sample, 'hash'>;

/** One official part; read when it is asked for, and at most once. */
export interface FerPart {
  /** Contents of all its images, labelled or not; none where the part is not there. */
  readonly hashes: () => Promise<Iterable<string>>;
  readonly images: () => Promise<readonly FerImage[]>;
}

/** The splits that can be made of the parts. */
export const FER_SPLITS: readonly Split[] = ['train', 'val', 'test', 'train-all'];

/**
 * One split. Images without a label of ours are left out, and so are images whose content occurred
 * before (counted apart where it had another label). A content that occurs in several splits stays
 * in the one furthest from training: test, then val, then train. The test split itself keeps its
 * duplicates, so that its figures compare with published ones.
 */
export async function ferSplit(
  parts: Readonly<Record<FerPartName, FerPart>>,
  split: Split,
): Promise<SplitSamples> {
  const chosen: FerPartName[] = split === 'train-all' ? ['train', 'val'] : [split as FerPartName];
  const guarded: FerPartName[] =
    split === 'train' ? ['val', 'test'] : split === 'test' ? [] : ['test'];
  const seen = new Map<string, number | undefined>();
  for (const name of guarded) {
    for (const [hash, label] of await contentsOf(parts[name])) seen.set(hash, label);
  }
  const dropped: Record<string, number> = {};
  const drop = (reason: string): void => {
    dropped[reason] = (dropped[reason] ?? 0) + 1;
  };
  const samples: Sample[] = [];
  for (const name of chosen) {
    for (const image of await parts[name].images()) {
      const group = image.hash ?? image.id;
      if ('reason' in image) {
        drop(image.reason);
      } else if (split !== 'test' && seen.has(group)) {
        const before = seen.get(group);
        const isOther = before !== undefined && before !== image.label;
        drop(isOther ? 'duplicate with another label' : 'duplicate');
      } else {
        seen.set(group, image.label);
        samples.push({ ...image, group });
      }
    }
  }
  return { samples, dropped };
}

/** Every content of a part with its label, where it has one; a test part may have no labels at all. */
async function contentsOf(part: FerPart): Promise<Map<string, number | undefined>> {
  const contents = new Map<string, number | undefined>();
  for (const hash of await part.hashes()) contents.set(hash, undefined);
  if (contents.size === 0) return contents;
  const images = await part.images().catch((error: unknown) => {
    if (error instanceof TrainerError && error.code === 'dataset-layout') return [];
    throw error;
  });
  for (const image of images) {
    if (image.hash !== undefined && 'label' in image) contents.set(image.hash, image.label);
  }
  return contents;
}
