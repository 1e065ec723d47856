// Batch normalisation with batch statistics, ReLU included, and the gradient of max pooling: the
// other operations that a training step on the CPU spends its time on. Plain loops that the
// compiler vectorises; channels are the last axis.
#include <node_api.h>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

// Rows summed in float before they join a double, so that long sums stay exact.
constexpr size_t kBlock = 64;

// mean[c] = average of f(row, c) over all rows.
template <typename F>
void MeanOverRows(size_t rows, size_t channels, double* mean, F f) {
  std::vector<float> block(channels);
  std::fill(mean, mean + channels, 0.0);
  for (size_t start = 0; start < rows; start += kBlock) {
    std::fill(block.begin(), block.end(), 0.0f);
    const size_t end = std::min(rows, start + kBlock);
    for (size_t r = start; r < end; r++) {
      for (size_t c = 0; c < channels; c++) block[c] += f(r * channels + c, c);
    }
    for (size_t c = 0; c < channels; c++) mean[c] += block[c];
  }
  for (size_t c = 0; c < channels; c++) mean[c] /= static_cast<double>(rows);
}

void Forward(const float* x, const float* gamma, const float* beta, float epsilon, bool relu,
             size_t rows, size_t channels, float* y, float* mean, float* variance) {
  std::vector<double> moments(channels);
  MeanOverRows(rows, channels, moments.data(), [&](size_t i, size_t) { return x[i]; });
  std::copy(moments.begin(), moments.end(), mean);
  MeanOverRows(rows, channels, moments.data(), [&](size_t i, size_t c) {
    const float centred = x[i] - mean[c];
    return centred * centred;
  });
  std::copy(moments.begin(), moments.end(), variance);
  std::vector<float> scale(channels), offset(channels);
  for (size_t c = 0; c < channels; c++) {
    scale[c] = gamma[c] / std::sqrt(variance[c] + epsilon);
    offset[c] = beta[c] - mean[c] * scale[c];
  }
  const float lowest = relu ? 0.0f : -INFINITY;
  for (size_t r = 0; r < rows; r++) {
    const float* from = x + r * channels;
    float* to = y + r * channels;
    // In this order max lets NaN through: a diverged training must not look like a quiet one.
    for (size_t c = 0; c < channels; c++) to[c] = std::max(from[c] * scale[c] + offset[c], lowest);
  }
}

// y is the forward result: where ReLU cut it to 0 nothing flows back.
void Backward(const float* x, const float* y, const float* dy, const float* gamma,
              const float* mean, const float* variance, float epsilon, bool relu, size_t rows,
              size_t channels, float* dx, float* dGamma, float* dBeta) {
  // dz goes into dx first: both sums and the result read it.
  const size_t size = rows * channels;
  if (relu) {
    for (size_t i = 0; i < size; i++) dx[i] = y[i] > 0.0f ? dy[i] : 0.0f;
  } else {
    std::copy(dy, dy + size, dx);
  }
  std::vector<double> meanDz(channels), meanDzX(channels);
  MeanOverRows(rows, channels, meanDz.data(), [&](size_t i, size_t) { return dx[i]; });
  MeanOverRows(rows, channels, meanDzX.data(),
               [&](size_t i, size_t c) { return dx[i] * (x[i] - mean[c]); });
  std::vector<float> factor(channels), slope(channels), constant(channels);
  for (size_t c = 0; c < channels; c++) {
    const float inverse = 1.0f / std::sqrt(variance[c] + epsilon);
    factor[c] = gamma[c] * inverse;
    slope[c] = -factor[c] * inverse * inverse * static_cast<float>(meanDzX[c]);
    constant[c] = -factor[c] * static_cast<float>(meanDz[c]) - slope[c] * mean[c];
    dGamma[c] = static_cast<float>(meanDzX[c] * inverse * rows);
    dBeta[c] = static_cast<float>(meanDz[c] * rows);
  }
  for (size_t r = 0; r < rows; r++) {
    const float* from = x + r * channels;
    float* to = dx + r * channels;
    for (size_t c = 0; c < channels; c++) {
      to[c] = factor[c] * to[c] + slope[c] * from[c] + constant[c];
    }
  }
}

// The first largest value of a window receives its gradient. Geometry: N, H, W, C, H', W', window
// height and width, strides, padding at the top and left.
void MaxPoolGradient(const int32_t* g, const float* x, const float* dy, float* dx) {
  const int h = g[1], w = g[2], channels = g[3];
  std::fill(dx, dx + static_cast<size_t>(g[0]) * h * w * channels, 0.0f);
  std::vector<float> best(channels);
  std::vector<int32_t> where(channels);
  for (int n = 0; n < g[0]; n++) {
    const size_t image = static_cast<size_t>(n) * h * w * channels;
    for (int oy = 0; oy < g[4]; oy++) {
      const int top = oy * g[8] - g[10];
      for (int ox = 0; ox < g[5]; ox++) {
        const int left = ox * g[9] - g[11];
        std::fill(best.begin(), best.end(), -INFINITY);
        for (int y = std::max(0, top); y < std::min(h, top + g[6]); y++) {
          for (int column = std::max(0, left); column < std::min(w, left + g[7]); column++) {
            const int32_t start = (y * w + column) * channels;
            const float* values = x + image + start;
            for (int c = 0; c < channels; c++) {
              const bool isLarger = values[c] > best[c];
              best[c] = isLarger ? values[c] : best[c];
              where[c] = isLarger ? start + c : where[c];
            }
          }
        }
        for (int c = 0; c < channels; c++) dx[image + where[c]] += *dy++;
      }
    }
  }
}

