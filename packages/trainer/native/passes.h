// What a training step does between two convolutions, each in one or two passes over the maps:
// batch normalisation with the statistics of the batch, ReLU, efficient channel attention, the
// addition of the shortcut, max pooling, and the gradients. Maps are [N,H,W,C]; the loops over the
// channels are the ones that the compiler vectorises.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>
#include "element.h"

// Shape of a map.
struct Map {
  size_t images, side, channels;
  size_t pixels() const { return side * side; }
  size_t rows() const { return images * pixels(); }
  size_t size() const { return rows() * channels; }
};

// Batch normalisation of one layer: y * scale + offset is its result.
struct BatchNorm {
  std::vector<float> mean, variance, inverse, scale, offset;  // [C]
  std::vector<float> imageMean;                               // less the mean, [N,C]
};

// Sums over the pixels of an image that a gradient needs, [N,C].
struct ImageSums {
  std::vector<double> dz, dzY, dzShortcut;
  void Reset(const Map& map) {
    for (auto* sums : {&dz, &dzY, &dzShortcut}) sums->assign(map.images * map.channels, 0.0);
  }
};

// Rows summed in float before they join a double, so that long sums stay exact.
constexpr size_t kBlock = 64;
// Rows taken at once, so that their sums stay in registers.
constexpr size_t kUnrolled = 4;

// Calls f(index, channel, a, b, d) for all values of one image and adds what f added to a, b, d to
// the sums.
template <typename F>
void SumOverPixels(size_t image, const Map& map, double* sumA, double* sumB, double* sumD, F f) {
  const size_t channels = map.channels;
  thread_local std::vector<float> block;
  block.resize(3 * channels);
  float* a = block.data();
  float* b = a + channels;
  float* d = b + channels;
  const size_t first = image * map.pixels(), last = first + map.pixels();
  for (size_t start = first; start < last; start += kBlock) {
    std::fill(block.begin(), block.end(), 0.0f);
    const size_t end = std::min(last, start + kBlock);
    size_t row = start;
    for (; row + kUnrolled <= end; row += kUnrolled) {
#pragma GCC ivdep
      for (size_t c = 0; c < channels; c++) {
        float sums[3] = {a[c], b[c], d[c]};
        for (size_t k = 0; k < kUnrolled; k++) {
          f((row + k) * channels + c, c, sums[0], sums[1], sums[2]);
        }
        a[c] = sums[0];
        b[c] = sums[1];
        d[c] = sums[2];
      }
    }
    for (; row < end; row++) {
#pragma GCC ivdep
      for (size_t c = 0; c < channels; c++) f(row * channels + c, c, a[c], b[c], d[c]);
    }
    for (size_t c = 0; c < channels; c++) {
      sumA[c] += a[c];
      sumB[c] += b[c];
      sumD[c] += d[c];
    }
  }
}

// Calls f(index, channel) for all values of one image.
template <typename F>
void ForPixels(size_t image, const Map& map, F f) {
  const size_t first = image * map.pixels(), last = first + map.pixels();
  for (size_t row = first; row < last; row++) {
#pragma GCC ivdep
    for (size_t c = 0; c < map.channels; c++) f(row * map.channels + c, c);
  }
}

