// One convolution of the backbone and its batch statistics: oneDNN's primitives for one shape, with
// activations in float or bfloat16 and filters and gradients in float, as the trainer keeps them.
#pragma once
#include <chrono>
#include <cstdlib>
#include <memory>
#include <new>
#include "onednn.h"
#include "passes.h"

// Memory for oneDNN and the passes; not zeroed.
template <typename T>
class Buffer {
 public:
  explicit Buffer(size_t size = 0) : data_(Allocate(size)), size_(size) {}
  T* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(T* data) const { std::free(data); }
  };
  static T* Allocate(size_t size) {
    if (size == 0) return nullptr;
    constexpr size_t kAlignment = 64;
    const size_t bytes = (size * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    void* data = std::aligned_alloc(kAlignment, bytes);
    if (!data) throw std::bad_alloc();
    return static_cast<T*>(data);
  }
  std::unique_ptr<T, Free> data_;
  size_t size_;
};

// Shape and place of a layer; offsets into the arena, as packages/trainer/src/arena.ts lays it out.
struct LayerPlan {
  int32_t in, out, kernel, stride;
  int32_t weight, gamma, beta, mean, variance;
};

// Seconds that this thread has spent in convolutions and in the reordering of their filters.
inline double& ConvolutionSeconds() {
  thread_local double seconds = 0;
  return seconds;
}

// Adds its own lifetime.
class ConvolutionTimer {
 public:
  ~ConvolutionTimer() {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began_;
    ConvolutionSeconds() += elapsed.count();
  }

 private:
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

template <typename T>
class ConvolutionLayer {
 public:
  ConvolutionLayer(const LayerPlan& plan, const Map& input, bool hasInputGradient)
      : plan(plan), map{input.images, OutputSide(plan, input.side), size_t(plan.out)},
        y(map.size()) {
    using Tag = dnnl::memory::format_tag;
    const auto algorithm = dnnl::algorithm::convolution_direct;
    const auto kind = dnnl::prop_kind::forward_training;
    const dnnl::memory::dim n = input.images, side = input.side, out = map.side, k = plan.kernel;
    const dnnl::memory::dims strides(2, plan.stride), padding(2, (k - 1) / 2);
    const dnnl::memory::dims filterShape = {plan.out, plan.in, k, k};
    const auto float32 = dnnl::memory::data_type::f32;
    const auto type = kRounds ? dnnl::memory::data_type::bf16 : float32;
    const dnnl::memory::desc x({n, plan.in, side, side}, type, Tag::nhwc);
    const dnnl::memory::desc y({n, plan.out, out, out}, type, Tag::nhwc);
    const dnnl::memory::desc anyFilter(filterShape, type, Tag::any);
    const dnnl::memory::desc anyGradient(filterShape, float32, Tag::any);
    const dnnl::memory::desc filter(filterShape, float32, Tag::hwio);
    x_ = dnnl::memory(x, Engine(), nullptr);
    y_ = dnnl::memory(y, Engine(), this->y.data());
    dy_ = dnnl::memory(y, Engine(), nullptr);
    filter_ = dnnl::memory(filter, Engine(), nullptr);
    // Rounding and reordering in two steps is faster than oneDNN's reordering that rounds, twice.
    rounded_ = kRounds ? dnnl::memory({filterShape, type, Tag::hwio}, Engine()) : filter_;
    round_ = dnnl::reorder(filter_, rounded_);

    const dnnl::convolution_forward::primitive_desc forward(
        {kind, algorithm, x, anyFilter, y, strides, padding, padding}, Engine());
    forward_ = dnnl::convolution_forward(forward);
    packed_ = dnnl::memory(forward.weights_desc(), Engine());
    pack_ = dnnl::reorder(rounded_, packed_);

    const dnnl::convolution_backward_weights::primitive_desc filterGradient(
        {algorithm, x, anyGradient, y, strides, padding, padding}, Engine(), forward);
    filterGradient_ = dnnl::convolution_backward_weights(filterGradient);
    packedGradient_ = dnnl::memory(filterGradient.diff_weights_desc(), Engine());
    unpack_ = dnnl::reorder(packedGradient_, filter_);

    if (!hasInputGradient) return;
    const dnnl::convolution_backward_data::primitive_desc inputGradient(
        {algorithm, x, anyFilter, y, strides, padding, padding}, Engine(), forward);
    inputGradient_ = dnnl::convolution_backward_data(inputGradient);
    transposed_ = dnnl::memory(inputGradient.weights_desc(), Engine());
    transpose_ = dnnl::reorder(rounded_, transposed_);
  }

  // y = convolution of x, and its statistics; the running ones are what `statistics` receives.
  void Forward(float* arena, T* x, float epsilon, float* statistics) {
    Convolve(arena, x);
    Statistics(y.data(), map, arena + plan.gamma, arena + plan.beta, epsilon, &norm);
    const double rows = static_cast<double>(map.rows());
    const float unbiased = static_cast<float>(rows / std::max(1.0, rows - 1));
    for (size_t c = 0; c < map.channels; c++) {
      statistics[plan.mean + c] = norm.mean[c];
      statistics[plan.variance + c] = norm.variance[c] * unbiased;
    }
  }

  // dL/dfilter into `gradient`, and dL/dx unless that is null.
  void Backward(float* arena, T* x, T* dy, T* dx, float* gradient) {
    const ConvolutionTimer timer;
    dnnl::stream stream(Engine());
    x_.set_data_handle(x);
    dy_.set_data_handle(dy);
    filterGradient_.execute(stream, {{DNNL_ARG_SRC, x_},
                                     {DNNL_ARG_DIFF_WEIGHTS, packedGradient_},
                                     {DNNL_ARG_DIFF_DST, dy_}});
    filter_.set_data_handle(gradient + plan.weight);
    unpack_.execute(stream, packedGradient_, filter_);
    if (dx) {
      if (!kRounds) rounded_.set_data_handle(arena + plan.weight);
      transpose_.execute(stream, rounded_, transposed_);
      x_.set_data_handle(dx);
      inputGradient_.execute(stream, {{DNNL_ARG_DIFF_SRC, x_},
                                      {DNNL_ARG_WEIGHTS, transposed_},
                                      {DNNL_ARG_DIFF_DST, dy_}});
    }
    stream.wait();
  }

  const LayerPlan plan;
  const Map map;  // of y
  Buffer<T> y;
  BatchNorm norm;

 private:
  void Convolve(float* arena, T* x) {
    const ConvolutionTimer timer;
    dnnl::stream stream(Engine());
    filter_.set_data_handle(arena + plan.weight);
    x_.set_data_handle(x);
    if (kRounds) round_.execute(stream, filter_, rounded_);
    pack_.execute(stream, rounded_, packed_);
    forward_.execute(
        stream, {{DNNL_ARG_SRC, x_}, {DNNL_ARG_WEIGHTS, packed_}, {DNNL_ARG_DST, y_}});
    stream.wait();
  }

  // Whether filters are rounded before a convolution; else rounded_ is filter_.
  static constexpr bool kRounds = sizeof(T) != sizeof(float);

  static size_t OutputSide(const LayerPlan& plan, size_t side) {
    return (side + 2 * ((plan.kernel - 1) / 2) - plan.kernel) / plan.stride + 1;
  }

  dnnl::convolution_forward forward_;
  dnnl::convolution_backward_data inputGradient_;
  dnnl::convolution_backward_weights filterGradient_;
  dnnl::reorder round_, pack_, transpose_, unpack_;
  dnnl::memory x_, y_, dy_, filter_, rounded_, packed_, transposed_, packedGradient_;
};
