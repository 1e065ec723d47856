export { CLASS_COUNT, DEFAULT_NETWORK, ecaKernelSize, type NetworkConfig } from './config.js';
export { decompose } from './decomposition.js';
export { efficientChannelAttention } from './eca.js';
export { EMOTIONS, type Emotion } from './emotions.js';
export { fromFloat16 } from './float16.js';
export { firstGoldenPicture, type Golden, type GoldenPicture } from './golden.js';
export { gradCam, resizeHeatMaps } from './grad-cam.js';
export { headGradient } from './head-gradient.js';
export { heatColour } from './heat-colour.js';
export {
  BATCH_NORM_EPSILON,
  channelConvolution,
  globalAveragePool,
  inferenceLayers,
  samePadding,
  scaleChannels,
  type Layers,
} from './layers.js';
export {
  MANIFEST_VERSION,
  parseManifest,
  sizeOf,
  type ModelManifest,
  type RgbTriple,
  type ShardEntry,
  type TensorEntry,
  type WeightsPrecision,
  type WeightsVariant,
} from './manifest.js';
export { forward, head, infer, type NetworkOutputs } from './network.js';
export {
  CANONICAL_EYES,
  CHANNEL_MEAN,
  CHANNEL_STD,
  ROLL_DEAD_BAND_DEGREES,
  type EyeTemplate,
  type UnitPoint,
} from './preprocessing.js';
export { reconstruct, type Reconstruction } from './reconstruction.js';
export { backbone } from './resnet.js';
export {
  backboneFeatures,
  blockSpecs,
  parameterCount,
  stemSpec,
  weight,
  weightSpecs,
  type BlockSpec,
  type ConvolutionSpec,
  type Weights,
  type WeightSpec,
} from './weights.js';
export {
  decodeWeights,
  encodeWeights,
  type EncodedWeights,
  type NamedArray,
} from './weights-codec.js';
