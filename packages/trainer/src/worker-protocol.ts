import type { NamedArray, NetworkConfig } from 'emotion-cam/network';
import type { AugmentConfig } from './augment.js';
import type { BackendName } from './backend.js';
import type { TrainingConfig } from './config.js';
import type { FrameCorrection } from './datasets/dataset.js';
import type { ImageBlocks } from './datasets/image-blocks.js';
import type { StepResult } from './step.js';
import type { Teacher } from './teacher.js';
import type { StepNumbers } from './webgpu/planned-training.js';

/** Memory that all workers of a run share; every array is a view of a SharedArrayBuffer. */
export interface SharedArrays {
  /** Parameters, then running statistics ({@link ArenaLayout}). */
  readonly arena: Float32Array;
  readonly moment1: Float32Array;
  readonly moment2: Float32Array;
  /** Moving average of the arena, where the configuration asks for one. */
  readonly average?: Float32Array;
  /** One gradient and one set of batch statistics for each worker, by the arena's layout. */
  readonly gradients: readonly Float32Array[];
}

/** Decoded images that the workers render from. */
export interface SharedImages {
  /** RGB, [height,width,3] each. */
  readonly pixels: ImageBlocks;
  readonly width: number;
  readonly height: number;
  readonly frame: FrameCorrection;
  /** [count,K] */
  readonly targets: Float32Array;
}

/** One image of a batch. */
export interface BatchItem {
  /** The name of the images at the workers. */
  readonly slot: string;
  readonly index: number;
  /** Stream of the augmentation's random numbers; the same wherever the image is rendered. */
  readonly stream: readonly number[];
}

/** One batch, or a worker's share of it, before its images are rendered. */
export interface BatchPlan {
  readonly items: readonly BatchItem[];
  readonly imageSize: number;
  readonly augmentation: AugmentConfig;
  /** Stream of the batch's random numbers; each worker adds its own number. */
  readonly stream: readonly number[];
  /** Side of the images that a teacher sees of the same batch. */
  readonly teacherImageSize?: number | undefined;
}

/** What the run asks of a worker. Every request has one answer. */
export type WorkerRequest =
  | { readonly kind: 'start'; readonly backend: BackendName }
  | {
      readonly kind: 'prepare-training';
      readonly config: TrainingConfig;
      readonly shared: SharedArrays;
      readonly teacher: Teacher | null;
      /** Steps are those of a plan on the graphics card. */
      readonly isPlanned: boolean;
      readonly worker: number;
      readonly workers: number;
    }
  | { readonly kind: 'images'; readonly slot: string; readonly images: SharedImages }
  | { readonly kind: 'drop-images'; readonly slot: string }
  | {
      readonly kind: 'step';
      readonly batch: BatchPlan;
      /** The batch of the step after, rendered when the worker has nothing else to do. */
      readonly upcoming: BatchPlan | null;
    }
  | {
      readonly kind: 'update';
      readonly numbers: StepNumbers;
    }
  | {
      /** Gradients and update in one, on the graphics card. */
      readonly kind: 'planned-step';
      readonly batch: BatchPlan;
      readonly numbers: StepNumbers;
    }
  /** Waits for planned steps, and brings their results to the shared arrays. */
  | { readonly kind: 'settle' }
  | {
      readonly kind: 'prepare-evaluation';
      readonly network: NetworkConfig;
      readonly weights: readonly NamedArray[];
    }
  | {
      readonly kind: 'evaluate';
      readonly slot: string;
      readonly indices: readonly number[];
      readonly imageSize: number;
      /** The mean of the logits of each image and of its mirror image. */
      readonly isFlipped: boolean;
    };

/** The answers, by the request's kind. */
export interface WorkerAnswers {
  readonly start: undefined;
  readonly 'prepare-training': undefined;
  readonly images: undefined;
  readonly 'drop-images': undefined;
  readonly step: StepResult;
  readonly update: undefined;
  /** Of earlier steps that have ended meanwhile. */
  readonly 'planned-step': readonly StepResult[];
  readonly settle: readonly StepResult[];
  readonly 'prepare-evaluation': undefined;
  /** Logits, [indices.length,7]. */
  readonly evaluate: Float32Array;
}

/** What comes back over the wire. */
export type WorkerReply =
  | { readonly kind: 'done'; readonly value: WorkerAnswers[keyof WorkerAnswers] }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
