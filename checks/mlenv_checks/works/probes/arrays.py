"""numpy: exact products, solved equations, a Fourier transform and frozen random numbers, in one thread and in several."""

from .work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SIZE = 600  # of the square matrices: large enough for all kernels of a BLAS, done in milliseconds
FROZEN = (
    0.5488135039273248,
    0.7151893663724195,
    0.6027633760716439,
)  # RandomState(0): https://numpy.org/neps/nep-0019-rng-policy.html


def numpy_works(work: Work) -> None:
    """Products of whole numbers are exact in floating point; the other results are known by construction."""
    import numpy

    work.at("multiplying matrices")
    left = (numpy.arange(SIZE * SIZE) % 17).reshape(SIZE, SIZE).astype(float)
    right = (numpy.arange(SIZE * SIZE) % 13).reshape(SIZE, SIZE).astype(float)
    product = _product(work, left, right)
    _threads(work, left, right, product)
    work.at("solving equations")
    wanted = numpy.arange(1.0, 101.0)
    matrix = 4.0 * numpy.eye(100) + numpy.eye(100, k=1) + numpy.eye(100, k=-1)
    solved = numpy.linalg.solve(matrix, matrix.dot(wanted))
    work.expect(abs(solved - wanted).max() < 1e-9, "the solution of 100 equations is off by %g" % abs(solved - wanted).max())
    values = numpy.linalg.eigvalsh(matrix)
    work.expect(abs(values.sum() - 400.0) < 1e-8, "the eigenvalues of a matrix with trace 400 add up to %r" % float(values.sum()))
    work.at("a Fourier transform")
    wave = numpy.cos(2 * numpy.pi * 5 * numpy.arange(256) / 256)
    spectrum = abs(numpy.fft.rfft(wave))
    work.expect(spectrum.argmax() == 5 and abs(spectrum[5] - 128) < 1e-9, "the spectrum of a cosine has its peak elsewhere")
    work.expect(abs(numpy.fft.irfft(numpy.fft.rfft(wave)) - wave).max() < 1e-9, "transformed forth and back it is another wave")
    work.at("random numbers with a seed")
    drawn = numpy.random.RandomState(0).random_sample(3)
    work.expect(abs(drawn - FROZEN).max() < 1e-15, "seed 0 gives other numbers than everywhere else")


def _product(work: Work, left: "Any", right: "Any") -> "Any":
    """The product in double and single precision, verified by another way to the same numbers; and its speed."""
    import time

    started = time.time()
    product = left.dot(right)
    work.figures["GFLOP/s"] = round(2.0 * SIZE**3 / max(time.time() - started, 1e-6) / 1e9, 1)
    vector = (left[0] * 0 + 1.0).astype(float)
    work.expect((product.dot(vector) == left.dot(right.dot(vector))).all(), "two ways to one product differ")
    row = [int(number) for number in left[7]]
    exact = [sum(a * b for a, b in zip(row, (int(number) for number in right[:, column]))) for column in (0, 5, SIZE - 1)]
    work.expect([int(product[7, column]) for column in (0, 5, SIZE - 1)] == exact, "a product of whole numbers is not exact")
    single = left[:64].astype("float32").dot(right.astype("float32"))
    work.expect((single == product[:64]).all(), "single precision gives another product")
    return product


def _threads(work: Work, left: "Any", right: "Any", product: "Any") -> None:
    """The same product in four threads at once."""
    import threading

    work.at("multiplying matrices in several threads")
    found = {}

    def multiply(number: int) -> None:
        found[number] = left.dot(right)

    threads = [threading.Thread(target=multiply, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same = len(found) == 4 and all((other == product).all() for other in found.values())
    work.expect(same, "four threads at once give another product than one")
