// Each kernel file's functions for the module.
#pragma once
#include <node_api.h>

void ExportAdam(napi_env env, napi_value exports);
void ExportBackbone(napi_env env, napi_value exports);
void ExportConvolution(napi_env env, napi_value exports);
void ExportMatMul(napi_env env, napi_value exports);
