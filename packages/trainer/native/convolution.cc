// Convolutions of the trainer's "native" back end: a thin binding of oneDNN (Debian: libdnnl-dev).
// Tensors are NHWC and HWIO, as TensorFlow.js has them, and stay where they are: the arrays are
// views of the wasm back end's heap.
#include <node_api.h>
#include <omp.h>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <oneapi/dnnl/dnnl.hpp>

#if DNNL_VERSION_MAJOR != 2
#error "This binding is written for oneDNN 2 (Debian 12: libdnnl-dev 2.6)."
#endif

namespace {

using dnnl::memory;
using Tag = memory::format_tag;
constexpr auto kFloat = memory::data_type::f32;

// N, H, W, Cin, H', W', Cout, kh, kw, strides, pads (top, left, bottom, right), dilations.
constexpr size_t kGeometrySize = 17;
using Geometry = std::array<int32_t, kGeometrySize>;

enum Direction : int32_t { kForward = 0, kInputGradient = 1, kFilterGradient = 2 };

// One convolution shape: descriptors and primitives, created at first use.
struct Convolution {
  memory::desc input, filter, output;        // as the caller's arrays lie
  memory::desc packedFilter[3];              // as each primitive wants the filter
  std::unique_ptr<dnnl::primitive> run[3];
  dnnl::convolution_forward::primitive_desc forward;
  memory::dims strides, dilations, padLow, padHigh;
  memory::desc anyFilter;
};

dnnl::engine& Engine() {
  thread_local dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

Convolution& Lookup(const Geometry& g) {
  thread_local std::map<Geometry, std::unique_ptr<Convolution>> cache;
  auto& entry = cache[g];
  if (entry) return *entry;
  entry = std::make_unique<Convolution>();
  auto& c = *entry;
  const memory::dims filterShape = {g[6], g[3], g[7], g[8]};
  c.input = memory::desc({g[0], g[3], g[1], g[2]}, kFloat, Tag::nhwc);
  c.output = memory::desc({g[0], g[6], g[4], g[5]}, kFloat, Tag::nhwc);
  c.filter = memory::desc(filterShape, kFloat, Tag::hwio);
  c.anyFilter = memory::desc(filterShape, kFloat, Tag::any);
  c.strides = {g[9], g[10]};
  c.padLow = {g[11], g[12]};
  c.padHigh = {g[13], g[14]};
  c.dilations = {g[15] - 1, g[16] - 1};  // oneDNN counts the gaps
  c.forward = dnnl::convolution_forward::primitive_desc(
      {dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, c.input, c.anyFilter,
       c.output, c.strides, c.dilations, c.padLow, c.padHigh},
      Engine());
  return c;
}

void Prepare(Convolution& c, Direction direction) {
  if (c.run[direction]) return;
  const auto kind = dnnl::algorithm::convolution_direct;
  if (direction == kForward) {
    c.packedFilter[direction] = c.forward.weights_desc();
    c.run[direction] = std::make_unique<dnnl::convolution_forward>(c.forward);
  } else if (direction == kInputGradient) {
    const dnnl::convolution_backward_data::primitive_desc desc(
        {kind, c.input, c.anyFilter, c.output, c.strides, c.dilations, c.padLow, c.padHigh},
        Engine(), c.forward);
    c.packedFilter[direction] = desc.weights_desc();
    c.run[direction] = std::make_unique<dnnl::convolution_backward_data>(desc);
  } else {
    const dnnl::convolution_backward_weights::primitive_desc desc(
        {kind, c.input, c.anyFilter, c.output, c.strides, c.dilations, c.padLow, c.padHigh},
        Engine(), c.forward);
    c.packedFilter[direction] = desc.diff_weights_desc();
    c.run[direction] = std::make_unique<dnnl::convolution_backward_weights>(desc);
  }
}

void Convolve(Direction direction, const Geometry& geometry, float* input, float* filter,
              float* output) {
  omp_set_num_threads(1);  // the trainer runs one worker for each core
  Convolution& c = Lookup(geometry);
  Prepare(c, direction);
  dnnl::stream stream(Engine());
  memory x(c.input, Engine(), input);
  memory y(c.output, Engine(), output);
  memory w(c.filter, Engine(), filter);
  const bool isPacked = c.packedFilter[direction] == c.filter;
  memory packed = isPacked ? w : memory(c.packedFilter[direction], Engine());
  if (direction != kFilterGradient && !isPacked) dnnl::reorder(w, packed).execute(stream, w, packed);
  switch (direction) {
    case kForward:
      c.run[direction]->execute(
          stream, {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DST, y}});
      break;
    case kInputGradient:
      c.run[direction]->execute(
          stream, {{DNNL_ARG_DIFF_SRC, x}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DIFF_DST, y}});
      break;
    case kFilterGradient:
      c.run[direction]->execute(
          stream, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DIFF_WEIGHTS, packed}, {DNNL_ARG_DIFF_DST, y}});
      if (!isPacked) dnnl::reorder(packed, w).execute(stream, packed, w);
      break;
  }
  stream.wait();
}

template <typename T>
bool View(napi_env env, napi_value value, napi_typedarray_type type, T** data, size_t* length) {
  napi_typedarray_type found;
  void* pointer = nullptr;
  if (napi_get_typedarray_info(env, value, &found, length, &pointer, nullptr, nullptr) != napi_ok ||
      found != type) {
    return false;
  }
  *data = static_cast<T*>(pointer);
  return true;
}

// convolve(direction, geometry: Int32Array(17), input, filter, output: Float32Array)
napi_value ConvolveBinding(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value args[5];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  int32_t direction = -1;
  int32_t* numbers = nullptr;
  float* data[3];
  size_t lengths[4];
  bool valid = count == 5 && napi_get_value_int32(env, args[0], &direction) == napi_ok &&
               direction >= kForward && direction <= kFilterGradient &&
               View(env, args[1], napi_int32_array, &numbers, &lengths[3]) &&
               lengths[3] == kGeometrySize;
  for (int i = 0; i < 3 && valid; i++) {
    valid = View(env, args[i + 2], napi_float32_array, &data[i], &lengths[i]);
  }
  Geometry g{};
  if (valid) {
    std::copy(numbers, numbers + kGeometrySize, g.begin());
    const auto size = [&](int a, int b, int c, int d) {
      return static_cast<size_t>(g[a]) * g[b] * g[c] * g[d];
    };
    valid = lengths[0] == size(0, 1, 2, 3) && lengths[1] == size(7, 8, 3, 6) &&
            lengths[2] == size(0, 4, 5, 6);
  }
  if (!valid) {
    napi_throw_type_error(env, nullptr, "convolve: the arrays do not fit the geometry");
    return nullptr;
  }
  try {
    Convolve(static_cast<Direction>(direction), g, data[0], data[1], data[2]);
  } catch (const dnnl::error& error) {
    napi_throw_error(env, nullptr, (std::string("oneDNN: ") + error.what()).c_str());
  }
  return nullptr;
}

napi_value Initialise(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "convolve", NAPI_AUTO_LENGTH, ConvolveBinding, nullptr, &function);
  napi_set_named_property(env, exports, "convolve", function);
  return exports;
}

}  // namespace

NAPI_MODULE(NODE_GYP_MODULE_NAME, Initialise)