// Mean and biased variance of y by channel, and what follows from them.
template <typename T>
void Statistics(const T* y, const Map& map, const float* gamma, const float* beta, float epsilon,
                BatchNorm* norm) {
  const size_t channels = map.channels;
  // Values are taken relative to the first row: the variance is a difference of two sums.
  std::vector<float> pivot(channels);
  for (size_t c = 0; c < channels; c++) pivot[c] = ToFloat(y[c]);
  std::vector<double> sums(map.images * channels, 0.0), squares(channels, 0.0), unused(channels);
  const float* from = pivot.data();
  for (size_t n = 0; n < map.images; n++) {
    SumOverPixels(n, map, &sums[n * channels], squares.data(), unused.data(),
                  [=](size_t i, size_t c, float& a, float& b, float&) {
                    const float value = ToFloat(y[i]) - from[c];
                    a += value;
                    b += value * value;
                  });
  }
  for (auto* values : {&norm->mean, &norm->variance, &norm->inverse, &norm->scale, &norm->offset}) {
    values->resize(channels);
  }
  norm->imageMean.resize(map.images * channels);
  for (size_t c = 0; c < channels; c++) {
    double sum = 0;
    for (size_t n = 0; n < map.images; n++) sum += sums[n * channels + c];
    const double mean = sum / map.rows();
    const double variance = squares[c] / map.rows() - mean * mean;
    norm->mean[c] = static_cast<float>(pivot[c] + mean);
    // In this order max lets NaN through: a diverged training must not look like a quiet one.
    norm->variance[c] = static_cast<float>(std::max(variance, 0.0));
    norm->inverse[c] = 1.0f / std::sqrt(norm->variance[c] + epsilon);
    norm->scale[c] = gamma[c] * norm->inverse[c];
    norm->offset[c] = beta[c] - norm->mean[c] * norm->scale[c];
    for (size_t n = 0; n < map.images; n++) {
      norm->imageMean[n * channels + c] =
          static_cast<float>(sums[n * channels + c] / map.pixels() - mean);
    }
  }
}

// z = ReLU(y * scale + offset).
template <typename T>
void NormaliseAndRelu(const T* y, const Map& map, const BatchNorm& norm, T* z) {
  const float *scale = norm.scale.data(), *offset = norm.offset.data();
  for (size_t n = 0; n < map.images; n++) {
    ForPixels(n, map, [=](size_t i, size_t c) {
      z[i] = FromFloat<T>(std::max(ToFloat(y[i]) * scale[c] + offset[c], 0.0f));
    });
  }
}

// Gradients of gamma and beta, and the constants of dy = scale * dv + slope * y + constant, from
// S1 = sum of dv and S2 = sum of dv * (y - mean), by channel.
struct NormGradient {
  std::vector<float> slope, constant;
  NormGradient(const BatchNorm& norm, const Map& map, const double* s1, const double* s2,
               float* dGamma, float* dBeta)
      : slope(map.channels), constant(map.channels) {
    for (size_t c = 0; c < map.channels; c++) {
      const float inverse = norm.inverse[c], scale = norm.scale[c];
      dGamma[c] = static_cast<float>(s2[c] * inverse);
      dBeta[c] = static_cast<float>(s1[c]);
      slope[c] = -scale * inverse * inverse * static_cast<float>(s2[c] / map.rows());
      constant[c] = -scale * static_cast<float>(s1[c] / map.rows()) - slope[c] * norm.mean[c];
    }
  }
};

// The gradient of NormaliseAndRelu, dz to dy in place.
template <typename T>
void NormaliseAndReluGradient(const T* y, const Map& map, const BatchNorm& norm, T* dz,
                              float* dGamma, float* dBeta) {
  std::vector<double> s1(map.channels, 0.0), s2(map.channels, 0.0), unused(map.channels);
  const float *scale = norm.scale.data(), *offset = norm.offset.data(), *mean = norm.mean.data();
  for (size_t n = 0; n < map.images; n++) {
    SumOverPixels(n, map, s1.data(), s2.data(), unused.data(),
                  [=](size_t i, size_t c, float& a, float& b, float&) {
                    const float value = ToFloat(y[i]);
                    const float up = value * scale[c] + offset[c] > 0.0f ? ToFloat(dz[i]) : 0.0f;
                    a += up;
                    b += up * (value - mean[c]);
                  });
  }
  const NormGradient gradient(norm, map, s1.data(), s2.data(), dGamma, dBeta);
  const float *slope = gradient.slope.data(), *constant = gradient.constant.data();
  for (size_t n = 0; n < map.images; n++) {
    ForPixels(n, map, [=](size_t i, size_t c) {
      const float value = ToFloat(y[i]);
      const float up = value * scale[c] + offset[c] > 0.0f ? ToFloat(dz[i]) : 0.0f;
      dz[i] = FromFloat<T>(scale[c] * up + slope[c] * value + constant[c]);
    });
  }
}

