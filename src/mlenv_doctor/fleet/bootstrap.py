"""What runs on a node: it unpacks the one-file program, checks its hash, runs it, and removes it. Python 3.6, standard library.

The text of this module is sent in front of the program (see `program.payload`); Ray and Dask run its function `answer`. An answer
is sent as numbered lines of base64: long lines are torn apart by srun and by container logs, and these can be put together again.
"""

import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zlib

MARK = "mlenv-doctor-node"
KIND = "mlenv-doctor node"
PIECE = 800  # characters of base64 in a line: srun tears lines of more than 1024 bytes
LARGEST = 8 << 20  # bytes of an answer; the one of an environment with 400 libraries has 20 kB
LAST_WORDS = 400  # characters of what a failed program said
THIS_PYTHON = "{python}"  # of the words: the Python that runs this


def lines(name, text):
    """An answer as lines: the mark, the node's name, the beginning of the hash, number/count, and a piece of the text."""
    data = text.encode("utf-8")
    packed = base64.b64encode(zlib.compress(data, 6)).decode("ascii")
    pieces = [packed[start : start + PIECE] for start in range(0, len(packed), PIECE)]
    digest = hashlib.sha256(data).hexdigest()[:16]
    return ["%s %s %s %d/%d %s" % (MARK, name, digest, n, len(pieces), piece) for n, piece in enumerate(pieces, 1)]


def silent(why):
    """The answer of a node that has none."""
    return json.dumps({"kind": KIND, "silent": why}, sort_keys=True)


def answer(program, digest, words, seconds):
    """Run the program, a zip as bytes, with these words; what it prints, or why it could not. None: what is installed here."""
    words = [word.replace(THIS_PYTHON, sys.executable) for word in words]
    if program is None:
        installed = shutil.which("mlenv-doctor")
        return run([installed] + words, seconds) if installed else silent("mlenv-doctor is not installed there")
    if hashlib.sha256(program).hexdigest() != digest:
        return silent("the program arrived damaged")
    try:
        folder = tempfile.mkdtemp(prefix="mlenv-doctor-node-")
    except OSError as why:
        return silent("no room for the program: %s" % why.strerror)
    try:
        file = os.path.join(folder, "mlenv-doctor.pyz")
        with open(file, "wb") as stream:
            stream.write(program)
        return run([sys.executable, "-I", file] + words, seconds)
    except OSError as why:
        return silent("no room for the program: %s" % why.strerror)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(command, seconds):
    """What a command prints. It has a session of its own, so that at the deadline all of it can be ended."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            return silent("timed out after %g s" % seconds)
        finally:
            end(child)
        said, complaint = beginning(out, LARGEST + 1), beginning(err, 65536)
    if len(said) > LARGEST:
        return silent("its answer has more than %d MB" % (LARGEST >> 20))
    if not said.startswith("{"):
        words = " ".join(complaint.split())[-LAST_WORDS:]
        return silent("ended with exit code %d%s" % (code, ": " + words if words else ""))
    return said.strip()


def end(child):
    """End a command and all that it started."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except OSError:
        pass
    child.wait()


def beginning(stream, most):
    """The first bytes of a file, as text."""
    stream.seek(0)
    return stream.read(most).decode("utf-8", "replace")


def stop(*_):
    """End by an exception, so that what was written is removed."""
    sys.exit(1)


def main():
    """Read the options (base64 of JSON) and the program, and print the answer."""
    for name in ("SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), stop)
    asked = json.loads(base64.b64decode(sys.argv[1]).decode("utf-8"))
    begun = time.time()
    program = sys.stdin.buffer.read(asked["size"]) if asked["size"] else None
    name = os.environ.get("SLURMD_NODENAME") or socket.gethostname()
    if asked["folder"]:
        os.chdir(asked["folder"])
    seconds = max(1.0, asked["seconds"] - (time.time() - begun))
    for line in lines(name, answer(program, asked["digest"], asked["words"], seconds)):
        print(line)


if __name__ == "__main__":
    main()
