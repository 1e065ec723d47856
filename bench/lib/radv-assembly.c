/*
 * Compiles SPIR-V compute shaders with Mesa's RADV on its null device (no graphics card is needed:
 * RADV_FORCE_FAMILY names the one to compile for) and prints the driver's statistics and assembly.
 *
 *   radv-assembly shader.spv ...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vulkan.h>

#define MOST 64
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check(VkResult result, const char *what) {
  if (result == VK_SUCCESS || result == VK_INCOMPLETE) return;
  fprintf(stderr, "%s failed: VkResult %d\n", what, result);
  exit(1);
}

static VkDevice open_device(void) {
  VkApplicationInfo app = {VK_STRUCTURE_TYPE_APPLICATION_INFO, .apiVersion = VK_API_VERSION_1_3};
  VkInstanceCreateInfo create = {VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &app};
  VkInstance instance;
  check(vkCreateInstance(&create, NULL, &instance), "vkCreateInstance");
  uint32_t count = 1;
  VkPhysicalDevice physical;
  check(vkEnumeratePhysicalDevices(instance, &count, &physical), "vkEnumeratePhysicalDevices");
  if (count == 0) {
    fprintf(stderr, "no Vulkan device: is RADV_FORCE_FAMILY set, VK_ICD_FILENAMES RADV's?\n");
    exit(1);
  }
  VkPhysicalDeviceProperties properties;
  vkGetPhysicalDeviceProperties(physical, &properties);
  printf("device %s\n", properties.deviceName);

  VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR executable = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR};
  VkPhysicalDeviceVulkan12Features v12 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, &executable};
  VkPhysicalDeviceVulkan11Features v11 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES, &v12};
  VkPhysicalDeviceVulkan13Features v13 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES, &v11};
  VkPhysicalDeviceFeatures2 features = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &v13};
  vkGetPhysicalDeviceFeatures2(physical, &features);
  const char *extensions[] = {VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME};
  float priority = 1;
  VkDeviceQueueCreateInfo queue = {
      VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueCount = 1, .pQueuePriorities = &priority};
  VkDeviceCreateInfo info = {VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                             .pNext = &features,
                             .queueCreateInfoCount = 1,
                             .pQueueCreateInfos = &queue,
                             .enabledExtensionCount = COUNT(extensions),
                             .ppEnabledExtensionNames = extensions};
  VkDevice device;
  check(vkCreateDevice(physical, &info, NULL, &device), "vkCreateDevice");
  return device;
}

/* Of SPIR-V's instructions those that name the entry point and tell where variables are bound. */
enum { OP_ENTRY_POINT = 15, OP_VARIABLE = 59, OP_DECORATE = 71, BINDING = 33, UNIFORM = 2, STORAGE = 12 };

static VkPipelineLayout layout_of(VkDevice device, const uint32_t *words, size_t count, const char **entry) {
  static uint32_t binding[1 << 16], storage_class[1 << 16];
  memset(binding, 0xff, sizeof binding);
  for (size_t at = 5; at < count; at += words[at] >> 16) {
    switch (words[at] & 0xffff) {
      case OP_ENTRY_POINT: *entry = (const char *)&words[at + 3]; break;
      case OP_VARIABLE: storage_class[words[at + 2] & 0xffff] = words[at + 3]; break;
      case OP_DECORATE:
        if (words[at + 2] == BINDING) binding[words[at + 1] & 0xffff] = words[at + 3];
    }
  }
  VkDescriptorSetLayoutBinding bindings[MOST];
  uint32_t used = 0;
  for (size_t id = 0; id < COUNT(binding) && used < MOST; id++) {
    if (binding[id] == UINT32_MAX) continue;
    bindings[used++] = (VkDescriptorSetLayoutBinding){
        binding[id],
        storage_class[id] == UNIFORM ? VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER : VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
        1, VK_SHADER_STAGE_COMPUTE_BIT, NULL};
  }
  VkDescriptorSetLayoutCreateInfo set = {
      VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, .bindingCount = used, .pBindings = bindings};
  VkDescriptorSetLayout set_layout;
  check(vkCreateDescriptorSetLayout(device, &set, NULL, &set_layout), "vkCreateDescriptorSetLayout");
  /* Dawn hands sizes of arrays over as push constants. */
  VkPushConstantRange push = {VK_SHADER_STAGE_COMPUTE_BIT, 0, 128};
  VkPipelineLayoutCreateInfo info = {VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
                                     .setLayoutCount = 1,
                                     .pSetLayouts = &set_layout,
                                     .pushConstantRangeCount = 1,
                                     .pPushConstantRanges = &push};
  VkPipelineLayout layout;
  check(vkCreatePipelineLayout(device, &info, NULL, &layout), "vkCreatePipelineLayout");
  return layout;
}

static void print_executables(VkDevice device, VkPipeline pipeline) {
#define LOAD(name) PFN_##name name = (PFN_##name)vkGetDeviceProcAddr(device, #name)
  LOAD(vkGetPipelineExecutableStatisticsKHR);
  LOAD(vkGetPipelineExecutableInternalRepresentationsKHR);
  VkPipelineExecutableInfoKHR info = {VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, .pipeline = pipeline};
  VkPipelineExecutableStatisticKHR statistics[MOST] = {0};
  VkPipelineExecutableInternalRepresentationKHR texts[MOST] = {0};
  for (int i = 0; i < MOST; i++) {
    statistics[i].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR;
    texts[i].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR;
  }
  uint32_t count = MOST;
  check(vkGetPipelineExecutableStatisticsKHR(device, &info, &count, statistics), "statistics");
  for (uint32_t i = 0; i < count; i++)
    printf("statistic %s=%llu\n", statistics[i].name, (unsigned long long)statistics[i].value.u64);
  count = MOST;
  check(vkGetPipelineExecutableInternalRepresentationsKHR(device, &info, &count, texts), "sizes of the texts");
  for (uint32_t i = 0; i < count; i++) texts[i].pData = calloc(1, texts[i].dataSize + 1);
  check(vkGetPipelineExecutableInternalRepresentationsKHR(device, &info, &count, texts), "texts");
  for (uint32_t i = 0; i < count; i++)
    if (strcmp(texts[i].name, "Assembly") == 0) printf("assembly\n%s\nend\n", (const char *)texts[i].pData);
}

static void compile(VkDevice device, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  size_t bytes = ftell(file);
  rewind(file);
  uint32_t *words = malloc(bytes);
  if (fread(words, 1, bytes, file) != bytes) exit(1);
  fclose(file);

  const char *entry = "main";
  VkPipelineLayout layout = layout_of(device, words, bytes / 4, &entry);
  VkShaderModuleCreateInfo code = {
      VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = bytes, .pCode = words};
  VkShaderModule module;
  check(vkCreateShaderModule(device, &code, NULL, &module), "vkCreateShaderModule");
  VkComputePipelineCreateInfo info = {
      VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
      .flags = VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR |
               VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR,
      .layout = layout,
      .stage = {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                .module = module,
                .pName = entry}};
  VkPipeline pipeline;
  check(vkCreateComputePipelines(device, VK_NULL_HANDLE, 1, &info, NULL, &pipeline), path);
  printf("shader %s\n", path);
  print_executables(device, pipeline);
}

int main(int count, char **paths) {
  VkDevice device = open_device();
  for (int i = 1; i < count; i++) compile(device, paths[i]);
  return 0;
}
