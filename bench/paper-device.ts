/** A device that computes nothing: what a trainer lists for an adapter can be read where there is none, and of any size. */

/** An adapter as a plan depends on it. */
export interface PaperAdapter {
  /** It computes on the CPU. */
  software: boolean;
  /** Lanes of a subgroup. */
  lanes: number;
}

/** A card of NVIDIA, and lavapipe. */
export const paperAdapters = {
  gpu: { software: false, lanes: 32 },
  software: { software: true, lanes: 8 },
} as const satisfies Record<string, PaperAdapter>;

/** What Dawn grants on NVIDIA and lavapipe alike, but for sizes: nothing is allocated. */
const limits = {
  maxBufferSize: 2 ** 40,
  maxStorageBufferBindingSize: 2 ** 40,
  maxStorageBuffersPerShaderStage: 16,
  maxComputeWorkgroupStorageSize: 32768,
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupSizeX: 1024,
  maxComputeWorkgroupsPerDimension: 65535,
  minStorageBufferOffsetAlignment: 256,
};

const nothing = () => {};
const pass = { setPipeline: nothing, setBindGroup: nothing, dispatchWorkgroups: nothing, end: nothing };

/** For `open({ device })`: it makes what it is asked for, and every submission is done at once. */
export function paperDevice({ software, lanes }: PaperAdapter): GPUDevice {
  const flags = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128, QUERY_RESOLVE: 512 };
  globalThis.GPUBufferUsage ??= flags as unknown as typeof GPUBufferUsage;
  globalThis.GPUShaderStage ??= { COMPUTE: 4 } as unknown as typeof GPUShaderStage;
  const made = (descriptor: object) => ({ ...descriptor, destroy: nothing });
  const device = {
    adapterInfo: {
      ...{ description: "paper", isFallbackAdapter: software, subgroupMinSize: lanes, subgroupMaxSize: lanes },
    },
    features: new Set(["subgroups"]),
    limits,
    lost: new Promise(nothing),
    queue: { writeBuffer: nothing, submit: nothing, onSubmittedWorkDone: async () => {} },
    addEventListener: nothing,
    pushErrorScope: nothing,
    popErrorScope: async () => null,
    ...{ createBuffer: made, createShaderModule: made, createBindGroup: made },
    ...{ createBindGroupLayout: made, createPipelineLayout: made },
    createComputePipelineAsync: async () => ({ getBindGroupLayout: made }),
    createCommandEncoder: () => ({ beginComputePass: () => pass, finish: nothing }),
  };
  return device as unknown as GPUDevice;
}
