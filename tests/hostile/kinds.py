"""Secrets of every kind that an error text has been seen to hold, each with the part that nobody may read."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
HEX = "0123456789abcdef"


def draw(seed: str, letters: str, number: int) -> str:
    """So many letters at random, the same in every run; with at least one digit, as nearly every key has."""
    rolled = random.Random(seed)
    return "".join(rolled.choices(letters, k=number - 3)) + "".join(rolled.choices(letters, k=2)) + "7"


def texts(salt: str = "") -> dict[str, tuple[str, str]]:
    """By kind: a text as a foreign program says it, and what of it is secret."""
    a = {
        n: draw(f"a{n}{salt}", ALNUM, n)
        for n in (8, 10, 12, 16, 18, 20, 22, 24, 27, 30, 32, 34, 35, 36, 40, 43, 48, 52, 60, 64, 80, 93)
    }
    h = {n: draw(f"h{n}{salt}", HEX, n) for n in (32, 40, 64)}
    low = {n: draw(f"l{n}{salt}", LOWER, n) for n in (10, 20, 32, 40)}
    b = draw(f"b{salt}", ALNUM + "+/", 44)
    up = draw(f"u{salt}", string.ascii_uppercase + string.digits, 16)
    pem = "\n".join(draw(f"p{n}{salt}", ALNUM + "+/", 64) for n in range(4))
    made: dict[str, tuple[str, str]] = {
        "PEM": (f"-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----", pem.splitlines()[2]),
        "PEM of RSA": (f"key: -----BEGIN RSA PRIVATE KEY-----\n{pem}\n-----END RSA PRIVATE KEY-----", pem.splitlines()[0]),
        "PEM on one line": (f"'-----BEGIN OPENSSH PRIVATE KEY-----\\n{pem.splitlines()[0]}\\n'", pem.splitlines()[0]),
        "GCP JSON": (f'{{"type": "service_account", "private_key_id": "{h[40]}", "client_id": "1"}}', h[40]),
        "GCP JSON, escaped": (f'"{{\\"private_key_id\\": \\"{h[40]}\\"}}"', h[40]),
        "libpq": (f'connection to "host=db dbname=x user=ada password={a[10]} sslmode=require" failed', a[10]),
        "libpq quoted": (f"host=db password='{a[8]} {a[10]}' user=x", a[10]),
        "AccountKey": (f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={b}==;EndpointSuffix=core.windows.net", b),
        "SharedAccessKey": (f"Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={b}=", b),
        "SAS": (f"https://x.blob.core.windows.net/c?sv=2021-08-06&sig={a[43]}%3D", a[43]),
        "password=": (f"login failed: password={a[8]}", a[8]),
        "password: ": (f"config: {{password: {a[8]}, user: ada}}", a[8]),
        "password in words": (f"the password is {a[10]}", a[10]),
        "password quoted": (f"wrong password '{a[8]}!x' for ada", f"{a[8]}!x"),
        "--password": (f"subprocess failed: mysql --user ada --password {a[10]} db", a[10]),
        "Slack bot": (f"xoxb-123456789012-1234567890123-{a[24]}", a[24]),
        "Slack app": (f"xapp-1-A0123456789-1234567890123-{h[64]}", h[64]),
        "Slack webhook": (f"https://hooks.slack.com/services/T0123ABCD/B0123ABCD/{a[24]}", a[24]),
        "GitHub server": (f"ghs_{a[36]}", a[36]),
        "GitHub user": (f"ghu_{a[36]}", a[36]),
        "GitHub refresh": (f"ghr_{a[36]}", a[36]),
        "GitHub fine-grained": (f"github_pat_{a[22]}_{a[60]}", a[60]),
        "GitLab": (f"glpat-{a[20]}", a[20]),
        "npm": (f"//registry.npmjs.org/:_authToken=npm_{a[36]}", a[36]),
        "npm alone": (f"npm_{a[36]} was refused", a[36]),
        "PyPI": (f"pypi-AgEIcHlwaS5vcmcC{a[80]}", a[80]),
        "Databricks": (f"dapi{h[32]}", h[32]),
        "SendGrid": (f"SG.{a[22]}.{a[43]}", a[43]),
        "netrc": (f"machine example.org login ada password {a[10]}", a[10]),
        "netrc on lines": (f"machine example.org\n  login ada\n  password {a[10]}\n", a[10]),
        "Cookie": (f"> Cookie: sessionid={low[20]}; csrftoken={low[32]}", low[20]),
        "Set-Cookie": (f"Set-Cookie: sid={low[32]}; Path=/; HttpOnly", low[32]),
        "cookies of Python": (f"{{'Cookie': 'id={low[20]}'}}", low[20]),
        "Bearer": (f"Authorization: Bearer {a[24]}", a[24]),
        "Basic": (f"authorization: Basic {a[24]}==", a[24]),
        "token header": (f"Authorization: token {a[12]}", a[12]),
        "X-Api-Key": (f"{{'X-Api-Key': '{a[16]}'}}", a[16]),
        "header as bytes": (f"b'x-api-key: {a[16]}'", a[16]),
        "URL": (f"postgresql+psycopg2://ada:{a[10]}@db:5432/x", a[10]),
        "URL with an odd password": (f"mysql://ada:{a[8]}/{a[10]}@db/x", a[10]),
        "URL without a user": (f"redis://:{a[10]}@cache:6379/0", a[10]),
        "query": (f"GET https://x.example/v1?api_key={a[12]}&x=1", a[12]),
        "fragment": (f"https://x.example/cb#access_token={a[20]}&x=1", a[20]),
        "address without a scheme": (f"could not reach ada:{a[10]}@127.0.0.1:5999", a[10]),
        "AWS id": (f"AKIA{up}", up),
        "AWS secret": (f"aws_secret_access_key = {draw('aws' + salt, ALNUM + '/+', 40)}", draw("aws" + salt, ALNUM + "/+", 40)),
        "AWS secret alone": (f"signed with {draw('aws' + salt, ALNUM + '/+', 40)} and refused", draw("aws" + salt, ALNUM + "/+", 40)),
        "JWT": (f"eyJ{a[20]}.eyJ{a[40]}.{a[43]}", a[43]),
        "OpenAI": (f"Incorrect API key provided: sk-proj-{a[48]}.", a[48]),
        "Anthropic": (f"sk-ant-api03-{a[93]}", a[93]),
        "Hugging Face": (f"hf_{a[34]}", a[34]),
        "Google": (f"AIza{a[35]}", a[35]),
        "Google OAuth": (f"ya29.{a[60]}", a[60]),
        "Google client": (f"GOCSPX-{draw('g' + salt, ALNUM, 28)}", draw("g" + salt, ALNUM, 28)),
        "Stripe": (f"sk_live_{a[24]}", a[24]),
        "Twilio": (f"auth_token='{h[32]}'", h[32]),
        "Vault": (f"hvs.{a[24]}", a[24]),
        "NVIDIA": (f"nvapi-{a[64]}", a[64]),
        "wandb": (f"wandb: login {h[40]} refused", h[40]),
        "Azure OpenAI": (f"Access denied for key {h[32]}", h[32]),
        "Telegram": (f"https://api.telegram.org/bot1234567890:AA{a[32]}/getMe", a[32]),
        "Docker": (f"dckr_pat_{a[27]}", a[27]),
        "DigitalOcean": (f"dop_v1_{h[64]}", h[64]),
        "repr of environ": (f"environ({{'DB_PASSWORD': '{a[8]} {a[10]}', 'HOME': '/root'}})", a[10]),
        "JSON": (f'{{"token": "{a[12]}", "n": 1}}', a[12]),
        "YAML": (f"client_secret: {a[12]}\nname: x", a[12]),
        "TOML": (f'secret_key = "{a[12]}"', a[12]),
        "shell": (f"export MY_TOKEN={a[12]}", a[12]),
        "PowerShell": (f'$env:MY_TOKEN = "{a[12]}"', a[12]),
        "cmd": (f"set MY_TOKEN={a[12]}", a[12]),
        "keyword": (f"Client(api_key='{a[12]}', timeout=3)", a[12]),
        "camel": (f"clientSecret={a[12]}", a[12]),
        "traceback": (f"    login(password=\"{a[8]}\")", a[8]),
        "high entropy": (f"value {a[32]} is not accepted", a[32]),
        "base64": (f"payload {b}== rejected", b),
        "ODBC": (f"Driver=ODBC;Server=x;Uid=ada;Pwd={a[10]};Encrypt=yes", a[10]),
        "hash of htpasswd": (f"password_hash=$2b$12${draw('bc' + salt, ALNUM + './', 53)}", draw("bc" + salt, ALNUM + "./", 53)[10:40]),
    }  # fmt: skip
    return made


HARMLESS = (
    "undefined symbol: _ZN3c104cuda9SetDeviceEi",
    "undefined symbol: _ZNK3c1010TensorImpl27throw_cannot_call_with_symintEPKc",
    "undefined symbol: _ZN5torch8autograd13_wrap_outputsERKSt6vectorIN2at6TensorESaIS3_EE",
    "libcudart-e409450e.so.11.0: cannot open shared object file: No such file or directory",
    "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.29' not found (required by /p/.venv/lib/python3.11/site-packages/scipy/_lib/_uarray/_uarray.cpython-311-x86_64-linux-gnu.so)",
    "cannot import name 'AutoModelForSequenceClassification' from 'transformers' (/p/lib/python3.11/site-packages/transformers/__init__.py)",
    "torch-2.9.1+cu128-cp311-cp311-manylinux_2_28_x86_64.whl is not a supported wheel on this platform.",
    "module 'numpy' has no attribute 'float_'. Did you mean: 'float16'?",
    "CUDA error: no kernel image is available for execution on the device",
    "RuntimeError: Found no NVIDIA driver on your system. https://pytorch.org/get-started/locally/",
    "ImportError: numpy.core.multiarray failed to import (auto-generated because you didn't call 'numpy.import_array()')",
    "Invalid API key provided; set OPENAI_API_KEY",
    "The api_key client option must be set either by passing api_key to the client or by setting the OPENAI_API_KEY environment variable",
    'FATAL: password authentication failed for user "ada"',
    "Token indices sequence length is longer than the specified maximum (1024 > 512)",
    "def connect(host: str, password: str | None = None, token: Optional[str] = None) -> Client:",
    "KeyError: 'token'",
    "GPU-8f6b9d1e-4c3a-11ee-be56-0242ac120002",
    "Killed: out of memory (max_tokens=4096, max_split_size_mb:128)",
    "cuDNN error: CUDNN_STATUS_NOT_SUPPORTED_ARCH_MISMATCH",
    "/home/ada/.cache/huggingface/hub/models--gpt2/snapshots/607a30d783dfa663caf39e06633721c8d4cfcd7e/config.json",
    "numpy @ git+https://github.com/numpy/numpy@607a30d783dfa663caf39e06633721c8d4cfcd7e",
    "--hash=sha256:d7806500e4f5bdd04095e849265e55de20d8cc4b661b038957354327f6d9b295",
    "git version 2.39.5, commit 607a30d783dfa663caf39e06633721c8d4cfcd7e",
    "nvidia_cublas_cu12-12.8.4.1, cuda-toolkit-12-8, libnvJitLink.so.12: undefined symbol: __nvJitLinkComplete_12_4",
    "pip install 'accelerate>=0.26.0' requires Accelerate: use_safetensors=True",
    "TypeError: Descriptors cannot be created directly. protobuf==4.25.3, generated code is out of date",
    "AttributeError: partially initialized module 'charset_normalizer' has no attribute 'md__mypyc'",
    "cublasLtMatmulAlgoGetHeuristic, cudaGetDeviceProperties_v2, cudnnGetConvolutionForwardAlgorithm_v7",
    "see https://numpy.org/devdocs/user/troubleshooting-importerror.html and https://github.com/org/repo/issues/12345#issuecomment-1234567",
    "mlflow.exceptions.MlflowException: http://localhost:5000/#/experiments/0 RESOURCE_DOES_NOT_EXIST",
)

Mask = Callable[[str], str]
