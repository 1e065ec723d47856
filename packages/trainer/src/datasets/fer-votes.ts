import { EMOTIONS } from 'emotion-cam/network';

/** The columns of votes in FER+'s tables, in their order. */
const VOTE_COLUMNS = [
  'neutral',
  'happiness',
  'surprise',
  'sadness',
  'anger',
  'disgust',
  'fear',
  'contempt',
  'unknown',
  'not-a-face',
] as const;
type VoteColumn = (typeof VOTE_COLUMNS)[number];

/** The same as `fer2013new.csv` names them. */
export const VOTE_TABLE_COLUMNS: readonly string[] = VOTE_COLUMNS.map((column) =>
  column === 'not-a-face' ? 'NF' : column,
);

/** The label of an image by its votes, or the reason why it is none of ours. */
export type Verdict =
  | { readonly label: number; readonly distribution: readonly number[] }
  | { readonly reason: string };

/** Whether these are FER+'s ten numbers of votes. */
export function areVotes(votes: readonly number[]): boolean {
  return votes.length === VOTE_COLUMNS.length && votes.every((count) => Number.isFinite(count));
}

/**
 * FER+'s "majority" rule: single votes are outliers; of the others, one column must have more than
 * half. The reason is that column where it is no class of ours, or `no-majority`.
 */
export function verdictOf(votes: readonly number[]): Verdict {
  const kept = votes.map((count) => (count > 1 ? count : 0));
  const winner = majority(kept);
  const label = EMOTIONS.findIndex((emotion) => emotion === winner);
  return label < 0 ? { reason: winner } : { label, distribution: distributionOf(kept) };
}

/** The column with more than half of the votes (Barsoum et al. 2016, "majority voting"). */
function majority(votes: readonly number[]): VoteColumn | 'no-majority' {
  const total = votes.reduce((sum, count) => sum + count, 0);
  return VOTE_COLUMNS.find((_, column) => (votes[column] ?? 0) > total / 2) ?? 'no-majority';
}

/** The votes for our seven classes, scaled to sum 1. */
function distributionOf(votes: readonly number[]): number[] {
  const ours = EMOTIONS.map((emotion) => votes[VOTE_COLUMNS.indexOf(emotion)] ?? 0);
  const total = ours.reduce((sum, count) => sum + count, 0);
  return ours.map((count) => count / total);
}
