// The host as a device, for Java.
#include <jni.h>

#include "fibers.h"
#include "wrong_kernels.h"

extern "C" JNIEXPORT jstring JNICALL Java_org_agr4j_internal_kernel_cuda_HostDevice_launch(
    JNIEnv* env, jclass, jstring kernel, jint threadBlocks, jlongArray block, jlongArray step,
    jlong seed) {
  jlong blockWords[sizeof(Block<float>) / 8];
  jlong stepWords[sizeof(Step) / 8];
  if (env->GetArrayLength(block) * 8 != (jsize)sizeof(blockWords) ||
      env->GetArrayLength(step) * 8 != (jsize)sizeof(stepWords)) {
    return env->NewStringUTF("the parameters have another size than in the source");
  }
  env->GetLongArrayRegion(block, 0, sizeof(blockWords) / 8, blockWords);
  env->GetLongArrayRegion(step, 0, sizeof(stepWords) / 8, stepWords);
  device::blockParameter = blockWords;
  device::stepParameter = stepWords;
  const char* name = env->GetStringUTFChars(kernel, nullptr);
  device::error.clear();
  const device::Kernel* found = device::find(device::KERNELS, name);
  device::launch(found != nullptr ? found : device::find(wrong::KERNELS, name), threadBlocks, seed);
  env->ReleaseStringUTFChars(kernel, name);
  return device::error.empty() ? nullptr : env->NewStringUTF(device::error.c_str());
}
