import type { CSSResultGroup } from 'lit';
import { coverStyles } from './cover-styles.js';
import { hostStyles } from './host-styles.js';
import { panelStyles } from './panel-styles.js';
import { stageStyles } from './stage-styles.js';

/** The look of `<emotion-cam>`. */
export const styles: CSSResultGroup = [hostStyles, stageStyles, coverStyles, panelStyles];
