// Matrix products of the network's head, on the wasm back end's heap.
#include <algorithm>
#include "kernels.h"
#include "napi-arrays.h"
#include "onednn.h"

namespace {

// matMul(a, b, out, Int32Array[batchA, batchB, rows, columns, inner, transposeA, transposeB]):
// row-major matrices; one of a batch of 1 is used for all of the other.
napi_value MatMulBinding(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const auto a = arguments.View<float>(0), b = arguments.View<float>(1);
  const auto out = arguments.View<float>(2);
  const auto numbers = arguments.View<int32_t>(3);
  return Guarded(env, [&] {
    arguments.Require(numbers.length == 7, "matMul: wrong arguments");
    const size_t batchA = numbers.data[0], batchB = numbers.data[1];
    const dnnl_dim_t rows = numbers.data[2], columns = numbers.data[3], inner = numbers.data[4];
    const bool transposeA = numbers.data[5] != 0, transposeB = numbers.data[6] != 0;
    const size_t batch = std::max(batchA, batchB);
    const size_t sizeA = rows * inner, sizeB = inner * columns, size = rows * columns;
    arguments.Require((batchA == 1 || batchA == batch) && (batchB == 1 || batchB == batch) &&
                          a.length == batchA * sizeA && b.length == batchB * sizeB &&
                          out.length == batch * size,
                      "matMul: the arrays do not fit");
    UseOneThread();
    for (size_t i = 0; i < batch; i++) {
      const float* left = a.data + (batchA == 1 ? 0 : i * sizeA);
      const float* right = b.data + (batchB == 1 ? 0 : i * sizeB);
      dnnl::sgemm(transposeA ? 'T' : 'N', transposeB ? 'T' : 'N', rows, columns, inner, 1.0f, left,
                  transposeA ? rows : inner, right, transposeB ? inner : columns, 0.0f,
                  out.data + i * size, columns);
    }
  });
}

}  // namespace

void ExportMatMul(napi_env env, napi_value exports) {
  Export(env, exports, "matMul", MatMulBinding);
}
