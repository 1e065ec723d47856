/**
 * A WebGPU device for Node that executes nothing and counts everything. Whatever runs on WebGPU runs on
 * it, with zeros for results, so what a frame costs the browser is known exactly, without a GPU.
 */

/** WebGPU's constants (https://gpuweb.github.io/gpuweb/#namespacedef-gpubufferusage and following). */
const CONSTANTS = {
  GPUBufferUsage: {
    MAP_READ: 1,
    MAP_WRITE: 2,
    COPY_SRC: 4,
    COPY_DST: 8,
    INDEX: 16,
    VERTEX: 32,
    UNIFORM: 64,
    STORAGE: 128,
    INDIRECT: 256,
    QUERY_RESOLVE: 512,
  },
  GPUTextureUsage: {
    COPY_SRC: 1,
    COPY_DST: 2,
    TEXTURE_BINDING: 4,
    STORAGE_BINDING: 8,
    RENDER_ATTACHMENT: 16,
  },
  GPUMapMode: { READ: 1, WRITE: 2 },
  GPUShaderStage: { VERTEX: 1, FRAGMENT: 2, COMPUTE: 4 },
};

/** The limits that a desktop adapter offers; back ends read them, nothing checks them. */
const LIMITS = {
  maxBindGroups: 4,
  maxBindingsPerBindGroup: 1000,
  maxBufferSize: 2 ** 31,
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupSizeX: 1024,
  maxComputeWorkgroupSizeY: 1024,
  maxComputeWorkgroupSizeZ: 64,
  maxComputeWorkgroupStorageSize: 49152,
  maxComputeWorkgroupsPerDimension: 65535,
  maxDynamicStorageBuffersPerPipelineLayout: 4,
  maxDynamicUniformBuffersPerPipelineLayout: 8,
  maxStorageBufferBindingSize: 2 ** 31 - 4,
  maxStorageBuffersPerShaderStage: 10,
  maxStorageTexturesPerShaderStage: 4,
  maxTextureArrayLayers: 256,
  maxTextureDimension1D: 8192,
  maxTextureDimension2D: 8192,
  maxTextureDimension3D: 2048,
  maxUniformBufferBindingSize: 65536,
  maxUniformBuffersPerShaderStage: 12,
  minStorageBufferOffsetAlignment: 256,
  minUniformBufferOffsetAlignment: 256,
};

/** What is counted; all of it since the last {@link CountingGpu.take}. */
const nothing = () => ({
  dispatches: 0,
  passes: 0,
  submits: 0,
  maps: 0,
  bindGroups: 0,
  buffersMade: 0,
  /** `writeBuffer` and `writeTexture`, uniforms included. */
  writes: 0,
  writtenBytes: 0,
  /** Of buffers that are made with contents (`mappedAtCreation`), another way to upload. */
  mappedBytes: 0,
  copies: 0,
  copiedBytes: 0,
  /** Bytes of all buffers bound to the dispatches: an upper bound of their traffic. */
  boundBytes: 0,
  pipelinesMade: 0,
  /** Of these, those whose compilation keeps the calling thread waiting. */
  pipelinesMadeSynchronously: 0,
});

/** @typedef {ReturnType<typeof nothing>} Counts */

// Back ends ask `instanceof` of these.
class GPUBuffer {
  constructor(counts, { size, usage, label = '', mappedAtCreation = false }) {
    Object.assign(this, { counts, size, usage, label });
    this.mapState = mappedAtCreation ? 'mapped' : 'unmapped';
    this.counts.buffersMade++;
    if (mappedAtCreation) this.counts.mappedBytes += size;
  }
  getMappedRange(offset = 0, size = this.size - offset) {
    this.contents ??= new ArrayBuffer(this.size);
    return offset === 0 && size === this.size ? this.contents : this.contents.slice(offset, size);
  }
  async mapAsync() {
    this.counts.maps++;
    this.mapState = 'mapped';
  }
  unmap() {
    this.mapState = 'unmapped';
    this.contents = undefined;
  }
  destroy() {}
}

class GPUTexture {
  constructor({ size, format, usage }) {
    const [width, height] = Array.isArray(size) ? size : [size.width, size.height];
    Object.assign(this, { width, height, format, usage });
  }
  createView() {
    return { texture: this };
  }
  destroy() {}
}

class GPUExternalTexture {}
class GPUBindGroupLayout {}
class GPUShaderModule {
  constructor({ code, label }) {
    Object.assign(this, { code, label });
  }
  async getCompilationInfo() {
    return { messages: [] };
  }
}
class GPUBindGroup {
  constructor({ entries }) {
    this.entries = [...entries];
  }
}
class GPUComputePipeline {
  getBindGroupLayout() {
    return new GPUBindGroupLayout();
  }
}

/** @param {{ resource: any }} entry */
function boundBytes({ resource }) {
  if (resource instanceof GPUBuffer) return resource.size;
  if (resource.buffer) return resource.size ?? resource.buffer.size - (resource.offset ?? 0);
  const { texture } = resource;
  return texture ? texture.width * texture.height * 4 : 0;
}

