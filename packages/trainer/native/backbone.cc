// The backbone's forward and backward pass in one call each (paper, 3.2): stem, max pooling and the
// residual blocks of packages/sdk/src/network/resnet.ts with batch statistics, then the mean over the
// map. Parameters are read from the trainer's arena, gradients are written by the same layout.
#include <optional>
#include <string>
#include "convolution-layer.h"
#include "kernels.h"
#include "napi-arrays.h"

namespace {

struct BlockPlan {
  LayerPlan conv1, conv2, shortcut;  // no shortcut: all its values are 0
  int32_t attentionTaps, attention;  // no attention: 0
};

// The plan as it comes from packages/trainer/src/gradients/native-backbone.ts.
struct Plan {
  int32_t images, side, isBfloat16, arenaSize;
  LayerPlan stem;
};
constexpr size_t kPlanInts = sizeof(Plan) / sizeof(int32_t);
constexpr size_t kBlockInts = sizeof(BlockPlan) / sizeof(int32_t);

// What the two precisions have in common.
class Backbone {
 public:
  virtual ~Backbone() = default;
  virtual size_t features() const = 0;
  virtual void Forward(float* arena, const float* images, float* features, float* statistics) = 0;
  virtual void Backward(float* arena, const float* dFeatures, float* gradient) = 0;
};

// Convolutions, attention and result of one residual block.
template <typename T>
struct Block {
  Block(const BlockPlan& plan, const Map& input)
      : plan(plan), conv1(plan.conv1, input, true), conv2(plan.conv2, conv1.map, true),
        z1(conv1.map.size()), out(conv2.map.size()) {
    if (plan.shortcut.out > 0) shortcut.emplace(plan.shortcut, input, true);
  }
  const Map& map() const { return conv2.map; }

  BlockPlan plan;
  ConvolutionLayer<T> conv1, conv2;
  std::optional<ConvolutionLayer<T>> shortcut;
  Attention attention;
  Buffer<T> z1, out;
};

template <typename T>
class TypedBackbone : public Backbone {
 public:
  TypedBackbone(const Plan& plan, const BlockPlan* blocks, size_t blockCount, float epsilon)
      : epsilon_(epsilon), input_{size_t(plan.images), size_t(plan.side), size_t(plan.stem.in)},
        stem_(plan.stem, input_, false),
        pooled_{input_.images, (stem_.map.side + 1) / 2, stem_.map.channels},
        images_(input_.size()), z_(pooled_.size()), where_(pooled_.size()) {
    Map map = pooled_;
    size_t largest = map.size();
    for (size_t i = 0; i < blockCount; i++) {
      blocks_.push_back(std::make_unique<Block<T>>(blocks[i], map));
      map = blocks_.back()->map();
      largest = std::max({largest, map.size(), blocks_.back()->conv1.map.size()});
    }
    for (auto* buffer : {&viaConvolution_, &viaShortcut_, &dz_, &d1_, &d2_}) {
      *buffer = Buffer<T>(largest);
    }
    dStem_ = Buffer<T>(stem_.map.size());
  }

  size_t features() const override { return last().images * last().channels; }

  void Forward(float* arena, const float* images, float* features, float* statistics) override {
    for (size_t i = 0; i < input_.size(); i++) images_.data()[i] = FromFloat<T>(images[i]);
    stem_.Forward(arena, images_.data(), epsilon_, statistics);
    NormaliseAndPool(stem_.y.data(), stem_.map, stem_.norm, pooled_, z_.data(), where_.data());
    T* x = z_.data();
    for (auto& block : blocks_) {
      ForwardBlock(*block, arena, x, statistics);
      x = block->out.data();
    }
    std::fill(features, features + this->features(), 0.0f);
    const float share = 1.0f / static_cast<float>(last().pixels());
    for (size_t n = 0; n < last().images; n++) {
      float* sums = features + n * last().channels;
      ForPixels(n, last(), [=](size_t i, size_t c) { sums[c] += ToFloat(x[i]) * share; });
    }
  }

  void Backward(float* arena, const float* dFeatures, float* gradient) override {
    const float share = 1.0f / static_cast<float>(last().pixels());
    T* g1 = viaConvolution_.data();
    for (size_t n = 0; n < last().images; n++) {
      const float* values = dFeatures + n * last().channels;
      ForPixels(n, last(), [=](size_t i, size_t c) { g1[i] = FromFloat<T>(values[c] * share); });
    }
    const T* g2 = nullptr;
    for (size_t i = blocks_.size(); i-- > 0;) {
      T* x = i > 0 ? blocks_[i - 1]->out.data() : z_.data();
      g2 = BackwardBlock(*blocks_[i], arena, x, g2, gradient);
    }
    const LayerPlan& plan = stem_.plan;
    NormaliseAndPoolGradient(stem_.y.data(), stem_.map, stem_.norm, pooled_, z_.data(),
                             where_.data(), g1, g2, dStem_.data(), gradient + plan.gamma,
                             gradient + plan.beta);
    stem_.Backward(arena, images_.data(), dStem_.data(), nullptr, gradient);
  }

