/**
 * Builds models/face-detector/blaze_face_short_range.tflite: `npm run build:face-detector`.
 *
 * The npm package @mediapipe/face_detection ships BlazeFace without the metadata that MediaPipe Tasks
 * asks for ("requires specifying NormalizationOptions metadata"). A FlatBuffer refers to everything by
 * relative offsets, so a new root with the metadata is put in front of the published bytes; they follow
 * unchanged, and the new root points into them.
 *
 * `--check` writes nothing and exits 1 if the committed file is not what the package gives.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Builder, ByteBuffer } from 'flatbuffers';

const SOURCE = createRequire(import.meta.url).resolve(
  '@mediapipe/face_detection/face_detection_short_range.tflite',
);
const TARGET = fileURLToPath(
  new URL('../../../models/face-detector/blaze_face_short_range.tflite', import.meta.url),
);

/** Of the published file: another one may need other metadata. */
const SOURCE_SHA256 = '3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633';

/** Fields of the tables, by their place in TensorFlow Lite's schema.fbs and metadata_schema.fbs. */
const MODEL = {
  version: 0,
  operatorCodes: 1,
  subgraphs: 2,
  description: 3,
  buffers: 4,
  metadata: 6,
  fields: 8,
};
const BUFFER = { data: 0, fields: 3 };
const METADATA = { name: 0, buffer: 1, fields: 2 };
const MODEL_METADATA = { name: 0, subgraphs: 3, author: 4, licence: 5, fields: 8 };
const SUBGRAPH = { inputs: 2, outputs: 3, fields: 10 };
const TENSOR = { name: 0, content: 3, processUnits: 4, fields: 7 };
const CONTENT = { type: 0, properties: 1, fields: 3 };
const IMAGE = { colorSpace: 0, fields: 2 };
const PROCESS_UNIT = { type: 0, options: 1, fields: 2 };
const NORMALIZATION = { mean: 0, std: 1, fields: 2 };
const CONTENT_IS_IMAGE = 2;
const COLOR_SPACE_RGB = 1;
const UNIT_IS_NORMALIZATION = 1;

/** What TensorFlow Lite aligns the contents of buffers to. */
const BUFFER_ALIGNMENT = 16;

/** @param {Builder} builder @param {number[]} offsets */
function offsetVector(builder, offsets) {
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) builder.addOffset(offset);
  return builder.endVector();
}

/** @param {Builder} builder @param {number[]} values */
function floatVector(builder, values) {
  builder.startVector(4, values.length, 4);
  for (const value of values.toReversed()) builder.addFloat32(value);
  return builder.endVector();
}

/** @param {Builder} builder @param {number} fields @param {() => void} add */
function table(builder, fields, add) {
  builder.startObject(fields);
  add();
  return builder.endObject();
}

/** The ModelMetadata: an RGB picture normalised to -1..1 goes in, boxes and scores come out. */
function modelMetadata() {
  const builder = new Builder(1024);
  const mean = floatVector(builder, [127.5]);
  const std = floatVector(builder, [127.5]);
  const normalization = table(builder, NORMALIZATION.fields, () => {
    builder.addFieldOffset(NORMALIZATION.mean, mean, 0);
    builder.addFieldOffset(NORMALIZATION.std, std, 0);
  });
  const unit = table(builder, PROCESS_UNIT.fields, () => {
    builder.addFieldInt8(PROCESS_UNIT.type, UNIT_IS_NORMALIZATION, 0);
    builder.addFieldOffset(PROCESS_UNIT.options, normalization, 0);
  });
  const image = table(builder, IMAGE.fields, () => {
    builder.addFieldInt8(IMAGE.colorSpace, COLOR_SPACE_RGB, 0);
  });
  const content = table(builder, CONTENT.fields, () => {
    builder.addFieldInt8(CONTENT.type, CONTENT_IS_IMAGE, 0);
    builder.addFieldOffset(CONTENT.properties, image, 0);
  });
  const units = offsetVector(builder, [unit]);
  const inputName = builder.createString('image');
  const input = table(builder, TENSOR.fields, () => {
    builder.addFieldOffset(TENSOR.name, inputName, 0);
    builder.addFieldOffset(TENSOR.content, content, 0);
    builder.addFieldOffset(TENSOR.processUnits, units, 0);
  });
  const outputs = ['boxes', 'scores'].map((text) => {
    const name = builder.createString(text);
    return table(builder, TENSOR.fields, () => {
      builder.addFieldOffset(TENSOR.name, name, 0);
    });
  });
  const inputVector = offsetVector(builder, [input]);
  const outputVector = offsetVector(builder, outputs);
  const subgraph = table(builder, SUBGRAPH.fields, () => {
    builder.addFieldOffset(SUBGRAPH.inputs, inputVector, 0);
    builder.addFieldOffset(SUBGRAPH.outputs, outputVector, 0);
  });
  const subgraphs = offsetVector(builder, [subgraph]);
  const name = builder.createString('BlazeFace, short range');
  const author = builder.createString('MediaPipe');
  const licence = builder.createString('Apache-2.0');
  const root = table(builder, MODEL_METADATA.fields, () => {
    builder.addFieldOffset(MODEL_METADATA.name, name, 0);
    builder.addFieldOffset(MODEL_METADATA.subgraphs, subgraphs, 0);
    builder.addFieldOffset(MODEL_METADATA.author, author, 0);
    builder.addFieldOffset(MODEL_METADATA.licence, licence, 0);
  });
  builder.finish(root, 'M001');
  return builder.asUint8Array();
}

