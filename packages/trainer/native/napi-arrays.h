// Typed arrays and errors between JavaScript and the kernels.
#pragma once
#include <node_api.h>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <type_traits>
#include <vector>

template <typename T>
struct Array {
  T* data = nullptr;
  size_t length = 0;
};

// The arguments of one call. One that is missing or of another type makes the call invalid, which
// the first Require reports.
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = 0;
    napi_get_cb_info(env, info, &count, nullptr, nullptr, nullptr);
    values_.resize(count);
    napi_get_cb_info(env, info, &count, values_.data(), nullptr, nullptr);
  }

  size_t size() const { return values_.size(); }

  template <typename T>
  Array<T> View(size_t index) {
    constexpr napi_typedarray_type wanted = std::is_same_v<T, float>    ? napi_float32_array
                                            : std::is_same_v<T, double> ? napi_float64_array
                                                                        : napi_int32_array;
    napi_typedarray_type type;
    void* data = nullptr;
    Array<T> view;
    isValid_ = isValid_ && index < values_.size() &&
               napi_get_typedarray_info(env_, values_[index], &type, &view.length, &data, nullptr,
                                        nullptr) == napi_ok &&
               type == wanted;
    if (isValid_) view.data = static_cast<T*>(data);
    return view;
  }

  double Number(size_t index) {
    double value = 0;
    isValid_ = isValid_ && index < values_.size() &&
               napi_get_value_double(env_, values_[index], &value) == napi_ok;
    return value;
  }

  void Require(bool holds, const char* message) const {
    if (!isValid_ || !holds) throw std::invalid_argument(message);
  }

 private:
  napi_env env_;
  std::vector<napi_value> values_;
  bool isValid_ = true;
};

// Runs f; what it throws is thrown in JavaScript.
template <typename F>
napi_value Guarded(napi_env env, F f) {
  try {
    f();
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

inline void Export(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}
