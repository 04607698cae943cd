"""xgboost and lightgbm: a fit by their own interface, and one as an estimator of scikit-learn."""

from .models import data
from .work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def xgboost_works(work: Work) -> None:
    """Ten rounds of trees."""
    import numpy
    import xgboost

    rows, labels = _data(work, numpy)
    work.at("training ten rounds")
    matrix = xgboost.DMatrix(rows, label=labels)
    parameters = {"objective": "binary:logistic", "max_depth": 3, "nthread": 2, "verbosity": 0}
    booster = xgboost.train(parameters, matrix, num_boost_round=10)
    _right(work, booster.predict(matrix) > 0.5, labels)
    if "scikit-learn" in work.besides:
        _cross(work, xgboost.XGBClassifier(n_estimators=10, max_depth=3, n_jobs=2, verbosity=0), rows, labels)


def lightgbm_works(work: Work) -> None:
    """Ten rounds of trees."""
    import lightgbm
    import numpy

    rows, labels = _data(work, numpy)
    work.at("training ten rounds")
    parameters = {"objective": "binary", "num_leaves": 7, "num_threads": 2, "verbose": -1, "seed": 0}
    booster = lightgbm.train(parameters, lightgbm.Dataset(rows, label=labels), num_boost_round=10)
    _right(work, booster.predict(rows) > 0.5, labels)
    if "scikit-learn" in work.besides:
        _cross(work, lightgbm.LGBMClassifier(n_estimators=10, num_leaves=7, n_jobs=2, verbose=-1), rows, labels)


def _data(work: Work, numpy: "Any") -> "Any":
    """An easy task; made without scikit-learn where that is not there."""
    if "scikit-learn" in work.besides:
        return data()
    rows = numpy.random.RandomState(0).normal(size=(300, 10))
    return rows, (rows[:, 0] + rows[:, 1] > 0).astype(int)


def _right(work: Work, predicted: "Any", labels: "Any") -> None:
    right = float((predicted == (labels > 0)).mean())
    work.figures["accuracy"] = round(right, 3)
    work.expect(right > 0.8, "after ten rounds %.2f of an easy task are right" % right)


def _cross(work: Work, model: "Any", rows: "Any", labels: "Any") -> None:
    from sklearn.model_selection import cross_val_score

    work.at("cross-validating as an estimator of scikit-learn")
    scores = cross_val_score(model, rows, labels, cv=3, error_score="raise")
    work.expect(scores.mean() > 0.7, "cross-validated %.2f of an easy task are right" % scores.mean())
    work.words["also"] = "also through scikit-learn"
