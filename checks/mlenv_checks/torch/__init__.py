"""PyTorch and the GPU: is its build the right one for the card and the driver, and which CUDA libraries does it load."""

MODULES = ("gpu_libraries", "cuda_toolkit", "wsl", "rocm_access", "checks", "loaded_libraries", "rocm", "accelerators", "vllm")
USED_BY = (
    "gpu",
    "torch*",
    "pytorch*",
    "vllm",
    "tensorflow*",
    "jax*",
    "cupy*",
    "onnxruntime*",
    "nvidia-*",
    "triton*",
    "flash-attn*",
    "xformers",
)
UNUSED = "the project does not use PyTorch or a similar library"