class GPUComputePassEncoder {
  constructor(counts) {
    this.counts = counts;
    this.groups = [];
    counts.passes++;
  }
  setPipeline() {}
  setBindGroup(index, group) {
    this.groups[index] = group;
  }
  dispatchWorkgroups() {
    this.counts.dispatches++;
    const entries = this.groups.flatMap((group) => group?.entries ?? []);
    this.counts.boundBytes += entries.reduce((sum, entry) => sum + boundBytes(entry), 0);
  }
  dispatchWorkgroupsIndirect() {
    this.dispatchWorkgroups();
  }
  end() {}
  pushDebugGroup() {}
  popDebugGroup() {}
}

class GPUCommandEncoder {
  constructor(counts) {
    this.counts = counts;
  }
  beginComputePass() {
    return new GPUComputePassEncoder(this.counts);
  }
  copyBufferToBuffer(...args) {
    this.counts.copies++;
    this.counts.copiedBytes += args.length >= 4 ? (args[4] ?? args[0].size) : args[0].size;
  }
  copyTextureToBuffer() {
    this.counts.copies++;
  }
  copyBufferToTexture() {
    this.counts.copies++;
  }
  clearBuffer() {}
  resolveQuerySet() {}
  finish() {
    return {};
  }
}

class GPUQueue {
  constructor(counts) {
    this.counts = counts;
  }
  submit() {
    this.counts.submits++;
  }
  writeBuffer(buffer, offset, data, dataOffset = 0, size = undefined) {
    const elementBytes = data.BYTES_PER_ELEMENT ?? 1;
    this.counts.writes++;
    this.counts.writtenBytes +=
      size === undefined ? data.byteLength - dataOffset * elementBytes : size * elementBytes;
  }
  writeTexture(destination, data) {
    this.counts.writes++;
    this.counts.writtenBytes += data.byteLength;
  }
  copyExternalImageToTexture() {
    this.counts.copies++;
  }
  async onSubmittedWorkDone() {}
}

class GPUDevice {
  constructor(counts, features) {
    this.counts = counts;
    this.features = features;
    this.limits = LIMITS;
    this.queue = new GPUQueue(counts);
    this.lost = new Promise(() => {});
  }
  createBuffer(descriptor) {
    return new GPUBuffer(this.counts, descriptor);
  }
  createTexture(descriptor) {
    return new GPUTexture(descriptor);
  }
  createSampler() {
    return {};
  }
  createQuerySet() {
    return { destroy() {} };
  }
  createShaderModule(descriptor) {
    return new GPUShaderModule(descriptor);
  }
  createComputePipeline() {
    this.counts.pipelinesMade++;
    this.counts.pipelinesMadeSynchronously++;
    return new GPUComputePipeline();
  }
  async createComputePipelineAsync() {
    this.counts.pipelinesMade++;
    return new GPUComputePipeline();
  }
  createBindGroupLayout() {
    return new GPUBindGroupLayout();
  }
  createPipelineLayout() {
    return {};
  }
  createBindGroup(descriptor) {
    this.counts.bindGroups++;
    return new GPUBindGroup(descriptor);
  }
  createCommandEncoder() {
    return new GPUCommandEncoder(this.counts);
  }
  importExternalTexture() {
    return new GPUExternalTexture();
  }
  pushErrorScope() {}
  async popErrorScope() {
    return null;
  }
  addEventListener() {}
  removeEventListener() {}
  destroy() {}
}

/** A `GPU` (what a page finds as `navigator.gpu`) and what was counted on its devices. */
export class CountingGpu {
  #counts = nothing();
  #info;
  #features;
  wgslLanguageFeatures = new Set();

  /**
   * @param {{ vendor?: string, architecture?: string, features?: readonly string[] }} [options] back
   *   ends choose kernels by the adapter's vendor and features
   */
  constructor({ vendor = 'nvidia', architecture = 'ampere', features = [] } = {}) {
    this.#info = { vendor, architecture, device: '', description: '', isFallbackAdapter: false };
    this.#features = new Set(features);
  }

  /** Makes WebGPU's globals, and this `navigator.gpu`. */
  install() {
    const classes = {
      GPUBuffer,
      GPUTexture,
      GPUExternalTexture,
      GPUBindGroupLayout,
      GPUBindGroup,
      GPUShaderModule,
      GPUComputePipeline,
      GPUComputePassEncoder,
      GPUCommandEncoder,
      GPUQueue,
      GPUDevice,
    };
    Object.assign(globalThis, CONSTANTS, classes);
    const value = { gpu: this, userAgent: 'node', hardwareConcurrency: 1 };
    Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
  }

  async requestAdapter() {
    const features = this.#features;
    const requestDevice = async () => this.createDevice();
    return { features, limits: LIMITS, info: this.#info, isFallbackAdapter: false, requestDevice };
  }

  createDevice() {
    return Object.assign(new GPUDevice(this.#counts, this.#features), { adapterInfo: this.#info });
  }

  getPreferredCanvasFormat() {
    return 'bgra8unorm';
  }

  /** What was counted since the last call. @returns {Counts} */
  take() {
    const taken = { ...this.#counts };
    Object.assign(this.#counts, nothing());
    return taken;
  }
}
