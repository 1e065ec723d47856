// The convolution of the "native" back end's evaluation. Tensors are NHWC and HWIO, as TensorFlow.js
// has them, and stay where they are: the arrays are views of the wasm back end's heap.
#include <array>
#include <map>
#include <stdexcept>
#include "kernels.h"
#include "napi-arrays.h"
#include "onednn.h"

namespace {

using dnnl::memory;

// N, H, W, Cin, H', W', Cout, kh, kw, strides, pads (top, left, bottom, right), dilations.
constexpr size_t kGeometrySize = 17;
using Geometry = std::array<int32_t, kGeometrySize>;

// One convolution shape, created at first use.
struct Convolution {
  memory::desc input, filter, output;  // as the caller's arrays lie
  memory::desc packedFilter;           // as the primitive wants the filter
  dnnl::convolution_forward run;
};

Convolution& Lookup(const Geometry& g) {
  thread_local std::map<Geometry, Convolution> cache;
  const auto found = cache.find(g);
  if (found != cache.end()) return found->second;
  using Tag = memory::format_tag;
  constexpr auto kFloat = memory::data_type::f32;
  const memory::dims filterShape = {g[6], g[3], g[7], g[8]};
  const memory::desc input({g[0], g[3], g[1], g[2]}, kFloat, Tag::nhwc);
  const memory::desc output({g[0], g[6], g[4], g[5]}, kFloat, Tag::nhwc);
  const dnnl::convolution_forward::primitive_desc forward(
      {dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, input,
       memory::desc(filterShape, kFloat, Tag::any), output, {g[9], g[10]},
       {g[15] - 1, g[16] - 1},  // oneDNN counts the gaps
       {g[11], g[12]}, {g[13], g[14]}},
      Engine());
  return cache[g] = {input, memory::desc(filterShape, kFloat, Tag::hwio), output,
                     forward.weights_desc(), dnnl::convolution_forward(forward)};
}

void Convolve(const Geometry& geometry, float* input, float* filter, float* output) {
  UseOneThread();
  Convolution& c = Lookup(geometry);
  dnnl::stream stream(Engine());
  memory x(c.input, Engine(), input);
  memory y(c.output, Engine(), output);
  memory w(c.filter, Engine(), filter);
  memory packed(c.packedFilter, Engine());
  dnnl::reorder(w, packed).execute(stream, w, packed);
  c.run.execute(stream, {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DST, y}});
  stream.wait();
}

// convolve(geometry: Int32Array(17), input, filter, output: Float32Array)
napi_value ConvolveBinding(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const auto numbers = arguments.View<int32_t>(0);
  const auto input = arguments.View<float>(1), filter = arguments.View<float>(2);
  const auto output = arguments.View<float>(3);
  return Guarded(env, [&] {
    arguments.Require(numbers.length == kGeometrySize, "convolve: wrong arguments");
    Geometry g;
    std::copy(numbers.data, numbers.data + kGeometrySize, g.begin());
    const auto size = [&](int a, int b, int c, int d) {
      return static_cast<size_t>(g[a]) * g[b] * g[c] * g[d];
    };
    arguments.Require(input.length == size(0, 1, 2, 3) && filter.length == size(7, 8, 3, 6) &&
                          output.length == size(0, 4, 5, 6),
                      "convolve: the arrays do not fit the geometry");
    Convolve(g, input.data, filter.data, output.data);
  });
}

}  // namespace

void ExportConvolution(napi_env env, napi_value exports) {
  Export(env, exports, "convolve", ConvolveBinding);
}
