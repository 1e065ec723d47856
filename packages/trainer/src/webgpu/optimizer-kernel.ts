import type { OptimizerConfig } from '../config.js';
import { STATISTICS_MOMENTUM } from '../step.js';
import type { DeviceLayout } from './device-layout.js';
import { float, kernel, linearMain, type Kernel, VALUES } from './kernel.js';
import { SETTINGS, SETTINGS_BINDING } from './settings.js';

/**
 * One step of Adam with decoupled weight decay over the whole arena, of the running statistics, and of the
 * moving average; nothing where a loss was not finite. Bindings: settings; the report; gradients and the
 * batch's statistics; parameters; first and second moments; averaged: the average.
 *
 * @param weightDecay - l3, of the kernels only
 */
export function optimizerKernel(
  { kernels, trainable, total }: DeviceLayout,
  { beta1, beta2, epsilon }: OptimizerConfig,
  { weightDecay, isAveraged }: { weightDecay: number; isAveraged: boolean },
): Kernel {
  return kernel(
    'Adam',
    [],
    [
      SETTINGS_BINDING,
      { name: 'report', access: 'read', type: VALUES },
      { name: 'gradients', access: 'read' },
      { name: 'parameters', access: 'update' },
      { name: 'moments1', access: 'update' },
      { name: 'moments2', access: 'update' },
      ...(isAveraged ? [{ name: 'average', access: 'update' } as const] : []),
    ],
    SETTINGS +
      linearMain(
        `${total / 4}u`,
        `  if (report[0] != 0.0) { return; }
  let g = gradients[index];
  var p = parameters[index];
  if (index < ${trainable / 4}u) {
    let m = ${float(beta1)} * moments1[index] + ${float(1 - beta1)} * g;
    let v = ${float(beta2)} * moments2[index] + ${float(1 - beta2)} * g * g;
    moments1[index] = m;
    moments2[index] = v;
    let direction = m * settings.correction1 / (sqrt(v * settings.correction2) + ${float(epsilon)});
    let decay = select(0.0, ${float(weightDecay)}, index < ${kernels / 4}u);
    p -= settings.learningRate * (direction + decay * p);
  } else {
    p += ${float(STATISTICS_MOMENTUM)} * (g - p);
  }
  parameters[index] = p;
${isAveraged ? '  average[index] = p + settings.averageDecay * (average[index] - p);' : ''}`,
      ),
  );
}
