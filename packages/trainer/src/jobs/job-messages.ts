import type { DatasetName } from '../datasets/dataset.js';
import type { StorageLocation } from './storage.js';
import type { TrainingJob } from './training-job.js';

/** One job with everything that the process that runs it needs. */
export interface JobTask {
  readonly job: TrainingJob;
  /** Where the run is on this machine. */
  readonly folder: string;
  readonly roots: Readonly<Partial<Record<DatasetName, string>>>;
  /** The checkpoint that `job.init` names, on this machine. */
  readonly init: string | undefined;
  /** Where the run's state is kept for other machines; absent: nowhere else than in the folder. */
  readonly storage?: StorageLocation & { readonly key: string };
}

/** To the process of a job. */
export type JobRequest =
  { readonly kind: 'start'; readonly task: JobTask } | { readonly kind: 'stop' };

/** From the process of a job; the last one before its end is not a share. */
export type JobReply =
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'finished' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