 private:
  const Map& last() const { return blocks_.empty() ? pooled_ : blocks_.back()->map(); }

  void ForwardBlock(Block<T>& block, float* arena, T* x, float* statistics) {
    auto& conv1 = block.conv1;
    auto& conv2 = block.conv2;
    auto& shortcut = block.shortcut;
    conv1.Forward(arena, x, epsilon_, statistics);
    NormaliseAndRelu(conv1.y.data(), conv1.map, conv1.norm, block.z1.data());
    conv2.Forward(arena, block.z1.data(), epsilon_, statistics);
    if (shortcut) shortcut->Forward(arena, x, epsilon_, statistics);
    const bool attends = block.plan.attentionTaps > 0;
    if (attends) {
      block.attention.Forward(conv2.map, conv2.norm, arena + block.plan.attention,
                              block.plan.attentionTaps);
    }
    BlockEnd(conv2.y.data(), conv2.map, conv2.norm, attends ? &block.attention : nullptr,
             shortcut ? shortcut->y.data() : x, shortcut ? &shortcut->norm : nullptr,
             block.out.data());
  }

  // From viaConvolution_ + g2 at the block's end to viaConvolution_ + the result at its input.
  const T* BackwardBlock(Block<T>& block, float* arena, T* x, const T* g2, float* gradient) {
    auto& conv1 = block.conv1;
    auto& conv2 = block.conv2;
    auto& shortcut = block.shortcut;
    const Map& map = conv2.map;
    BlockEndGradient(block.out.data(), map, conv2.y.data(), conv2.norm.mean.data(),
                     shortcut ? shortcut->y.data() : nullptr,
                     shortcut ? shortcut->norm.mean.data() : nullptr, viaConvolution_.data(), g2,
                     dz_.data(), &sums_);

    // dv = dz * factor + addend is the gradient of the second normalisation's result.
    const bool attends = block.plan.attentionTaps > 0;
    std::vector<float> addend;
    if (attends) addend = AttentionGradient(block, arena, gradient);
    std::vector<double> s1(map.channels, 0.0), s2(map.channels, 0.0);
    for (size_t n = 0; n < map.images; n++) {
      for (size_t c = 0; c < map.channels; c++) {
        const size_t at = n * map.channels + c;
        const double factor = attends ? block.attention.factor[at] : 1.0;
        const double more = attends ? addend[at] * static_cast<double>(map.pixels()) : 0.0;
        s1[c] += sums_.dz[at] * factor + more;
        s2[c] += sums_.dzY[at] * factor + more * conv2.norm.imageMean[at];
      }
    }
    const NormGradient second(conv2.norm, map, s1.data(), s2.data(), gradient + conv2.plan.gamma,
                              gradient + conv2.plan.beta);
    NormaliseGradient(conv2.y.data(), map, conv2.norm, second,
                      attends ? block.attention.factor.data() : nullptr,
                      attends ? addend.data() : nullptr, dz_.data(), d2_.data());
    conv2.Backward(arena, block.z1.data(), d2_.data(), d1_.data(), gradient);
    NormaliseAndReluGradient(conv1.y.data(), conv1.map, conv1.norm, d1_.data(),
                             gradient + conv1.plan.gamma, gradient + conv1.plan.beta);
    conv1.Backward(arena, x, d1_.data(), viaConvolution_.data(), gradient);
    if (!shortcut) return dz_.data();

    std::fill(s1.begin(), s1.end(), 0.0);
    std::fill(s2.begin(), s2.end(), 0.0);
    for (size_t at = 0; at < sums_.dz.size(); at++) {
      s1[at % map.channels] += sums_.dz[at];
      s2[at % map.channels] += sums_.dzShortcut[at];
    }
    const NormGradient third(shortcut->norm, map, s1.data(), s2.data(),
                             gradient + shortcut->plan.gamma, gradient + shortcut->plan.beta);
    NormaliseGradient<T>(shortcut->y.data(), map, shortcut->norm, third, nullptr, nullptr,
                         dz_.data(), d2_.data());
    shortcut->Backward(arena, x, d2_.data(), viaShortcut_.data(), gradient);
    return viaShortcut_.data();
  }