// The gradient of y * scale + offset, of which the sums are known: dy = scale * dz * factor[n,c] +
// scale * addend[n,c] + slope * y + constant.
template <typename T>
void NormaliseGradient(const T* y, const Map& map, const BatchNorm& norm,
                       const NormGradient& gradient, const float* factor, const float* addend,
                       const T* dz, T* dy) {
  const size_t channels = map.channels;
  std::vector<float> slopes(channels), constants(channels);
  const float *onY = gradient.slope.data(), *onDz = slopes.data(), *constant = constants.data();
  for (size_t n = 0; n < map.images; n++) {
    for (size_t c = 0; c < channels; c++) {
      slopes[c] = norm.scale[c] * (factor ? factor[n * channels + c] : 1.0f);
      constants[c] =
          gradient.constant[c] + (addend ? norm.scale[c] * addend[n * channels + c] : 0.0f);
    }
    ForPixels(n, map, [=](size_t i, size_t c) {
      dy[i] = FromFloat<T>(onDz[c] * ToFloat(dz[i]) + onY[c] * ToFloat(y[i]) + constant[c]);
    });
  }
}

// Efficient channel attention (paper, 3.2.1) over the means of the images' maps, [N,C].
struct Attention {
  std::vector<float> pooled, factor;  // [N,C]

  // factor = sigmoid(cross-correlation of pooled with the kernel along the channels).
  void Forward(const Map& map, const BatchNorm& norm, const float* kernel, int taps) {
    const int channels = static_cast<int>(map.channels), half = (taps - 1) / 2;
    pooled.resize(map.images * map.channels);
    factor.resize(pooled.size());
    for (size_t n = 0; n < map.images; n++) {
      float* means = &pooled[n * map.channels];
      for (int c = 0; c < channels; c++) {
        const float mean = norm.mean[c] + norm.imageMean[n * map.channels + c];
        means[c] = mean * norm.scale[c] + norm.offset[c];
      }
      for (int c = 0; c < channels; c++) {
        float sum = 0;
        for (int k = 0; k < taps; k++) {
          const int at = c + k - half;
          if (at >= 0 && at < channels) sum += kernel[k] * means[at];
        }
        factor[n * map.channels + c] = 1.0f / (1.0f + std::exp(-sum));
      }
    }
  }

  // From dL/dfactor to dL/dkernel, and to dL/dpooled in dFactor's place.
  void Backward(const Map& map, const float* kernel, int taps, float* dFactor,
                float* dKernel) const {
    const int channels = static_cast<int>(map.channels), half = (taps - 1) / 2;
    std::vector<double> sums(taps, 0.0);
    std::vector<float> dSum(map.channels);
    for (size_t n = 0; n < map.images; n++) {
      const float* means = &pooled[n * map.channels];
      float* own = dFactor + n * map.channels;
      for (int c = 0; c < channels; c++) {
        const float s = factor[n * map.channels + c];
        dSum[c] = own[c] * s * (1.0f - s);
        own[c] = 0;
      }
      for (int c = 0; c < channels; c++) {
        for (int k = 0; k < taps; k++) {
          const int at = c + k - half;
          if (at < 0 || at >= channels) continue;
          sums[k] += dSum[c] * means[at];
          own[at] += dSum[c] * kernel[k];
        }
      }
    }
    std::copy(sums.begin(), sums.end(), dKernel);
  }
};

