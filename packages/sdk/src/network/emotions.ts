/**
 * The seven expressions, in the order of the network's outputs. Everything that needs an order
 * (head width, manifests, dataset readers, events, the demo) reads this list.
 */
export const EMOTIONS = [
  'neutral',
  'happiness',
  'surprise',
  'sadness',
  'anger',
  'disgust',
  'fear',
] as const;

/** One of the seven expressions that RAF-DB, FER+ and CK+ share. */
export type Emotion = (typeof EMOTIONS)[number];