/**
 * @param {Uint8Array} published a TensorFlow Lite model
 * @param {Uint8Array} metadata
 * @returns {Uint8Array} the model with the metadata
 */
function withMetadata(published, metadata) {
  const old = new ByteBuffer(published);
  const root = old.readInt32(0);
  /** @param {number} field @returns {number} where the field's object starts */
  const position = (field) => {
    const slot = old.__offset(root, 4 + 2 * field);
    if (slot === 0) throw new Error(`The model has no field ${field}.`);
    return old.__indirect(root + slot);
  };
  if (old.__offset(root, 4 + 2 * MODEL.metadata) !== 0) {
    throw new Error('The model has metadata already: this script would drop it.');
  }
  const buffersAt = position(MODEL.buffers);
  const oldBuffers = Array.from({ length: old.readInt32(buffersAt) }, (_, index) =>
    old.__indirect(buffersAt + 4 + 4 * index),
  );

  const builder = new Builder(8192);
  // A builder counts offsets backwards from its end, where the published bytes will start: what lies
  // `position` bytes into them has the offset -position.
  const inPublished = (/** @type {number} */ at) => -at;
  builder.startVector(1, metadata.length, BUFFER_ALIGNMENT);
  for (const byte of metadata.toReversed()) builder.addInt8(byte);
  const data = builder.endVector();
  const buffer = table(builder, BUFFER.fields, () => {
    builder.addFieldOffset(BUFFER.data, data, 0);
  });
  const buffers = offsetVector(builder, [...oldBuffers.map(inPublished), buffer]);
  const name = builder.createString('TFLITE_METADATA');
  const entry = table(builder, METADATA.fields, () => {
    builder.addFieldOffset(METADATA.name, name, 0);
    builder.addFieldInt32(METADATA.buffer, oldBuffers.length, 0);
  });
  const entries = offsetVector(builder, [entry]);
  const model = table(builder, MODEL.fields, () => {
    builder.addFieldInt32(
      MODEL.version,
      old.readInt32(root + old.__offset(root, 4 + 2 * MODEL.version)),
      0,
    );
    for (const field of [MODEL.operatorCodes, MODEL.subgraphs, MODEL.description]) {
      builder.addFieldOffset(field, inPublished(position(field)), 0);
    }
    builder.addFieldOffset(MODEL.buffers, buffers, 0);
    builder.addFieldOffset(MODEL.metadata, entries, 0);
  });
  builder.finish(model, 'TFL3');
  const front = builder.asUint8Array();
  if (front.length % BUFFER_ALIGNMENT !== 0) throw new Error('The published bytes lost alignment.');
  return Buffer.concat([front, published]);
}

/** @param {Uint8Array} bytes */
function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

const published = await readFile(SOURCE);
if (sha256(published) !== SOURCE_SHA256) {
  throw new Error(
    `${SOURCE} has the sha-256 ${sha256(published)}, expected ${SOURCE_SHA256}. ` +
      'Install the version of @mediapipe/face_detection that package.json pins.',
  );
}
const model = withMetadata(published, modelMetadata());
const shown = relative(process.cwd(), TARGET);
if (process.argv.includes('--check')) {
  const committed = sha256(await readFile(TARGET));
  if (committed !== sha256(model)) {
    process.stderr.write(`${shown} has the sha-256 ${committed}, the build ${sha256(model)}\n`);
    process.exitCode = 1;
  }
} else {
  await mkdir(dirname(TARGET), { recursive: true });
  await writeFile(TARGET, model);
  process.stdout.write(`${shown}: ${model.length} bytes, sha-256 ${sha256(model)}\n`);
}
