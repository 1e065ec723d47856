import type { Dataset, DatasetName, Sample, Split } from './dataset.js';
import type { DecodingFacts } from './decode-all.js';
import { fingerprintOf } from './fingerprint.js';

/** Fewer images of a class than this are too few to learn or to measure it. */
const FEW_IMAGES = 10;

/** A split whose images were decoded. */
export interface InspectedSplit extends DecodingFacts {
  readonly dataset: Dataset;
}

/** What a person wants to know about a split before training on it; plain JSON. */
export interface SplitReport extends DecodingFacts {
  readonly split: Split;
  readonly images: number;
  /** Subjects, or different contents. */
  readonly groups: number;
  /** Images of each class, or with each attribute. */
  readonly classCounts: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
  /** Images whose content another image of the split has had before. */
  readonly duplicates: number;
  /** Names of images with one content and different labels, together. */
  readonly conflicts: readonly (readonly string[])[];
  readonly fingerprint: string;
}

/** Contents that two splits share. */
export interface SharedContents {
  readonly splits: readonly [Split, Split];
  /** Different contents. */
  readonly contents: number;
  /** Those of them that have different labels in the two. */
  readonly conflicts: readonly (readonly string[])[];
}

/** A set before training; plain JSON. */
export interface DatasetReport {
  readonly name: DatasetName;
  readonly layout: string;
  readonly labels: readonly string[];
  readonly splits: readonly SplitReport[];
  readonly shared: readonly SharedContents[];
  /** Splits that were asked for and are not there, with the reason. */
  readonly missing: Readonly<Partial<Record<Split, string>>>;
  /** Sentences. */
  readonly warnings: readonly string[];
  /** How long reading, hashing and decoding took. */
  readonly seconds: number;
}

/**
 * The report on some splits of one set.
 *
 * @param splits - at least one, all of one set
 */
export function reportOn(
  splits: readonly InspectedSplit[],
  seconds: number,
  missing: DatasetReport['missing'] = {},
): DatasetReport {
  const { name, layout, labels } = splits[0]!.dataset;
  const reports = splits.map(reportOnSplit);
  // `train-all` holds the others: what it shares with them says nothing.
  const apart = splits.filter(({ dataset }) => dataset.split !== 'train-all');
  const shared = apart.flatMap((first, i) =>
    apart.slice(i + 1).flatMap((second) => sharedContents(first.dataset, second.dataset)),
  );
  const warnings = [...reports.flatMap(warningsOfSplit), ...shared.flatMap(warningsOfShared)];
  return { name, layout, labels, splits: reports, shared, missing, warnings, seconds };
}

function reportOnSplit({ dataset, unreadable, sizes }: InspectedSplit): SplitReport {
  const { split, samples, labels, dropped } = dataset;
  const contents = byContent(samples);
  const hashed = samples.filter(({ hash }) => hash !== undefined).length;
  return {
    split,
    images: samples.length,
    groups: new Set(samples.map(({ group }) => group)).size,
    classCounts: Object.fromEntries(
      labels.map((name, label) => [name, samples.filter((each) => has(each, label)).length]),
    ),
    dropped,
    duplicates: hashed - contents.size,
    conflicts: [...contents.values()].filter(haveConflict).map(namesOf),
    unreadable,
    sizes,
    fingerprint: fingerprintOf(dataset),
  };
}

/** Whether an image is of a class, or has an attribute. */
const has = ({ attributes, label }: Sample, index: number): boolean =>
  attributes ? attributes[index] === 1 : label === index;

function sharedContents(first: Dataset, second: Dataset): SharedContents[] {
  const ours = byContent(first.samples);
  const theirs = byContent(second.samples);
  const both = [...ours].flatMap(([hash, samples]) => {
    const others = theirs.get(hash);
    return others ? [[...samples, ...others]] : [];
  });
  if (both.length === 0) return [];
  const conflicts = both.filter(haveConflict).map(namesOf);
  return [{ splits: [first.split, second.split], contents: both.length, conflicts }];
}

function byContent(samples: readonly Sample[]): Map<string, Sample[]> {
  const contents = new Map<string, Sample[]>();
  for (const sample of samples) {
    if (sample.hash === undefined) continue;
    const found = contents.get(sample.hash);
    if (found) found.push(sample);
    else contents.set(sample.hash, [sample]);
  }
  return contents;
}

const haveConflict = (samples: readonly Sample[]): boolean =>
  new Set(samples.map(({ attributes, label }) => attributes?.join() ?? label)).size > 1;

const namesOf = (samples: readonly Sample[]): string[] => samples.map(({ id }) => id);

function warningsOfSplit({ split, classCounts, conflicts, unreadable }: SplitReport): string[] {
  const warnings: string[] = [];
  const classes = Object.entries(classCounts);
  const none = classes.filter(([, count]) => count === 0).map(([name]) => name);
  if (none.length > 0) warnings.push(`${split} has no image of ${none.join(', ')}.`);
  const few = classes.filter(([, count]) => count > 0 && count < FEW_IMAGES);
  if (few.length > 0) {
    const counts = few.map(([name, count]) => `${count} of ${name}`);
    warnings.push(`${split} has few images of a class: ${counts.join(', ')}.`);
  }
  if (conflicts.length > 0) {
    warnings.push(
      `${split} has ${conflicts.length} content(s) under different labels, for example ` +
        `${conflicts[0]!.join(' and ')}.`,
    );
  }
  if (unreadable.length > 0) {
    warnings.push(`${split} has ${unreadable.length} image(s) that cannot be read; left out.`);
  }
  return warnings;
}

function warningsOfShared({ splits, contents, conflicts }: SharedContents): string[] {
  const labels = conflicts.length > 0 ? `, ${conflicts.length} under different labels` : '';
  return [`${splits.join(' and ')} share ${contents} content(s)${labels}.`];
}
