import * as tf from '@tensorflow/tfjs-core';

/** Whether a back end has a kernel; TensorFlow.js' types say that every kernel exists. */
export function hasKernel(kernelName: string, backendName: string): boolean {
  return (tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined) !== undefined;
}

/** Registers a kernel in place of the one that is there, if any. */
export function replaceKernel(config: tf.KernelConfig): void {
  const { kernelName, backendName } = config;
  if (hasKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel(config);
}

/** Registers a gradient in place of the one that is there, if any. */
export function replaceGradient(config: tf.GradConfig): void {
  const present = tf.getGradient(config.kernelName) as tf.GradConfig | undefined;
  if (present) tf.unregisterGradient(config.kernelName);
  tf.registerGradient(config);
}
