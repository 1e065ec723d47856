// The values that activations are kept in: float, or bfloat16 where half the memory and twice the
// multiplications a second are worth eight bits of the mantissa. All sums are in float.
#pragma once
#include <bit>
#include <cstdint>

struct Bfloat16 {
  uint16_t bits;
};

inline float ToFloat(float value) { return value; }

inline float ToFloat(Bfloat16 value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16);
}

// To the nearest, ties to even; NaN stays NaN.
template <typename T>
inline T FromFloat(float value) {
  if constexpr (sizeof(T) == sizeof(float)) {
    return value;
  } else {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    const uint32_t quiet = (bits >> 16) | 0x40;
    const bool isNan = (bits & 0x7fffffff) > 0x7f800000;
    return {static_cast<uint16_t>(isNan ? quiet : rounded)};
  }
}
