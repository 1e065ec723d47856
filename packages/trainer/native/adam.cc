// Adam with decoupled weight decay and the moving average of the parameters, as optimizer.ts and
// averaging.ts in packages/trainer/src have them, in one pass: memory is what limits it.
#include <cmath>
#include "kernels.h"
#include "napi-arrays.h"

namespace {

struct Step {
  float beta1, rest1, beta2, rest2, epsilon, learningRate, correction1, correction2, averageDecay;
};

struct Parameters {
  float *p, *moment1, *moment2;
  const float* decay;
  float* average;  // null: none
  size_t size;
};

template <bool kHasAverage, typename F>
void Update(const Parameters& parameters, const Step& step, F gradientAt) {
  float *p = parameters.p, *m = parameters.moment1, *v = parameters.moment2;
  float* average = parameters.average;
  const float* decay = parameters.decay;
#pragma GCC ivdep
  for (size_t i = 0; i < parameters.size; i++) {
    const float g = gradientAt(i);
    m[i] = step.beta1 * m[i] + step.rest1 * g;
    v[i] = step.beta2 * v[i] + step.rest2 * g * g;
    const float direction =
        m[i] * step.correction1 / (std::sqrt(v[i] * step.correction2) + step.epsilon);
    p[i] -= step.learningRate * (direction + decay[i] * p[i]);
    if constexpr (kHasAverage) average[i] = p[i] + step.averageDecay * (average[i] - p[i]);
  }
}

// The mean of all workers' gradients is applied.
template <bool kHasAverage>
void UpdateByMean(const Parameters& parameters, const Step& step,
                  const std::vector<const float*>& gradients) {
  const float share = 1.0f / static_cast<float>(gradients.size());
  const float* const* all = gradients.data();
  const size_t count = gradients.size();
  const float *first = all[0], *second = count > 1 ? all[1] : nullptr;
  if (count == 1) {
    Update<kHasAverage>(parameters, step, [=](size_t i) { return first[i]; });
  } else if (count == 2) {
    Update<kHasAverage>(parameters, step, [=](size_t i) { return (first[i] + second[i]) * share; });
  } else {
    Update<kHasAverage>(parameters, step, [=](size_t i) {
      float sum = 0;
      for (size_t worker = 0; worker < count; worker++) sum += all[worker][i];
      return sum * share;
    });
  }
}

// adam(Float64Array[beta1, beta2, epsilon, learningRate, correction1, correction2, averageDecay],
//      parameters, moment1, moment2, decay, average (empty: none), ...gradients)
napi_value AdamBinding(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const auto numbers = arguments.View<double>(0);
  const auto p = arguments.View<float>(1), m = arguments.View<float>(2);
  const auto v = arguments.View<float>(3), decay = arguments.View<float>(4);
  const auto average = arguments.View<float>(5);
  std::vector<const float*> gradients;
  bool fits = numbers.length == 7 && m.length == p.length && v.length == p.length &&
              decay.length == p.length && (average.length == 0 || average.length == p.length);
  for (size_t i = 6; i < arguments.size(); i++) {
    const auto gradient = arguments.View<float>(i);
    fits = fits && gradient.length == p.length;
    gradients.push_back(gradient.data);
  }
  return Guarded(env, [&] {
    arguments.Require(fits && !gradients.empty(), "adam: the arrays do not fit");
    const double* n = numbers.data;
    const auto number = [](double value) { return static_cast<float>(value); };
    const Step step = {number(n[0]), number(1 - n[0]), number(n[1]), number(1 - n[1]), number(n[2]),
                       number(n[3]), number(n[4]),     number(n[5]), number(n[6])};
    const bool hasAverage = average.length > 0;
    const Parameters parameters = {p.data,     m.data,
                                   v.data,     decay.data,
                                   hasAverage ? average.data : nullptr, p.length};
    if (hasAverage) {
      UpdateByMean<true>(parameters, step, gradients);
    } else {
      UpdateByMean<false>(parameters, step, gradients);
    }
  });
}

}  // namespace

void ExportAdam(napi_env env, napi_value exports) { Export(env, exports, "adam", AdamBinding); }
