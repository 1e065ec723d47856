// What every kernel over oneDNN (Debian: libdnnl-dev) needs.
#pragma once
#include <omp.h>
#include <oneapi/dnnl/dnnl.hpp>

#if DNNL_VERSION_MAJOR != 2
#error "These kernels are written for oneDNN 2 (Debian 12: libdnnl-dev 2.6)."
#endif

inline dnnl::engine& Engine() {
  thread_local dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

// The trainer runs one worker for each core.
inline void UseOneThread() { omp_set_num_threads(1); }
