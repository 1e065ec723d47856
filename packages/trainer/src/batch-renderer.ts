import { augmentParameters, renderInput, type AugmentParameters } from './augment.js';
import { imageAt } from './datasets/image-blocks.js';
import { TrainerError } from './errors.js';
import { drawMixing, mixBatch, mixTargets } from './mixing.js';
import { createRng } from './rng.js';
import type { Batch } from './step.js';
import type { Picture } from './webgpu/picture-list.js';
import type { PlannedBatch } from './webgpu/planned-training.js';
import type { BatchItem, BatchPlan, SharedImages } from './worker-protocol.js';

/** What the batches of a worker have in common. */
interface WorkerShare {
  readonly seed: number;
  readonly worker: number;
  /** K, values of a target. */
  readonly outputs: number;
}

/**
 * Renders a worker's images. A batch can be rendered before its step, in time that would be lost
 * otherwise: while the other workers finish, or while a GPU computes. Its random numbers are drawn
 * from the streams that the plan names, so it makes no difference when that happens.
 */
export class BatchRenderer {
  readonly #slots = new Map<string, SharedImages>();
  #ahead: { readonly key: string; readonly batch: Batch } | undefined;

  setImages(slot: string, images: SharedImages): void {
    this.#slots.set(slot, images);
  }

  dropImages(slot: string): void {
    this.#slots.delete(slot);
  }

  /** Renders a training batch ahead of its step. */
  prepare(plan: BatchPlan, share: WorkerShare): void {
    this.#ahead = { key: keyOf(plan), batch: this.#renderBatch(plan, share) };
  }

  /** The batch of a plan, rendered now unless it was rendered ahead. */
  take(plan: BatchPlan, share: WorkerShare): Batch {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return ahead?.key === keyOf(plan) ? ahead.batch : this.#renderBatch(plan, share);
  }

  /**
   * The batch of a plan for a device that renders by itself, and the same images for a teacher, where there
   * is one. All random numbers are those of {@link take}.
   */
  list(
    plan: BatchPlan,
    { seed, worker, outputs }: WorkerShare,
  ): PlannedBatch & Pick<Batch, 'teacherImages'> {
    const { items, imageSize, augmentation, stream, teacherImageSize } = plan;
    const pictures = items.map((item): Picture => {
      const { pixels, width, height, frame } = this.#imagesOf(item.slot);
      const source = { width, height, data: imageAt(pixels, item.index) };
      const parameters = augmentParameters(createRng(seed, ...item.stream), augmentation);
      return { source, frame, parameters };
    });
    const targets = this.#targetsOf(items, outputs);
    const mixing = drawMixing(createRng(seed, ...stream, worker), augmentation);
    if (mixing) mixTargets(targets, items.length, mixing, imageSize);
    const batch = { pictures, targets, mixing, imageSize };
    if (teacherImageSize === undefined) return batch;
    const teacherImages = this.#render(
      items,
      teacherImageSize,
      (_, index) => pictures[index]!.parameters,
    );
    if (mixing) mixBatch(teacherImages, targets.slice(), items.length, mixing);
    return { ...batch, teacherImages };
  }

  /** Images as they are evaluated, unchanged or with these parameters, [N,S,S,3]. */
  render(
    items: readonly Pick<BatchItem, 'slot' | 'index'>[],
    imageSize: number,
    parameters: AugmentParameters | null,
  ): Float32Array {
    return this.#render(items, imageSize, () => parameters);
  }

  #renderBatch(
    { items, imageSize, augmentation, stream, teacherImageSize }: BatchPlan,
    { seed, worker, outputs }: WorkerShare,
  ): Batch {
    const rendered = (size: number): Float32Array =>
      this.#render(items, size, (item) =>
        augmentParameters(createRng(seed, ...item.stream), augmentation),
      );
    const images = rendered(imageSize);
    const targets = this.#targetsOf(items, outputs);
    const mixing = drawMixing(createRng(seed, ...stream, worker), augmentation);
    if (mixing) mixBatch(images, targets, items.length, mixing);
    const batch = { images, targets, count: items.length, imageSize };
    if (teacherImageSize === undefined) return batch;
    if (teacherImageSize === imageSize) return { ...batch, teacherImages: images };
    const teacherImages = rendered(teacherImageSize);
    if (mixing) mixBatch(teacherImages, targets.slice(), items.length, mixing);
    return { ...batch, teacherImages };
  }

  /** Normalised RGB, [N,S,S,3]. */
  #render<Item extends Pick<BatchItem, 'slot' | 'index'>>(
    items: readonly Item[],
    imageSize: number,
    parametersOf: (item: Item, index: number) => AugmentParameters | null,
  ): Float32Array {
    const values = imageSize * imageSize * 3;
    const out = new Float32Array(items.length * values);
    items.forEach((item, row) => {
      const { pixels, width, height, frame } = this.#imagesOf(item.slot);
      const source = { width, height, data: imageAt(pixels, item.index) };
      renderInput(source, frame, parametersOf(item, row), imageSize, out, row * values);
    });
    return out;
  }

  /** The targets of images, [N,K]. */
  #targetsOf(items: readonly BatchItem[], outputs: number): Float32Array<ArrayBuffer> {
    const out = new Float32Array(items.length * outputs);
    items.forEach(({ slot, index }, row) => {
      const { targets } = this.#imagesOf(slot);
      out.set(targets.subarray(index * outputs, (index + 1) * outputs), row * outputs);
    });
    return out;
  }

  #imagesOf(slot: string): SharedImages {
    const images = this.#slots.get(slot);
    if (!images) throw new TrainerError('internal', `A worker has no images in slot "${slot}".`);
    return images;
  }
}

/** Plans that give the same batch have the same key. */
function keyOf(plan: BatchPlan): string {
  return JSON.stringify(plan);
}
