/** The script of the worker: a {@link FacePipeline} that is driven by messages. Exports nothing. */
import { FacePipeline } from '../face-pipeline.js';
import type { PipelineSettings } from '../pipeline.js';
import { CREATE_CALL, type FromWorker, type ToWorker } from './messages.js';
import { closeFrame } from './postable-frame.js';
import { postError } from './posted-error.js';

let pipeline: FacePipeline | undefined;

function post(message: FromWorker): void {
  globalThis.postMessage(message);
}

async function create(settings: PipelineSettings): Promise<void> {
  pipeline = await FacePipeline.create(settings, {
    onProgress: (loadedBytes, totalBytes) => {
      post({ type: 'progress', loadedBytes, totalBytes });
    },
  });
  const { backend, manifest, numTensors, isLite, stages } = pipeline;
  post({ type: 'created', backend, manifest, numTensors, isLite, stages });
  void pipeline.lost.then((loss) => {
    post({ type: 'lost', loss });
  });
}

async function process({
  call,
  frame,
  timestampMs,
}: Extract<ToWorker, { type: 'process' }>): Promise<void> {
  const processing = pipeline!.process(frame, timestampMs); // the page waits for `created` before
  closeFrame(frame); // it was read
  const result = await processing;
  post({ type: 'result', call, frame: result, numTensors: pipeline!.numTensors });
}

async function explain({
  call,
  faceId,
  classIndex,
}: Extract<ToWorker, { type: 'explain' }>): Promise<void> {
  post({ type: 'explained', call, heatMap: await pipeline!.explain(faceId, classIndex) });
}

function answer(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'create':
      return create(message.settings);
    case 'process':
      return process(message);
    case 'explain':
      return explain(message);
  }
}

globalThis.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  answer(data).catch((error: unknown) => {
    const call = data.type === 'create' ? CREATE_CALL : data.call;
    post({ type: 'failure', call, error: postError(error) });
  });
});

post({
  type: 'started',
  hasGpu: 'gpu' in navigator,
  hasWebGl: new OffscreenCanvas(1, 1).getContext('webgl2') !== null,
});
