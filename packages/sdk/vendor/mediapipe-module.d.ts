/** What Emscripten lets its caller do in its place. */
interface ModuleOptions {
  /** Makes an instance of the wasm file's content with these imports, and hands it over. */
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ) => void;
}

/** MediaPipe's own script around `vision_wasm_module_internal.wasm`; `scripts/lib/mediapipe-module.mjs` makes it. */
export function ModuleFactory(options: ModuleOptions): Promise<object>;
