"""Graphics cards, their drivers and their health. What PyTorch makes of them is for the family torch."""

MODULES = ("checks", "card_health", "card_use")
USED_BY = (
    "gpu", "torch*", "pytorch*", "tensorflow*", "jax*", "flax", "keras*", "cupy*", "cudf*", "cuml*", "rmm*", "numba*",
    "onnxruntime*",
    "transformers", "diffusers", "accelerate", "peft", "trl", "unsloth*", "lightning*", "fastai", "timm", "ultralytics*", "vllm",
    "sentence-transformers", "bitsandbytes", "deepspeed", "xformers", "flash-attn*", "triton*", "mmcv*", "mmengine", "mmdet*",
    "detectron2", "openai-whisper", "whisper*", "faster-whisper", "ctranslate2", "llama-cpp*", "easyocr", "paddle*", "mxnet*",
    "nvidia-*", "pynvml", "gputil", "pycuda", "tensorrt*", "xgboost", "lightgbm", "catboost", "ray", "monai", "kornia",
    "stable-baselines3",
)  # fmt: skip
UNUSED = "the project uses no library that needs a GPU"