// The end of a block: out = ReLU(normalised y * factor + shortcut), the shortcut being the block's
// input or, where `projected` is given, a normalised convolution of it.
template <typename T>
void BlockEnd(const T* y, const Map& map, const BatchNorm& norm, const Attention* attention,
              const T* shortcut, const BatchNorm* projected, T* out) {
  const size_t channels = map.channels;
  std::vector<float> scales(channels), offsets(channels);
  const float *scale = scales.data(), *offset = offsets.data();
  for (size_t n = 0; n < map.images; n++) {
    for (size_t c = 0; c < channels; c++) {
      const float factor = attention ? attention->factor[n * channels + c] : 1.0f;
      scales[c] = norm.scale[c] * factor;
      offsets[c] = norm.offset[c] * factor + (projected ? projected->offset[c] : 0.0f);
    }
    if (projected) {
      const float* onShortcut = projected->scale.data();
      ForPixels(n, map, [=](size_t i, size_t c) {
        const float sum = ToFloat(y[i]) * scale[c] + ToFloat(shortcut[i]) * onShortcut[c];
        out[i] = FromFloat<T>(std::max(sum + offset[c], 0.0f));
      });
    } else {
      ForPixels(n, map, [=](size_t i, size_t c) {
        const float sum = ToFloat(y[i]) * scale[c] + offset[c] + ToFloat(shortcut[i]);
        out[i] = FromFloat<T>(std::max(sum, 0.0f));
      });
    }
  }
}

// dz = (g1 + g2) where out > 0, and the sums over each image of dz, dz * (y - mean) and, where there
// is a projected shortcut, dz * (shortcut - its mean). g2 may be null, and the same array as dz.
template <typename T>
void BlockEndGradient(const T* out, const Map& map, const T* y, const float* mean,
                      const T* shortcut, const float* shortcutMean, const T* g1, const T* g2, T* dz,
                      ImageSums* sums) {
  sums->Reset(map);
  const auto run = [&](auto upstream) {
    for (size_t n = 0; n < map.images; n++) {
      const size_t at = n * map.channels;
      const auto sum = [&](auto f) {
        SumOverPixels(n, map, &sums->dz[at], &sums->dzY[at], &sums->dzShortcut[at], f);
      };
      if (shortcut) {
        sum([=](size_t i, size_t c, float& a, float& b, float& d) {
          const float value = ToFloat(out[i]) > 0.0f ? upstream(i) : 0.0f;
          dz[i] = FromFloat<T>(value);
          a += value;
          b += value * (ToFloat(y[i]) - mean[c]);
          d += value * (ToFloat(shortcut[i]) - shortcutMean[c]);
        });
      } else {
        sum([=](size_t i, size_t c, float& a, float& b, float&) {
          const float value = ToFloat(out[i]) > 0.0f ? upstream(i) : 0.0f;
          dz[i] = FromFloat<T>(value);
          a += value;
          b += value * (ToFloat(y[i]) - mean[c]);
        });
      }
    }
  };
  if (g2) {
    run([=](size_t i) { return ToFloat(g1[i]) + ToFloat(g2[i]); });
  } else {
    run([=](size_t i) { return ToFloat(g1[i]); });
  }
}

// Max pooling 3x3 with stride 2 and padding 1 over ReLU(y * scale + offset); `where` receives which
// of the nine values was the (first) largest.
template <typename T>
void NormaliseAndPool(const T* y, const Map& in, const BatchNorm& norm, const Map& out, T* z,
                      uint8_t* where) {
  const int side = static_cast<int>(in.side), channels = static_cast<int>(in.channels);
  const float *scale = norm.scale.data(), *offset = norm.offset.data();
  std::vector<float> largest(in.channels);
  std::vector<int32_t> taps(in.channels);
  float* best = largest.data();
  int32_t* tap = taps.data();
  for (size_t n = 0; n < in.images; n++) {
    for (int oy = 0; oy < static_cast<int>(out.side); oy++) {
      for (int ox = 0; ox < static_cast<int>(out.side); ox++) {
        bool isFirst = true;
        for (int k = 0; k < 9; k++) {
          const int row = 2 * oy - 1 + k / 3, column = 2 * ox - 1 + k % 3;
          if (row < 0 || row >= side || column < 0 || column >= side) continue;
          const T* values = y + ((n * side + row) * side + column) * channels;
          if (isFirst) { // NaN stays here: nothing is larger
#pragma GCC ivdep
            for (int c = 0; c < channels; c++) {
              best[c] = ToFloat(values[c]) * scale[c] + offset[c];
              tap[c] = k;
            }
          } else {
#pragma GCC ivdep
            for (int c = 0; c < channels; c++) {
              const float value = ToFloat(values[c]) * scale[c] + offset[c];
              tap[c] = value > best[c] ? k : tap[c];
              best[c] = value > best[c] ? value : best[c];
            }
          }
          isFirst = false;
        }
#pragma GCC ivdep
        for (int c = 0; c < channels; c++) {
          z[c] = FromFloat<T>(std::max(best[c], 0.0f));
          where[c] = static_cast<uint8_t>(tap[c]);
        }
        z += channels;
        where += channels;
      }
    }
  }
}

