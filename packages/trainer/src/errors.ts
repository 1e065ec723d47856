/** Every error code of the trainer. Programs switch on these; people read the message. */
export type TrainerErrorCode =
  // data sets
  | 'dataset-unknown'
  | 'dataset-missing'
  | 'dataset-layout'
  | 'dataset-labels'
  | 'dataset-split'
  | 'dataset-empty'
  | 'dataset-changed'
  | 'labels-differ'
  | 'image-unreadable'
  // configuration
  | 'config-missing'
  | 'config-invalid'
  | 'config-unknown-key'
  // checkpoints and models
  | 'checkpoint-missing'
  | 'checkpoint-corrupt'
  | 'checkpoint-config'
  | 'model-missing'
  | 'model-invalid'
  | 'weights-missing'
  | 'weights-invalid'
  | 'export-differs'
  // results
  | 'results-missing'
  | 'results-invalid'
  | 'results-version'
  // jobs
  | 'job-mismatch'
  | 'job-failed'
  | 'job-crashed'
  | 'job-version'
  | 'queue-unreachable'
  | 'storage-failed'
  // run time
  | 'argument-invalid'
  | 'backend-unavailable'
  | 'browser-missing'
  | 'browser-failed'
  | 'training-diverged'
  | 'output-failed'
  | 'internal';

/**
 * An error of the trainer. The message says what was got, what was expected and what to do.
 */
export class TrainerError extends Error {
  override readonly name = 'TrainerError';
  readonly code: TrainerErrorCode;

  constructor(code: TrainerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
