"""FastAPI and uvicorn: a service with a validated /predict and a /health, asked on a free loopback port."""

import json

from .work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATIENCE = 10.0  # seconds until a service of three lines must have started


def fastapi_works(work: Work) -> None:
    """A good request is answered, one with a wrong type is refused with 422."""
    import fastapi
    import pydantic
    import uvicorn

    work.at("declaring a service")
    features = pydantic.create_model("Features", values=(list, ...), scale=(float, 1.0))
    app = fastapi.FastAPI()

    def health() -> "Any":
        return {"status": "ok"}

    def predict(asked: "Any") -> "Any":
        return {"prediction": sum(asked.values) * asked.scale}

    predict.__annotations__ = {"asked": features}
    app.get("/health")(health)
    app.post("/predict")(predict)
    work.at("starting a service")
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    address, thread = _started(work, server)
    try:
        work.at("asking a service")
        work.expect(_asked(address + "/health") == (200, {"status": "ok"}), "/health does not answer as it was written")
        good = _asked(address + "/predict", {"values": [1, 2, 3], "scale": 2})
        work.expect(good == (200, {"prediction": 12.0}), "/predict answers %s %s" % good)
        bad, _ = _asked(address + "/predict", {"values": 7})
        work.expect(bad == 422, "/predict answers %s to a request of the wrong type, not 422" % bad)
    finally:
        server.should_exit = True
        thread.join(5)


def _started(work: Work, server: "Any") -> "Any":
    """Run the server in a thread until it listens; its address and thread. Raises RuntimeError where it ends or is silent."""
    import socket
    import threading
    import time

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    trouble = []

    def run() -> None:
        try:
            server.run(sockets=[listening])
        except BaseException as why:  # SystemExit, too
            trouble.append(why)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    end = time.time() + PATIENCE
    while not server.started and thread.is_alive() and time.time() < end:
        time.sleep(0.02)
    if trouble:
        raise trouble[0]
    if not server.started:
        raise RuntimeError("uvicorn does not start within %g s" % PATIENCE)
    return "http://127.0.0.1:%d" % listening.getsockname()[1], thread


def _asked(address: "Any", document: "Any" = None) -> "Any":
    """The status and the document of an answer; no proxy stands between."""
    from urllib.error import HTTPError
    from urllib.request import ProxyHandler, Request, build_opener

    data = None if document is None else json.dumps(document).encode("utf-8")
    request = Request(address, data, {"Content-Type": "application/json"})
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            return answer.status, json.loads(answer.read().decode("utf-8"))
    except HTTPError as refused:
        return refused.code, json.loads(refused.read().decode("utf-8") or "null")