// The gradient of NormaliseAndPool: g1 + g2 at the pooled map z to dy.
template <typename T>
void NormaliseAndPoolGradient(const T* y, const Map& in, const BatchNorm& norm, const Map& out,
                              const T* z, const uint8_t* where, const T* g1, const T* g2, T* dy,
                              float* dGamma, float* dBeta) {
  const int side = static_cast<int>(in.side), channels = static_cast<int>(in.channels);
  const int outSide = static_cast<int>(out.side);
  std::vector<float> buffer(static_cast<size_t>(side) * channels);
  float* line = buffer.data();  // dL/dz before pooling of one row, [W,C]
  const auto gather = [&](size_t n, int row) {
    std::fill(buffer.begin(), buffer.end(), 0.0f);
    // The windows of output row oy begin at 2 oy - 1: one or two of them hold this row.
    for (int oy = row / 2; oy <= std::min(outSide - 1, (row + 1) / 2); oy++) {
      const int ky = row - 2 * oy + 1;
      for (int ox = 0; ox < outSide; ox++) {
        const size_t at = ((n * outSide + oy) * outSide + ox) * channels;
        for (int kx = 0; kx < 3; kx++) {
          const int column = 2 * ox - 1 + kx;
          if (column < 0 || column >= side) continue;
          float* to = line + static_cast<size_t>(column) * channels;
          const int tap = ky * 3 + kx;
#pragma GCC ivdep
          for (int c = 0; c < channels; c++) {
            const float up = g2 ? ToFloat(g1[at + c]) + ToFloat(g2[at + c]) : ToFloat(g1[at + c]);
            to[c] += (where[at + c] == tap) & (ToFloat(z[at + c]) > 0.0f) ? up : 0.0f;
          }
        }
      }
    }
  };
  std::vector<double> s1(in.channels, 0.0), s2(in.channels, 0.0);
  std::vector<float> a(in.channels), b(in.channels);
  const float *mean = norm.mean.data(), *scale = norm.scale.data();
  for (size_t n = 0; n < in.images; n++) {
    for (int row = 0; row < side; row++) {
      gather(n, row);
      const T* values = y + (n * side + row) * side * channels;
      std::fill(a.begin(), a.end(), 0.0f);
      std::fill(b.begin(), b.end(), 0.0f);
      for (int column = 0; column < side; column++) {
#pragma GCC ivdep
        for (int c = 0; c < channels; c++) {
          const float up = line[column * channels + c];
          a[c] += up;
          b[c] += up * (ToFloat(values[column * channels + c]) - mean[c]);
        }
      }
      for (int c = 0; c < channels; c++) {
        s1[c] += a[c];
        s2[c] += b[c];
      }
    }
  }
  const NormGradient gradient(norm, in, s1.data(), s2.data(), dGamma, dBeta);
  const float *slope = gradient.slope.data(), *constant = gradient.constant.data();
  for (size_t n = 0; n < in.images; n++) {
    for (int row = 0; row < side; row++) {
      gather(n, row);
      const size_t at = (n * side + row) * side * channels;
      for (int column = 0; column < side; column++) {
#pragma GCC ivdep
        for (int c = 0; c < channels; c++) {
          const size_t i = at + column * channels + c;
          dy[i] = FromFloat<T>(scale[c] * line[column * channels + c] + slope[c] * ToFloat(y[i]) +
                               constant[c]);
        }
      }
    }
  }
}
