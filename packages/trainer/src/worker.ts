import { parentPort } from 'node:worker_threads';
import { arenaLayout, decayMask, type ArenaLayout } from './arena.js';
import { MIRRORED } from './augment.js';
import { updateAverage } from './averaging.js';
import { initialiseBackend } from './backend.js';
import { BatchRenderer } from './batch-renderer.js';
import { TrainerError } from './errors.js';
import { adamUpdate } from './optimizer.js';
import {
  Evaluator,
  STATISTICS_MOMENTUM,
  trainingStep,
  type Batch,
  type StepResult,
} from './step.js';
import { softmaxRows } from './probabilities.js';
import { outputsOf, taskOf } from './task.js';
import { PlannedTraining } from './webgpu/planned-training.js';
import { openTrainingDevice } from './webgpu/training-device.js';
import type { WorkerAnswers, WorkerReply, WorkerRequest } from './worker-protocol.js';

/** One data-parallel worker: renders its share of a batch, computes gradients, updates its range. */
interface TrainingState {
  readonly request: Extract<WorkerRequest, { kind: 'prepare-training' }>;
  readonly layout: ArenaLayout;
  readonly decay: Float32Array;
}

const renderer = new BatchRenderer();
let training: TrainingState | undefined;
let planned: PlannedTraining | undefined;
let teacher: Evaluator | undefined;
let evaluator: Evaluator | undefined;

function trainingState(): TrainingState {
  if (!training) throw new TrainerError('internal', 'A worker was not prepared for training.');
  return training;
}

async function step({
  batch,
  upcoming,
}: Extract<WorkerRequest, { kind: 'step' }>): Promise<StepResult> {
  const { request: run, layout } = trainingState();
  const { seed } = run.config;
  const share = { seed, worker: run.worker, outputs: outputsOf(run.config) };
  const rendered = renderer.take(batch, share);
  // Runs at the first pause: when the gradients have been sent off, or a GPU is busy with them.
  if (upcoming) {
    setImmediate(() => {
      renderer.prepare(upcoming, share);
    });
  }
  const own = run.shared.gradients[run.worker]!;
  const taught = await withTeacher(rendered, batch.teacherImageSize);
  return trainingStep(taught, run.shared.arena, layout, run.config, own, own);
}

/** The batch with what the teacher says of it, where there is one. */
async function withTeacher(batch: Batch, imageSize: number | undefined): Promise<Batch> {
  const { teacherImages, count } = batch;
  if (!teacher || !teacherImages || imageSize === undefined) return batch;
  return { ...batch, teacherLogits: await teacher.logits(teacherImages, count, imageSize) };
}

/** Adam on this worker's range of the parameters; the first worker also moves the statistics. */
function update({ numbers }: Extract<WorkerRequest, { kind: 'update' }>): void {
  const { request: run, layout, decay } = trainingState();
  const { arena, moment1, moment2, average, gradients } = run.shared;
  const share = Math.ceil(layout.trainable / run.workers);
  const from = run.worker * share;
  const to = Math.min(layout.trainable, from + share);
  const state = { parameters: arena, moment1, moment2, average, gradients, decay };
  const { averageDecay } = numbers;
  adamUpdate(state, run.config.optimizer, { ...numbers, from, to });
  if (run.worker !== 0) return;
  for (let i = layout.trainable; i < layout.total; i++) {
    let mean = 0;
    for (const gradient of gradients) mean += gradient[i]! / gradients.length;
    arena[i] = arena[i]! + STATISTICS_MOMENTUM * (mean - arena[i]!);
  }
  const statistics = (values: Float32Array): Float32Array => values.subarray(layout.trainable);
  if (average) updateAverage(statistics(average), statistics(arena), averageDecay);
}

/** The state of steps on the graphics card. */
function plannedTraining(): PlannedTraining {
  if (!planned) throw new TrainerError('internal', 'A worker was not prepared for planned steps.');
  return planned;
}

async function plannedStep({
  batch,
  numbers,
}: Extract<WorkerRequest, { kind: 'planned-step' }>): Promise<readonly StepResult[]> {
  const { request: run } = trainingState();
  const { seed, distillation } = run.config;
  const outputs = outputsOf(run.config);
  const listed = renderer.list(batch, { seed, worker: run.worker, outputs });
  const { teacherImages, pictures } = listed;
  if (!teacher || !teacherImages || batch.teacherImageSize === undefined) {
    return plannedTraining().step(listed, numbers);
  }
  const logits = await teacher.logits(teacherImages, pictures.length, batch.teacherImageSize);
  const taught = Float32Array.from(softmaxRows(logits, outputs, distillation.temperature));
  return plannedTraining().step({ ...listed, taught }, numbers);
}

async function prepareTraining(
  request: Extract<WorkerRequest, { kind: 'prepare-training' }>,
): Promise<void> {
  const { config, shared, isPlanned } = request;
  const outputs = outputsOf(config);
  const layout = arenaLayout(config.network, outputs);
  const decay = new Float32Array(layout.trainable);
  decayMask(layout, config.losses.weightDecay, decay);
  training = { request, layout, decay };
  teacher?.dispose();
  teacher = request.teacher
    ? new Evaluator(request.teacher.weights, request.teacher.network)
    : undefined;
  planned?.free();
  planned = undefined;
  if (!isPlanned) return;
  const device = await openTrainingDevice(navigator.gpu);
  planned = new PlannedTraining({ device, config, layout, task: taskOf(config), outputs, shared });
}

async function evaluate(
  request: Extract<WorkerRequest, { kind: 'evaluate' }>,
): Promise<Float32Array> {
  if (!evaluator) throw new TrainerError('internal', 'A worker was not prepared to evaluate.');
  const { slot, indices, imageSize, isFlipped } = request;
  const items = indices.map((index) => ({ slot, index }));
  const logits = await evaluator.logits(
    renderer.render(items, imageSize, null),
    items.length,
    imageSize,
  );
  if (!isFlipped) return logits;
  const mirrored = await evaluator.logits(
    renderer.render(items, imageSize, MIRRORED),
    items.length,
    imageSize,
  );
  return logits.map((value, i) => (value + mirrored[i]!) / 2);
}

async function answer(request: WorkerRequest): Promise<WorkerAnswers[keyof WorkerAnswers]> {
  switch (request.kind) {
    case 'start':
      await initialiseBackend(request.backend);
      return undefined;
    case 'prepare-training':
      await prepareTraining(request);
      return undefined;
    case 'images':
      renderer.setImages(request.slot, request.images);
      return undefined;
    case 'drop-images':
      renderer.dropImages(request.slot);
      return undefined;
    case 'step':
      return step(request);
    case 'update':
      update(request);
      return undefined;
    case 'planned-step':
      return plannedStep(request);
    case 'settle':
      return planned?.settle() ?? [];
    case 'prepare-evaluation':
      evaluator?.dispose();
      evaluator = new Evaluator(request.weights, request.network);
      return undefined;
    case 'evaluate':
      return evaluate(request);
  }
}

const port = parentPort;
if (!port) throw new Error('worker.js runs as a worker thread of the trainer, not by itself.');
port.on('message', (request: WorkerRequest) => {
  void answer(request).then(
    (value) => {
      port.postMessage({ kind: 'done', value } satisfies WorkerReply);
    },
    (error: unknown) => {
      const failure =
        error instanceof TrainerError
          ? { code: error.code, message: error.message }
          : { code: 'internal', message: (error as Error).stack ?? String(error) };
      port.postMessage({ kind: 'failed', ...failure } satisfies WorkerReply);
    },
  );
});
