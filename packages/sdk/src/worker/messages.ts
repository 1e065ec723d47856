import type { Backend } from '../backend.js';
import type { HeatMap } from '../heat-map.js';
import type { ModelManifest } from '../network/manifest.js';
import type { ClassifiedFrame, PipelineLoss, PipelineSettings, StageTimings } from '../pipeline.js';
import type { PostableFrame } from './postable-frame.js';
import type { PostedError } from './posted-error.js';

/**
 * From the page to the worker. Each `process` is answered by one `result` or `failure`, each `explain`
 * by one `explained` or `failure`.
 */
export type ToWorker =
  | { readonly type: 'create'; readonly settings: PipelineSettings }
  | {
      readonly type: 'process';
      readonly call: number;
      readonly frame: PostableFrame;
      readonly timestampMs: number;
    }
  | {
      readonly type: 'explain';
      readonly call: number;
      readonly faceId: number;
      readonly classIndex: number;
    };

/** From the worker to the page; `started` comes first, once its script runs. */
export type FromWorker =
  | {
      readonly type: 'started';
      /** `navigator.gpu` is there; some browsers have it in pages only. */
      readonly hasGpu: boolean;
      /** MediaPipe reads frames through a WebGL canvas, which some browsers have in pages only. */
      readonly hasWebGl: boolean;
    }
  | { readonly type: 'progress'; readonly loadedBytes: number; readonly totalBytes: number }
  | {
      readonly type: 'created';
      readonly backend: Backend;
      readonly manifest: ModelManifest;
      readonly numTensors: number;
      readonly isLite: boolean;
      readonly stages: StageTimings;
    }
  | {
      readonly type: 'result';
      readonly call: number;
      readonly frame: ClassifiedFrame;
      readonly numTensors: number;
    }
  | { readonly type: 'explained'; readonly call: number; readonly heatMap: HeatMap }
  | { readonly type: 'failure'; readonly call: number; readonly error: PostedError }
  | { readonly type: 'lost'; readonly loss: PipelineLoss };

/** The number of `create`, which is answered like a call; calls count up from 1. */
export const CREATE_CALL = 0;