  // dL/dkernel of a block's attention; returns what each pixel gets through its image's mean, [N,C].
  std::vector<float> AttentionGradient(Block<T>& block, const float* arena, float* gradient) {
    const auto& norm = block.conv2.norm;
    const Map& map = block.conv2.map;
    // v = (y - mean) * scale + beta is what the factor multiplies.
    std::vector<float> dFactor(map.images * map.channels);
    const float* beta = arena + block.conv2.plan.beta;
    for (size_t at = 0; at < dFactor.size(); at++) {
      const size_t c = at % map.channels;
      dFactor[at] = static_cast<float>(norm.scale[c] * sums_.dzY[at] + beta[c] * sums_.dz[at]);
    }
    block.attention.Backward(map, arena + block.plan.attention, block.plan.attentionTaps,
                             dFactor.data(), gradient + block.plan.attention);
    for (float& value : dFactor) value /= static_cast<float>(map.pixels());
    return dFactor;
  }

  const float epsilon_;
  const Map input_;
  ConvolutionLayer<T> stem_;
  const Map pooled_;
  Buffer<T> images_, z_;
  Buffer<uint8_t> where_;
  std::vector<std::unique_ptr<Block<T>>> blocks_;
  // Gradients, used by one block after the other.
  Buffer<T> viaConvolution_, viaShortcut_, dz_, d1_, d2_, dStem_;
  ImageSums sums_;
};

// The one network that a thread trains, as long as its plan stays the same.
struct Current {
  std::vector<int32_t> plan;
  std::unique_ptr<Backbone> backbone;
};
thread_local Current current;

Backbone& Lookup(const int32_t* numbers, size_t count, float epsilon) {
  const std::vector<int32_t> wanted(numbers, numbers + count);
  if (current.plan == wanted) return *current.backbone;
  current = {};  // the old one's memory first
  Plan plan;
  std::copy(numbers, numbers + kPlanInts, reinterpret_cast<int32_t*>(&plan));
  const auto* blocks = reinterpret_cast<const BlockPlan*>(numbers + kPlanInts);
  const size_t blockCount = (count - kPlanInts) / kBlockInts;
  if (plan.isBfloat16) {
    try {
      current.backbone =
          std::make_unique<TypedBackbone<Bfloat16>>(plan, blocks, blockCount, epsilon);
    } catch (const dnnl::error& error) {
      throw std::runtime_error(std::string("oneDNN has no bfloat16 convolutions for this ") +
                               "processor (" + error.what() + "). Use precision float32.");
    }
  } else {
    current.backbone = std::make_unique<TypedBackbone<float>>(plan, blocks, blockCount, epsilon);
  }
  current.plan = wanted;
  return *current.backbone;
}

// backboneForward(plan, epsilon, arena, images, features, statistics)
napi_value ForwardBinding(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const auto plan = arguments.View<int32_t>(0);
  const double epsilon = arguments.Number(1);
  const auto arena = arguments.View<float>(2), images = arguments.View<float>(3);
  const auto features = arguments.View<float>(4), statistics = arguments.View<float>(5);
  return Guarded(env, [&] {
    const bool isPlan =
        plan.length >= kPlanInts && (plan.length - kPlanInts) % kBlockInts == 0;
    arguments.Require(isPlan, "backboneForward: wrong arguments");
    constexpr const char* message = "backboneForward: the arrays do not fit the plan";
    const size_t arenaSize = plan.data[3];
    const size_t pixels = static_cast<size_t>(plan.data[0]) * plan.data[1] * plan.data[1];
    arguments.Require(arena.length == arenaSize && statistics.length == arenaSize &&
                          images.length == pixels * 3,
                      message);
    UseOneThread();
    Backbone& backbone = Lookup(plan.data, plan.length, static_cast<float>(epsilon));
    arguments.Require(features.length == backbone.features(), message);
    backbone.Forward(arena.data, images.data, features.data, statistics.data);
  });
}

// backboneBackward(arena, dFeatures, gradient), after the forward pass of this thread
napi_value BackwardBinding(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const auto arena = arguments.View<float>(0), dFeatures = arguments.View<float>(1);
  const auto gradient = arguments.View<float>(2);
  return Guarded(env, [&] {
    arguments.Require(current.backbone != nullptr, "backboneBackward: no forward pass before");
    const size_t arenaSize = current.plan[3];
    arguments.Require(arena.length == arenaSize && gradient.length == arenaSize &&
                          dFeatures.length == current.backbone->features(),
                      "backboneBackward: the arrays do not fit the forward pass");
    UseOneThread();
    current.backbone->Backward(arena.data, dFeatures.data, gradient.data);
  });
}

// convolutionSeconds(): what this thread has spent in the backbone's convolutions so far
napi_value ConvolutionSecondsBinding(napi_env env, napi_callback_info) {
  napi_value seconds;
  napi_create_double(env, ConvolutionSeconds(), &seconds);
  return seconds;
}

}  // namespace

void ExportBackbone(napi_env env, napi_value exports) {
  Export(env, exports, "backboneForward", ForwardBinding);
  Export(env, exports, "backboneBackward", BackwardBinding);
  Export(env, exports, "convolutionSeconds", ConvolutionSecondsBinding);
}
