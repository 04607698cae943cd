"""matplotlib and seaborn: a figure with text drawn without a screen, written to a file, and looked at."""

from .work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def matplotlib_works(work: Work) -> None:
    """Lines, bars and text."""
    pyplot = _pyplot()
    work.at("drawing a figure")
    figure, axes = pyplot.subplots(figsize=(4, 3), dpi=100)
    axes.plot([0, 1, 2], [0, 1, 4], label="loss")
    axes.bar([0, 1, 2], [1, 2, 3])
    axes.set_title("Loss by epoch")
    axes.legend()
    _look(work, figure, axes)
    pyplot.close(figure)


def seaborn_works(work: Work) -> None:
    """A histogram and a bar chart with groups."""
    import pandas
    import seaborn

    pyplot = _pyplot()
    table = pandas.DataFrame({"kind": ["a", "b"] * 20, "group": ["x", "x", "y", "y"] * 10, "value": [n % 7 for n in range(40)]})
    work.at("drawing a histogram")
    figure, axes = pyplot.subplots(1, 2, figsize=(4, 3), dpi=100)
    draw = getattr(seaborn, "histplot", None)
    if draw:  # since 0.11
        draw(data=table, x="value", hue="kind", ax=axes[0])
    work.at("drawing bars")
    seaborn.barplot(data=table, x="kind", y="value", hue="group", ax=axes[1])
    work.at("drawing a grid of correlations")
    seaborn.heatmap(table[["value"]].assign(twice=table["value"] * 2).corr(), ax=axes[0])
    _look(work, figure, axes[1])
    pyplot.close(figure)


def _pyplot() -> "Any":
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot

    return matplotlib.pyplot


def _look(work: Work, figure: "Any", axes: "Any") -> None:
    """Write the figure as PNG and look at it: its size, whether something is drawn, and whether the text is."""
    import matplotlib.image

    work.at("writing a figure as PNG")
    figure.savefig(work.path("figure.png"))
    seen = matplotlib.image.imread(work.path("figure.png"))
    height, width = seen.shape[:2]
    work.words["size"] = "%dx%d" % (width, height)
    work.expect(width >= 10 and height >= 10, "the figure has %d x %d pixels" % (width, height))
    work.expect(float(seen[..., :3].std()) > 0.01, "the figure is blank")
    work.at("writing text into a figure")
    axes.set_title("")
    axes.legend_ = None
    axes.set_xticklabels([])
    axes.set_yticklabels([])
    figure.savefig(work.path("bare.png"))
    bare = matplotlib.image.imread(work.path("bare.png"))
    work.expect(bare.shape != seen.shape or abs(bare - seen).max() > 0.1, "no text is drawn in the figure")