// The arguments are float arrays first, then `numbers` (Int32Array) and, where asked, epsilon.
struct Arguments {
  std::vector<float*> arrays;
  std::vector<size_t> lengths;
  int32_t* numbers = nullptr;
  size_t numberCount = 0;
  double epsilon = 0;
  bool valid = true;
};

Arguments Read(napi_env env, napi_callback_info info, size_t arrayCount, bool hasEpsilon) {
  size_t count = arrayCount + (hasEpsilon ? 2 : 1);
  const size_t expected = count;
  std::vector<napi_value> values(count);
  napi_get_cb_info(env, info, &count, values.data(), nullptr, nullptr);
  Arguments result;
  result.valid = count == expected;
  napi_typedarray_type type;
  void* data = nullptr;
  size_t length = 0;
  for (size_t i = 0; i <= arrayCount && result.valid; i++) {
    const auto wanted = i < arrayCount ? napi_float32_array : napi_int32_array;
    result.valid = napi_get_typedarray_info(env, values[i], &type, &length, &data, nullptr,
                                            nullptr) == napi_ok &&
                   type == wanted;
    if (i < arrayCount) {
      result.arrays.push_back(static_cast<float*>(data));
      result.lengths.push_back(length);
    } else {
      result.numbers = static_cast<int32_t*>(data);
      result.numberCount = length;
    }
  }
  if (result.valid && hasEpsilon) {
    result.valid = napi_get_value_double(env, values[arrayCount + 1], &result.epsilon) == napi_ok;
  }
  return result;
}

napi_value Reject(napi_env env, const char* message) {
  napi_throw_type_error(env, nullptr, message);
  return nullptr;
}

// batchNormForward(x, gamma, beta, y, mean, variance, Int32Array[rows, channels, relu], epsilon)
napi_value ForwardBinding(napi_env env, napi_callback_info info) {
  const Arguments a = Read(env, info, 6, true);
  if (!a.valid || a.numberCount != 3) return Reject(env, "batchNormForward: wrong arguments");
  const size_t rows = a.numbers[0], channels = a.numbers[1];
  const bool fits = a.lengths[0] == rows * channels && a.lengths[3] == a.lengths[0] &&
                    a.lengths[1] == channels && a.lengths[2] == channels &&
                    a.lengths[4] == channels && a.lengths[5] == channels;
  if (!fits) return Reject(env, "batchNormForward: the arrays do not fit");
  const auto& p = a.arrays;
  Forward(p[0], p[1], p[2], a.epsilon, a.numbers[2] != 0, rows, channels, p[3], p[4], p[5]);
  return nullptr;
}

// batchNormBackward(x, y, dy, gamma, mean, variance, dx, dGamma, dBeta,
//                   Int32Array[rows, channels, relu], epsilon)
napi_value BackwardBinding(napi_env env, napi_callback_info info) {
  const Arguments a = Read(env, info, 9, true);
  if (!a.valid || a.numberCount != 3) return Reject(env, "batchNormBackward: wrong arguments");
  const size_t rows = a.numbers[0], channels = a.numbers[1];
  for (const size_t i : {0, 1, 2, 6}) {
    if (a.lengths[i] != rows * channels) return Reject(env, "batchNormBackward: wrong map size");
  }
  for (const size_t i : {3, 4, 5, 7, 8}) {
    if (a.lengths[i] != channels) return Reject(env, "batchNormBackward: wrong channel count");
  }
  const auto& p = a.arrays;
  Backward(p[0], p[1], p[2], p[3], p[4], p[5], a.epsilon, a.numbers[2] != 0, rows, channels, p[6],
           p[7], p[8]);
  return nullptr;
}

// maxPoolGradient(x, dy, dx, Int32Array(12))
napi_value MaxPoolBinding(napi_env env, napi_callback_info info) {
  const Arguments a = Read(env, info, 3, false);
  if (!a.valid || a.numberCount != 12) return Reject(env, "maxPoolGradient: wrong arguments");
  const int32_t* g = a.numbers;
  const size_t in = static_cast<size_t>(g[0]) * g[1] * g[2] * g[3];
  const size_t out = static_cast<size_t>(g[0]) * g[4] * g[5] * g[3];
  if (a.lengths[0] != in || a.lengths[1] != out || a.lengths[2] != in) {
    return Reject(env, "maxPoolGradient: the arrays do not fit the geometry");
  }
  MaxPoolGradient(g, a.arrays[0], a.arrays[1], a.arrays[2]);
  return nullptr;
}

napi_value Initialise(napi_env env, napi_value exports) {
  const auto add = [&](const char* name, napi_callback callback) {
    napi_value function;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
    napi_set_named_property(env, exports, name, function);
  };
  add("batchNormForward", ForwardBinding);
  add("batchNormBackward", BackwardBinding);
  add("maxPoolGradient", MaxPoolBinding);
  return exports;
}

}  // namespace

NAPI_MODULE(NODE_GYP_MODULE_NAME, Initialise)
