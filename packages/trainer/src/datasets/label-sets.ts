import { EMOTIONS } from 'emotion-cam/network';
import { TrainerError } from '../errors.js';
import type { DatasetName } from './dataset.js';

/**
 * The seven classes of CK+ as the paper counts them. Contempt, which we do not have, takes the
 * output of neutral, which CK+ does not have; the other six stand where ours do.
 */
export const CK_PLUS_LABELS: readonly string[] = EMOTIONS.map((emotion) =>
  emotion === 'neutral' ? 'contempt' : emotion,
);

/** CelebA's attributes, in the order of its list. */
export const CELEBA_ATTRIBUTES: readonly string[] = (
  '5_o_Clock_Shadow Arched_Eyebrows Attractive Bags_Under_Eyes Bald Bangs Big_Lips Big_Nose ' +
  'Black_Hair Blond_Hair Blurry Brown_Hair Bushy_Eyebrows Chubby Double_Chin Eyeglasses Goatee ' +
  'Gray_Hair Heavy_Makeup High_Cheekbones Male Mouth_Slightly_Open Mustache Narrow_Eyes No_Beard ' +
  'Oval_Face Pale_Skin Pointy_Nose Receding_Hairline Rosy_Cheeks Sideburns Smiling Straight_Hair ' +
  'Wavy_Hair Wearing_Earrings Wearing_Hat Wearing_Lipstick Wearing_Necklace Wearing_Necktie Young'
).split(' ');

/** Labels that a message names. */
const MOST_LISTED = 7;

/** Names of a set's classes or attributes, in the order of the outputs of a network trained on it. */
export function labelsOf(name: DatasetName): readonly string[] {
  if (name === 'celeba') return CELEBA_ATTRIBUTES;
  return name === 'ck-plus' ? CK_PLUS_LABELS : EMOTIONS;
}

function listed(labels: readonly string[]): string {
  const more = labels.length - MOST_LISTED;
  return labels.slice(0, MOST_LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/**
 * Checks that a network's outputs mean what is asked of them.
 *
 * @param who - whose labels they are, for the message: "The model models/x"
 * @throws {TrainerError} `labels-differ`
 */
export function requireLabels(
  who: string,
  labels: readonly string[],
  wanted: { readonly by: string; readonly labels: readonly string[] },
): void {
  if (labels.join() === wanted.labels.join()) return;
  throw new TrainerError(
    'labels-differ',
    `${who} has the labels ${listed(labels)}; ${wanted.by} has ${listed(wanted.labels)}. ` +
      (labels.length === wanted.labels.length
        ? 'ck-plus is the set with contempt in place of neutral; use ck-plus-basic, which leaves ' +
          'contempt out, for networks with our seven emotions.'
        : 'A backbone that was pre-trained on attributes is trained on expressions with train --init.'),
  );
}
