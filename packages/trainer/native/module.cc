// The module that packages/trainer/src/native.ts loads.
#include "kernels.h"

namespace {

napi_value Initialise(napi_env env, napi_value exports) {
  ExportBackbone(env, exports);
  ExportConvolution(env, exports);
  ExportMatMul(env, exports);
  ExportAdam(env, exports);
  return exports;
}

}  // namespace

NAPI_MODULE(trainer, Initialise)
