import type { Sample } from './dataset.js';

/** The names that CK+ and CK+48 give the classes, and ours. */
export const CK_PLUS_EMOTIONS = {
  anger: 'anger',
  contempt: 'contempt',
  disgust: 'disgust',
  fear: 'fear',
  happy: 'happiness',
  sadness: 'sadness',
  surprise: 'surprise',
} as const;
export type CkPlusEmotion = keyof typeof CK_PLUS_EMOTIONS;

/** One of the last three frames of a labelled sequence. */
export interface CkPlusImage extends Pick<Sample, 'id' | 'source' | 'crop'> {
  readonly subject: string;
  readonly emotion: CkPlusEmotion;
}
